import { type Locator, type Page } from '@playwright/test';
import { type State } from '../../electron/contract/index.ts';
import { expect, test } from './support.ts';

const TONE = 'mic:demo-tone';
const cellOf = (page: Page, source: string, destination: string): Locator =>
  page.getByTestId(`cell:${source}|${destination}`);
const headerOf = (page: Page, id: string): Locator => page.locator(`[data-header][data-id="${id}"]`);
const routesTo = (state: State, destination: string): string[] =>
  state.config.routes.flatMap((route) => (route.destination === destination ? [route.source] : [])).sort();

/** Picks up with the mouse at `from` and goes to `to`, in steps as a hand does; does not let go. */
async function carry(page: Page, from: Locator, to: Locator): Promise<void> {
  await from.scrollIntoViewIfNeeded();
  const [a, b] = [(await from.boundingBox())!, (await to.boundingBox())!];
  const [x, y] = [a.x + a.width / 2, a.y + a.height - 10];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + 12, y + 12, { steps: 4 });
  await page.mouse.move(b.x + b.width / 2, b.y + b.height / 2, { steps: 12 });
}

test('several sources are picked and dropped at once; Escape puts them back', async ({ engine, page }) => {
  await page.goto(engine.http);
  const row = headerOf(page, 'demo-desktop.mic');
  const sources = [TONE, 'demo-laptop.return'];
  for (const id of sources)
    await headerOf(page, id).click({ modifiers: ['Control'], position: { x: 40, y: 60 } });
  for (const id of sources) await expect(headerOf(page, id)).toHaveClass(/selected/);
  await carry(page, headerOf(page, TONE), row);
  await expect(row).toHaveClass(/accepts/);
  await page.keyboard.press('Escape');
  await page.mouse.up();
  expect(routesTo(await engine.state(), 'demo-desktop.mic')).toEqual([]);
  await carry(page, headerOf(page, TONE), row);
  await expect(row).toHaveClass(/accepts/);
  await page.mouse.up();
  await expect
    .poll(async () => routesTo(await engine.state(), 'demo-desktop.mic'))
    .toEqual([...sources].sort());
});

test('what cannot be is shown while it is carried, and a gadget takes what suits it', async ({
  engine,
  page,
}) => {
  await page.goto(`${engine.http}/#/gadgets`);
  const card = page.getByTestId('gadget:demo-desktop');
  const own = page.getByTestId('source:demo-desktop.return');
  await carry(page, own, card);
  await expect(card).toHaveClass(/refuses/);
  await page.mouse.up();
  expect(routesTo(await engine.state(), 'demo-desktop.mic')).toEqual([]);
  await carry(page, page.getByTestId(`source:${TONE}`), card);
  await expect(card).toHaveClass(/accepts/);
  await page.mouse.up();
  await expect.poll(async () => routesTo(await engine.state(), 'demo-desktop.mic')).toEqual([TONE]);
});

test('the axes are filtered by kind and by state, by mouse and by keyboard', async ({ engine, page }) => {
  await page.goto(engine.http);
  const sources = page.locator('[data-header="source"]');
  await expect(sources.first()).toBeVisible();
  const all = await sources.count();
  await page.getByTestId('filters').click();
  await page.getByRole('checkbox', { name: 'Cameras' }).uncheck();
  await expect(headerOf(page, 'cam:demo-camera')).toHaveCount(0);
  await page.getByRole('checkbox', { name: 'Cameras' }).press('Space');
  await expect(sources).toHaveCount(all);
  const routed = page.getByRole('button', { name: 'Connected only' });
  await routed.press('Enter');
  await expect(headerOf(page, 'demo-desktop.mic')).toHaveCount(0);
  await expect(headerOf(page, 'demo-laptop.mic')).toHaveCount(1);
  await page.getByRole('button', { name: 'Trouble only' }).click();
  await expect(headerOf(page, 'demo-laptop.mic')).toHaveCount(0);
});

test('moves of a fader are one step of undo, by mouse and by keyboard', async ({ engine, page }) => {
  await page.goto(`${engine.http}/#/mixer`);
  const gain = async () =>
    ((await engine.state()).config.sources.find(({ id }) => id === TONE) as { gain: number }).gain;
  const fader = page.getByTestId(`fader:${TONE}`);
  await fader.focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('PageDown');
  await expect.poll(gain).toBe(-18);
  await page.keyboard.press('Control+z');
  await expect.poll(gain).toBe(0);
  await page.keyboard.press('Control+y');
  await expect.poll(gain).toBe(-18);
  await page.getByTestId('undo').click();
  await expect.poll(gain).toBe(0);
  await page.getByTestId('redo').click();
  await expect.poll(gain).toBe(-18);
});

test('a cell tells its reason where the pointer rests, and M mutes it', async ({ engine, page }) => {
  await page.goto(engine.http);
  await cellOf(page, 'demo-laptop.return', 'demo-laptop.mic').hover();
  await expect(page.getByTestId('cell-tip')).toContainText('Not possible');
  const cell = cellOf(page, TONE, 'demo-laptop.mic');
  await cell.focus();
  await page.keyboard.press('m');
  await expect(cell).toHaveAttribute('data-muted', 'true');
  await expect(page.getByTestId('announcer')).toContainText('muted');
  await page.keyboard.press('m');
  await expect(cell).toHaveAttribute('data-muted', 'false');
});

test('a channel is renamed where it stands, by mouse and by keyboard', async ({ engine, page }) => {
  await engine.run({ type: 'camera.add', name: 'Old name', kind: 'test' });
  await page.goto(engine.http);
  const header = headerOf(page, 'cam:old-name');
  const name = page.getByTestId('rename:cam:old-name');
  await header.click({ position: { x: 40, y: 60 } });
  await name.fill('Lectern');
  await page.keyboard.press('Enter');
  await expect(header).toContainText('Lectern');
  await page.keyboard.press('Escape');
  await expect(name).toHaveCount(0);
});

test.describe('on a phone, with a token', () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });

  test('the token is asked for once; tiles and mutes come first', async ({ lockedEngine: engine, page }) => {
    const authorization = 'Bearer open sesame';
    const send = (...commands: object[]) =>
      fetch(`${engine.http}/api/commands`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify(commands),
      });
    expect((await send({ type: 'gadget.add', name: 'Desk' })).status).toBe(200);
    await page.goto(engine.http);
    await page.getByTestId('token').fill('wrong');
    await page.keyboard.press('Enter');
    await expect(page.getByTestId('token')).toBeVisible();
    await page.getByTestId('token').fill('open sesame');
    await page.keyboard.press('Enter');
    const tile = page.getByTestId('tile:desk.webcam');
    await expect(tile).toBeVisible();
    const above = async (locator: Locator) => (await locator.boundingBox())!.y;
    expect(await above(tile)).toBeLessThan(await above(page.getByTestId('matrix')));
    const mute = page.getByTestId('mute:desk.webcam').first();
    await mute.tap();
    await expect(mute).toHaveAttribute('aria-pressed', 'true');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
    await page.reload();
    await expect(mute).toHaveAttribute('aria-pressed', 'true');
  });
});
