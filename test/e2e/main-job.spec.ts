import { type Locator, type Page } from '@playwright/test';
import { spawn } from 'node:child_process';
import { expect, test } from './support.ts';

/** Mean colour of the picture that an element shows. */
function meanColour(picture: Locator): Promise<readonly number[]> {
  return picture.evaluate((element) => {
    const shown = element.matches('canvas, img') ? element : element.querySelector('canvas, img');
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 8;
    const context = canvas.getContext('2d');
    if (!context || !shown) return [];
    context.drawImage(shown as CanvasImageSource, 0, 0, 8, 8);
    return [...context.getImageData(4, 4, 1, 1).data.subarray(0, 3)];
  });
}

const isRed = ([r, g, b]: readonly number[]) => r! > 130 && g! < 100 && b! < 100;
const isBlue = ([r, g, b]: readonly number[]) => b! > 130 && r! < 100 && g! < 100;

/** Drag with the mouse, in steps, as a hand does. */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.scrollIntoViewIfNeeded();
  const [a, b] = [await from.boundingBox(), await to.boundingBox()];
  if (!a || !b) throw new Error('nothing to drag');
  await page.mouse.move(a.x + a.width / 2, a.y + a.height / 2);
  await page.mouse.down();
  await page.mouse.move(a.x + a.width / 2 + 12, a.y + a.height / 2 + 12, { steps: 4 });
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 12 });
  await page.mouse.up();
}

test('the second camera is dragged onto the webcam and its picture is seen there', async ({
  engine,
  page,
}) => {
  test.slow();
  await engine.run(
    { type: 'camera.add', name: 'Red', kind: 'test', pattern: 'red' },
    { type: 'camera.add', name: 'Blue', kind: 'test', pattern: 'blue' },
    { type: 'route', source: 'cam:red', destination: 'demo-laptop.webcam' },
  );
  await page.goto(engine.http);
  const tile = page.getByTestId('tile:demo-laptop.webcam');
  const picture = tile.getByTestId('picture:demo-laptop.webcam');
  await expect.poll(async () => isRed(await meanColour(picture)), { timeout: 30_000 }).toBe(true);

  await drag(page, page.getByTestId('source:cam:blue').first(), tile);
  await expect(page.getByTestId('cell:cam:blue|demo-laptop.webcam')).toHaveAttribute(
    'data-state',
    /^(live|degraded)$/,
  );
  await expect(page.getByTestId('cell:cam:red|demo-laptop.webcam')).toHaveAttribute('data-state', 'off');
  await expect.poll(async () => isBlue(await meanColour(picture)), { timeout: 30_000 }).toBe(true);
  expect(
    (await engine.state()).config.routes.find(({ destination }) => destination === 'demo-laptop.webcam')
      ?.source,
  ).toBe('cam:blue');

  await drag(
    page,
    page.getByTestId('source:cam:red').first(),
    page.getByTestId('cell:cam:red|demo-desktop.webcam'),
  );
  await expect(page.getByTestId('cell:cam:red|demo-desktop.webcam')).toHaveAttribute(
    'data-state',
    /^(live|degraded)$/,
  );
});

test('a gain is moved, a channel is muted, and after a reload all is as it was', async ({ engine, page }) => {
  await page.goto(engine.http);
  const cell = page.getByTestId('cell:mic:demo-tone|demo-laptop.mic');
  await expect(cell).toHaveAttribute('data-state', /^(live|degraded)$/);
  await cell.click({ button: 'right' });
  const popover = page.getByTestId('cell-popover');
  await expect(popover).toBeVisible();
  await popover.getByRole('slider').focus();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  const moved = -4;
  await expect
    .poll(
      async () => (await engine.state()).config.routes.find(({ source }) => source === 'mic:demo-tone')?.gain,
    )
    .toBe(moved);
  await page.keyboard.press('Escape');
  await page.getByTestId('mute:demo-laptop.webcam').first().click();
  await expect
    .poll(
      async () =>
        (await engine.state()).config.destinations.find(({ id }) => id === 'demo-laptop.webcam')?.muted,
    )
    .toBe(true);

  await page.reload();
  await expect(page.getByTestId('mute:demo-laptop.webcam').first()).toHaveAttribute('aria-pressed', 'true');
  await expect(page.getByTestId('cell:mic:demo-tone|demo-laptop.mic')).toContainText(
    `−${Math.abs(moved).toFixed(1)} dB`,
  );
  await expect(page.getByTestId('cell:cam:demo-camera|demo-laptop.webcam')).toHaveAttribute(
    'data-state',
    'live',
  );
});

test('a click on a cell routes and unroutes; what another client does is seen at once', async ({
  engine,
  page,
}) => {
  await page.goto(engine.http);
  const cell = page.getByTestId('cell:mic:demo-tone|demo-desktop.mic');
  await cell.click();
  await expect(cell).toHaveAttribute('data-state', /^(live|degraded)$/);
  await engine.run({ type: 'unroute', source: 'mic:demo-tone', destination: 'demo-desktop.mic' });
  await expect(cell).toHaveAttribute('data-state', 'off');
  await page.getByTestId('panic').click();
  await expect
    .poll(async () => (await engine.state()).config.sources.find(({ id }) => id === 'mic:demo-tone')?.muted)
    .toBe(true);
});

test('the page says when the engine is gone and is itself again when it returns', async ({
  emptyEngine: engine,
  page,
}) => {
  await engine.run({ type: 'gadget.add', name: 'Desk' });
  await page.goto(engine.http);
  const connection = page.getByTestId('connection');
  await expect(connection).toHaveAttribute('data-state', 'open');
  await engine.stop('SIGKILL');
  await expect(connection).not.toHaveAttribute('data-state', 'open');
  await expect(page.getByTestId('not-connected')).toBeVisible();
  await using again = await engine.restart();
  await again.run({ type: 'gadget.add', name: 'Office' });
  await expect(connection).toHaveAttribute('data-state', 'open');
  await expect(page.getByTestId('not-connected')).toBeHidden();
  await expect(page.getByTestId('tile:office.webcam')).toBeVisible();
});

test('an engine that hangs is not shown as connected, and is there again by itself', async ({
  emptyEngine: engine,
  page,
}) => {
  await engine.run({ type: 'gadget.add', name: 'Desk' });
  await page.goto(engine.http);
  const connection = page.getByTestId('connection');
  await expect(connection).toHaveAttribute('data-state', 'open');
  const { pid = 0 } = engine.child;
  process.kill(pid, 'SIGSTOP');
  try {
    await expect(connection).not.toHaveAttribute('data-state', 'open');
    await expect(page.getByTestId('not-connected')).toBeVisible();
  } finally {
    process.kill(pid, 'SIGCONT');
  }
  await expect(connection).toHaveAttribute('data-state', 'open', { timeout: 20_000 });
});

test('a beginner with an empty box starts the demo rig with one click', async ({
  emptyEngine: engine,
  page,
}) => {
  await page.goto(engine.http);
  await page.getByTestId('start-demo').click();
  await expect(page.getByTestId('cell:cam:demo-camera|demo-laptop.webcam')).toHaveAttribute(
    'data-state',
    'live',
    { timeout: 20_000 },
  );
  await expect(page.getByTestId('cell:mic:demo-tone|demo-laptop.mic')).toHaveAttribute(
    'data-state',
    /^(live|degraded)$/,
  );
});

test('the first steps lead from nothing to the first picture, and go when they are finished', async ({
  emptyEngine: engine,
  page,
}) => {
  await page.goto(engine.http);
  await page.getByRole('link', { name: 'Add a camera' }).click();
  await page.getByTestId('add-camera').click();
  await page.getByTestId('camera-name').fill('Front');
  await page
    .locator('.MuiTextField-root', { has: page.getByTestId('camera-kind') })
    .getByRole('combobox')
    .click();
  await page.getByRole('option', { name: 'Test pattern' }).click();
  await page.getByTestId('camera-submit').click();
  await expect(page.getByTestId('source:cam:front')).toBeVisible();
  const { results } = await engine.run({ type: 'gadget.add', name: 'Desk' });
  await page.getByTestId('nav:matrix').click();
  const guide = page.getByTestId('guide');
  await expect(guide).toHaveAttribute('data-step', 'connect');
  const player = spawn(
    'ffmpeg',
    ['-v', 'error', '-i', `${engine.rtmp}/gadget/desk?token=${String(results[0]?.token)}`, '-f', 'null', '-'],
    { stdio: 'ignore' },
  );
  try {
    await expect(guide).toHaveAttribute('data-step', 'route');
    await page.getByTestId('guide-route').click();
    await expect(guide).toHaveAttribute('data-step', 'finished');
    await page.getByTestId('guide-close').press('Enter');
    await expect(guide).toBeHidden();
  } finally {
    player.kill('SIGKILL');
  }
});
