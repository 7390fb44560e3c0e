import { readFile } from 'node:fs/promises';
import { strFromU8, unzipSync } from 'fflate';
import { type Locator, type Page } from '@playwright/test';
import { type State } from '../../electron/contract/index.ts';
import { type EngineProcess } from '../support/engine-process.ts';
import { expect, test } from './support.ts';

/** Each test brings what it changes, and looks at nothing else. */
let engine: EngineProcess;
test.beforeEach(({ engine: restored }) => {
  engine = restored;
});

const TONE = 'mic:demo-tone';
const cellOf = (page: Page, source: string, destination: string): Locator =>
  page.getByTestId(`cell:${source}|${destination}`);
const open = (page: Page, view: string): Promise<unknown> => page.goto(`${engine.http}/#/${view}`);
const seen = <T>(select: (state: State) => T) =>
  expect.poll(async () => select(await engine.state()), { intervals: [20, 50, 100] });
/** A MUI select is a button with a list. */
async function choose(page: Page, testId: string, option: string | RegExp): Promise<void> {
  const field = page.locator('.MuiTextField-root', { has: page.getByTestId(testId) });
  await field.getByRole('combobox').click();
  await page.getByRole('option', { name: option }).click();
}

test('mixer: fader and mute by mouse and by keyboard', async ({ page }) => {
  await open(page, 'mixer');
  const fader = page.getByTestId('fader:demo-desktop.mic');
  await fader.focus();
  await page.keyboard.press('PageDown');
  const gain = (state: State) =>
    state.config.destinations.find(({ id }) => id === 'demo-desktop.mic') as { gain?: number };
  await seen((state) => gain(state).gain).toBe(-6);
  await fader.dblclick();
  await seen((state) => gain(state).gain).toBe(0);
  const mute = page.getByTestId('mute:demo-desktop.mic');
  const muted = (state: State) =>
    state.config.destinations.find(({ id }) => id === 'demo-desktop.mic')?.muted;
  await mute.click();
  await seen(muted).toBe(true);
  await mute.press('Enter');
  await seen(muted).toBe(false);
});

test('listening: asks once for the headphones, says everywhere that it is on, and is cleared with one click', async ({
  page,
}) => {
  await open(page, 'mixer');
  await page.getByTestId(`solo:${TONE}`).click();
  await page.getByTestId('solo-listen').click();
  await seen(({ status }) => status.solo).toEqual([TONE]);
  await page.getByTestId('nav:cameras').click();
  await page.getByTestId('solo-clear').click();
  await seen(({ status }) => status.solo).toEqual([]);
  await open(page, 'matrix');
  await cellOf(page, TONE, 'demo-desktop.mic').focus();
  await page.keyboard.press('s');
  await seen(({ status }) => status.solo).toEqual([TONE]);
  await page.keyboard.press('s');
  await seen(({ status }) => status.solo).toEqual([]);
});

test('a group mutes its members, and every place says that it was the group', async ({ page }) => {
  await open(page, 'mixer');
  await page.getByTestId('add-group').click();
  await page.getByTestId('group-name').fill('Speech');
  await page.getByTestId(`member:${TONE}`).check();
  await page.getByTestId('group-submit').click();
  await page.getByTestId('mute:group:speech').click();
  await expect(page.getByTestId(`group-muted:${TONE}`)).toContainText('Speech');
  await expect(page.getByTestId(`mute:${TONE}`)).toHaveAttribute('aria-pressed', 'false');
  await page.getByTestId('fader:group:speech').focus();
  await page.keyboard.press('PageDown');
  await seen(({ config }) => config.groups[0]?.gain).toBe(-6);
  await open(page, 'matrix');
  const cell = cellOf(page, TONE, 'demo-laptop.mic');
  await expect(cell).toHaveAttribute('data-group-muted', '');
  await expect(cell).toHaveAttribute('aria-label', /muted by Speech/);
  await engine.run({ type: 'group.remove', id: 'group:speech' });
  await expect(cell).not.toHaveAttribute('data-group-muted', '');
});

test('a microphone gets a room, talk-over and echo cancelling; a speaker its delay', async ({ page }) => {
  await open(page, 'mixer');
  await page.getByTestId(`settings:${TONE}`).click();
  await page.getByTestId('room').fill('Studio');
  await page.getByTestId('room').press('Enter');
  await page.getByText('Talk-over', { exact: true }).click();
  await choose(page, 'echo-reference', 'Demo speaker');
  const microphone = (state: State) => state.config.sources.find(({ id }) => id === TONE);
  await seen(microphone).toMatchObject({ room: 'Studio', talkOver: true, echo: { noiseSuppression: false } });
  await expect(page.getByTestId('echo-status')).toBeVisible();
  await choose(page, 'echo-reference', 'Off');
  await seen(microphone).toMatchObject({ echo: null });
  await page.keyboard.press('Escape');
  const speaker = (await engine.state()).config.destinations.find(({ kind }) => kind === 'speaker')!.id;
  await page.getByTestId(`settings:${speaker}`).click();
  await page.getByTestId('delay').getByRole('slider').focus();
  await page.keyboard.press('ArrowRight');
  await seen(({ config }) => config.destinations.find(({ id }) => id === speaker)).toMatchObject({
    delayMs: 1,
  });
});

test('talk and cough keys act while they are held, and end when the page is gone', async ({
  page,
  context,
}) => {
  await engine.run({ type: 'mute', id: TONE });
  await open(page, 'mixer');
  const talk = page.getByTestId(`talk:${TONE}`);
  await talk.focus();
  await page.keyboard.down('Space');
  await seen(({ status }) => status.held.talk).toEqual([TONE]);
  await page.keyboard.up('Space');
  await seen(({ status }) => status.held.talk).toEqual([]);
  const box = (await talk.boundingBox())!;
  await page.mouse.move(box.x + 5, box.y + 5);
  await page.mouse.down();
  await seen(({ status }) => status.held.talk).toEqual([TONE]);
  await page.close({ runBeforeUnload: false });
  await seen(({ status }) => status.held.talk).toEqual([]);
  await engine.run({ type: 'unmute', id: TONE });
  const other = await context.newPage();
  await open(other, 'settings');
  await choose(other, 'talk-microphone', 'Demo tone');
  await other.keyboard.down('c');
  await seen(({ status }) => status.held.cough).toEqual([TONE]);
  await other.keyboard.up('c');
  await seen(({ status }) => status.held.cough).toEqual([]);
});

test('cameras: one in the other, with its preview; turned, mirrored and blurred', async ({ page }) => {
  await engine.run({ type: 'camera.add', name: 'Inside', kind: 'test', pattern: 'green' });
  await open(page, 'cameras');
  await page.getByTestId('add-camera').click();
  await page.getByTestId('camera-name').fill('Both');
  await choose(page, 'camera-kind', 'Two cameras in one picture');
  await choose(page, 'composed-main', 'Demo camera');
  await choose(page, 'composed-inset', 'Inside');
  await expect(page.getByTestId('composed-preview')).toBeVisible();
  await page.getByTestId('camera-submit').click();
  await expect(page.getByTestId('source:cam:both')).toBeVisible();
  // A dialog that closes gives the focus back to where it was.
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await page.getByTestId('picture-settings:cam:inside').press('Enter');
  await page.getByTestId('rotate:90').click();
  await page.getByTestId('mirror').press('Space');
  await page.getByTestId('blur').click();
  await page.getByTestId('crop:left').getByRole('slider').focus();
  await page.keyboard.press('ArrowRight');
  await seen(({ config }) => config.sources.find(({ id }) => id === 'cam:inside')).toMatchObject({
    picture: { rotate: 90, mirror: true, blur: true, crop: { x: 0.01 } },
  });
  await page.keyboard.press('Escape');
  await page.getByTestId('remove:cam:both').click();
  await page.getByTestId('confirm').click();
  await expect(page.getByTestId('source:cam:both')).toHaveCount(0);
});

test('a stream is added: its address, its key and its QR code are shown', async ({ page }) => {
  await open(page, 'cameras');
  await page.getByTestId('add-ingest').click();
  await page.getByTestId('ingest-name').fill('Phone 2');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('ingest-address')).toHaveValue(/^rtmp:.*\/live\/./);
  await expect(page.getByRole('dialog').getByRole('img')).toBeVisible();
});

test('take mode: changes on air wait, are shown, and are taken with one key', async ({ page }) => {
  await engine.run({ type: 'camera.add', name: 'Next', kind: 'test', pattern: 'blue' });
  await open(page, 'matrix');
  await page.getByTestId('take-mode').click();
  const cell = cellOf(page, 'cam:next', 'demo-laptop.webcam');
  await cell.click();
  await expect(cell).toHaveAttribute('data-staged', 'route');
  await expect(cell).toHaveAttribute('data-state', 'off');
  await page.getByTestId('discard').click();
  await expect(cell).not.toHaveAttribute('data-staged', 'route');
  await cell.focus();
  await page.keyboard.press('Space');
  await expect(page.getByTestId('take-bar')).toBeVisible();
  await page.keyboard.press('t');
  await expect(cell).toHaveAttribute('data-state', /^(live|degraded)$/);
  await expect(page.getByTestId('take-bar')).toBeHidden();
  await page.getByTestId('take-mode').click();
  await engine.run({ type: 'undo' });
});

test('a scene is exported as a file and imported again', async ({ page }) => {
  await engine.run({ type: 'scene.save', name: 'To take along' });
  await open(page, 'scenes');
  const download = page.waitForEvent('download');
  await page.getByTestId('export:To take along').click();
  const file = await download;
  expect(file.suggestedFilename()).toBe('To take along.crosspoint-scene');
  const path = await file.path();
  await engine.run({ type: 'scene.delete', name: 'To take along' });
  await expect(page.getByTestId('scene:To take along')).toHaveCount(0);
  await page.getByTestId('scene-file').setInputFiles(path);
  await expect(page.getByTestId('scene:To take along')).toBeVisible();

  await page.getByTestId('scene-file').setInputFiles('package.json');
  await expect(page.getByText('This is not a scene of Crosspoint.')).toBeVisible();
  await engine.run({ type: 'scene.delete', name: 'To take along' });
});

test('scenes: save as, dirty mark, revert; recalled in part after a look at what will change; safe ones stay', async ({
  page,
}) => {
  await open(page, 'scenes');
  await page.getByTestId('scene-name').fill('Morning');
  await page.keyboard.press('Enter');
  const current = page.getByTestId('current-scene');
  await expect(current).toHaveAttribute('data-dirty', 'false');
  await engine.run(
    { type: 'setGain', id: TONE, gain: -20 },
    { type: 'mute', id: 'demo-laptop.webcam' },
    { type: 'mute', id: 'demo-desktop.webcam' },
  );
  await expect(current).toHaveAttribute('data-dirty', 'true');
  await engine.run({ type: 'channel.update', id: 'demo-desktop.webcam', safe: true });
  await page.getByTestId('part:Morning').click();
  await expect(page.getByTestId('recall-preview')).toContainText('Demo tone');
  await page.getByTestId('recall-media:video').click();
  await expect(page.getByTestId('recall-preview')).not.toContainText('Demo tone');
  await page.getByTestId('recall-begin').click();
  const muted = (state: State, id: string) => state.config.destinations.find((d) => d.id === id)?.muted;
  await seen((state) => [muted(state, 'demo-laptop.webcam'), muted(state, 'demo-desktop.webcam')]).toEqual([
    false,
    true,
  ]);
  const gain = (state: State) =>
    (state.config.sources.find(({ id }) => id === TONE) as { gain: number }).gain;
  expect(gain(await engine.state())).toBe(-20);
  await page.getByTestId('scene-revert').press('Enter');
  await seen(gain).toBe(0);
  await engine.run({ type: 'unmute', id: 'demo-desktop.webcam' });
});

test('a recall with a fade glides, and one undo takes all of it back', async ({ page }) => {
  const gain = (state: State) =>
    (state.config.sources.find(({ id }) => id === TONE) as { gain: number }).gain;
  await engine.run({ type: 'scene.save', name: 'Loud' });
  await engine.run({ type: 'setGain', id: TONE, gain: -40 });
  await open(page, 'scenes');
  await page.getByTestId('part:Loud').click();
  await page.getByTestId('fade').getByRole('slider').focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowRight');
  await page.getByTestId('recall-begin').click();
  await seen((state) => gain(state) > -40 && gain(state) < 0).toBe(true);
  await seen(gain).toBe(0);
  await page.getByTestId('undo').click();
  await seen(gain).toBe(-40);
  await engine.run({ type: 'setGain', id: TONE, gain: 0 });
});

test('channels are moved, coloured and given an icon; it is so after a reload and for others', async ({
  page,
}) => {
  await engine.run(
    { type: 'camera.add', name: 'Alpha', kind: 'test', pattern: 'red' },
    { type: 'camera.add', name: 'Omega', kind: 'test', pattern: 'red' },
  );
  await open(page, 'matrix');
  const names = () =>
    page
      .locator('[data-header="source"][data-id^="cam:"]')
      .evaluateAll((headers) => headers.map((header) => header.getAttribute('data-id')));
  const places = async () => {
    const all = await names();
    return all.indexOf('cam:omega') - all.indexOf('cam:alpha');
  };
  await expect.poll(places).toBe(1);
  await page.locator('[data-id="cam:omega"]').focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect.poll(places).toBe(-1);
  await page.locator('[data-id="cam:omega"]').click();
  await page.getByTestId('later:cam:omega').click();
  await expect.poll(places).toBe(1);
  await page.getByTestId('channel-settings:cam:omega').click();
  await page.getByTestId('colour:teal').click();
  await choose(page, 'icon', 'Presenter');
  await page.reload();
  await expect(page.locator('[data-id="cam:omega"]')).toHaveAttribute('data-colour', 'teal');
  await engine.run({ type: 'camera.remove', id: 'cam:alpha' }, { type: 'camera.remove', id: 'cam:omega' });
});

test('each axis is filtered by text; groups fold; rows and columns are swapped', async ({ page }) => {
  await open(page, 'matrix');
  await page.getByTestId('find-destinations').fill('laptop');
  await expect(page.getByTestId('destination:demo-desktop.webcam')).toHaveCount(0);
  await expect(page.getByTestId('destination:demo-laptop.webcam')).toBeVisible();
  await page.getByTestId('find-destinations').press('Escape');
  await page.getByTestId('find-sources').fill('tone');
  await expect(page.locator('[data-header="source"]')).toHaveCount(1);
  await page.getByTestId('find-sources').fill('');
  await page.getByRole('button', { name: 'Fold Cameras' }).click();
  await expect(page.locator('[data-id="cam:demo-camera"]')).toHaveCount(0);
  await page.getByRole('button', { name: 'Unfold Cameras' }).click();
  await page.getByTestId('transpose').press('Enter');
  await expect(page.locator('[role="rowheader"][data-id="cam:demo-camera"]')).toBeVisible();
  await page.getByTestId('transpose').click();
});

test('a source is picked up, carried and dropped by keyboard', async ({ page }) => {
  await open(page, 'matrix');
  const header = page.locator(`[data-id="${TONE}"]`);
  await header.focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('announcer')).toContainText('picked up');
  const target = cellOf(page, TONE, 'demo-desktop.mic');
  for (let i = 0; i < 8 && !(await target.evaluate((cell) => cell === document.activeElement)); i++)
    await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(target).toHaveAttribute('data-state', /^(live|degraded)$/);
  await page.keyboard.press('Space');
  await expect(target).toHaveAttribute('data-state', 'off');
});

test('locks: a locked destination refuses where the trouble is, and mutes all the same', async ({ page }) => {
  await open(page, 'matrix');
  const header = page.locator('[data-id="demo-desktop.mic"]');
  await header.focus();
  await page.keyboard.press('l');
  await seen(({ config }) => config.destinations.find(({ id }) => id === 'demo-desktop.mic')?.locked).toBe(
    true,
  );
  const cell = cellOf(page, TONE, 'demo-desktop.mic');
  await cell.click();
  await expect(cell).toHaveAttribute('data-refused', '');
  await page.getByTestId('mute:demo-desktop.mic').first().click();
  await seen(({ config }) => config.destinations.find(({ id }) => id === 'demo-desktop.mic')?.muted).toBe(
    true,
  );
  await engine.run({ type: 'unmute', id: 'demo-desktop.mic' }, { type: 'unlock', id: 'demo-desktop.mic' });
});

test('two browsers see what the other does within 200 ms', async ({ page, context }) => {
  const other = await context.newPage();
  await Promise.all([open(page, 'matrix'), open(other, 'matrix')]);
  const id = `cell:${TONE}|demo-desktop.mic`;
  const there = other.getByTestId(id);
  for (const cell of [page.getByTestId(id), there])
    await expect(cell).toHaveAttribute('data-routed', 'false');
  await other.evaluate((testId) => {
    const cell = document.querySelector(`[data-testid="${testId}"]`)!;
    const seen: number[] = ((window as { seen?: number[] }).seen = []);
    new MutationObserver(() => seen.push(Date.now())).observe(cell, { attributeFilter: ['data-routed'] });
  }, id);
  const delays: number[] = [];
  for (const routed of ['true', 'false', 'true', 'false', 'true', 'false']) {
    const clickedAt = await page.evaluate((testId) => {
      const at = Date.now();
      document.querySelector<HTMLElement>(`[data-testid="${testId}"]`)!.click();
      return at;
    }, id);
    await expect(there).toHaveAttribute('data-routed', routed);
    delays.push((await other.evaluate(() => (window as { seen?: number[] }).seen!.at(-1)!)) - clickedAt);
  }
  // The quickest of six: what else this machine is doing is not what is promised here.
  expect(Math.min(...delays)).toBeLessThan(200);
});

test('the log tells what was done and what came about', async ({ page }) => {
  await open(page, 'log');
  await engine.run({ type: 'mute', id: TONE }, { type: 'unmute', id: TONE });
  await expect(page.getByTestId('log')).toContainText('mute Demo tone');
  await page.getByTestId('find-log').fill('on air');
  await expect(page.getByTestId('log').getByRole('listitem').first()).toContainText('on air');
  await page.getByTestId('log:trouble').press('Enter');
});

test('a gadget: mix-minus is unlocked only after a warning; what goes wrong over SSH stays, with a hint', async ({
  page,
}) => {
  await engine.run({ type: 'gadget.add', name: 'Far', host: '127.0.0.1', port: 9 });
  await open(page, 'gadgets');
  const card = page.getByTestId('gadget:far');
  await card.getByTestId('more:far').click();
  await page.getByTestId('mix-minus:far').click();
  await expect(page.getByRole('dialog')).toContainText('echo');
  await page.getByTestId('confirm').click();
  await seen(({ config }) => config.gadgets.find(({ id }) => id === 'far')?.mixMinus).toBe(false);
  await card.getByTestId('mix-minus-lock:far').click();
  await seen(({ config }) => config.gadgets.find(({ id }) => id === 'far')?.mixMinus).toBe(true);
  await card.getByTestId('provision:far').press('Enter');
  await page.getByTestId('ssh-password').fill('wrong');
  await page.keyboard.press('Enter');
  await expect(card.getByTestId('management')).toHaveAttribute('data-state', /^(failed|unreachable)$/, {
    timeout: 20_000,
  });
  await expect(card.getByRole('alert').first()).toBeVisible();
  await card.getByTestId('remove:far').click();
  await page.getByTestId('confirm').click();
  await expect(card).toHaveCount(0);
});

test('settings of the box are set by mouse and by keyboard', async ({ page }) => {
  await open(page, 'settings');
  await page.getByTestId('slate-after').getByRole('slider').focus();
  await page.keyboard.press('ArrowRight');
  await seen(({ config }) => config.settings.slateAfterMs).toBe(600);
  await choose(page, 'solo-destination', 'Demo speaker');
  await seen(({ config }) => config.settings.soloDestination).toMatch(/^speaker:/);
  await page.getByTestId('slate-no-signal').fill('/nowhere/at-all.png');
  await page.keyboard.press('Enter');
  await seen(({ config }) => config.settings.slates.noSignal).toBe('/nowhere/at-all.png');
  await page.getByTestId('slate-no-signal').fill('');
  await page.keyboard.press('Enter');
  await seen(({ config }) => config.settings.slates.noSignal).toBe(null);
});

test('diagnostics are downloaded by mouse and by keyboard, without secrets; a refusal stays there', async ({
  page,
}) => {
  const { results } = await engine.run({ type: 'ingest.add', name: 'Secret phone' });
  const key = String(results[0]?.key);
  await open(page, 'settings');
  const button = page.getByTestId('diagnostics');
  for (const press of [() => button.click(), () => button.press('Enter')]) {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    expect(download.suggestedFilename()).toMatch(/^crosspoint-diagnostics-\d{4}-\d\d-\d\d-\d{4}\.zip$/);
    const files = unzipSync(await readFile(await download.path()));
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining(['crosspoint/doctor.txt', 'crosspoint/state.json', 'crosspoint/log.json']),
    );
    const text = Object.values(files).map((bytes) => strFromU8(bytes));
    expect(text.join('\n')).toContain('Secret phone');
    expect(text.join('\n')).not.toContain(key);
  }
  await page.route('**/api/diagnostics', (route) => route.abort());
  await button.click();
  await expect(page.getByRole('alert')).toContainText('does not answer');
  await page.unroute('**/api/diagnostics');
  await Promise.all([page.waitForEvent('download'), button.click()]);
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('panic by key from anywhere, and undone with one click, locked or not', async ({ page }) => {
  await engine.run({ type: 'lock', id: 'demo-laptop.webcam' });
  await open(page, 'scenes');
  await page.getByTestId('scene-name').focus();
  await page.keyboard.press('Control+Shift+M');
  await expect(page.getByTestId('panicked')).toBeVisible();
  await page.getByTestId('panicked').getByRole('button').click();
  await expect(page.getByTestId('panicked')).toBeHidden();
  await engine.run({ type: 'unlock', id: 'demo-laptop.webcam' });
});

test.describe('with a finger', () => {
  test.use({ hasTouch: true, viewport: { width: 900, height: 1100 } });

  test('a camera is dragged onto a webcam', async ({ page, context }) => {
    await engine.run({ type: 'camera.add', name: 'Finger', kind: 'test', pattern: 'red' });
    await open(page, 'matrix');
    const from = (await page.locator('[data-id="cam:finger"]').boundingBox())!;
    const cell = cellOf(page, 'cam:finger', 'demo-desktop.webcam');
    const to = (await cell.boundingBox())!;
    const touch = await context.newCDPSession(page);
    const at = (x: number, y: number) => [{ x, y }];
    const send = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
      touch.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    const [x, y] = [from.x + from.width / 2, from.y + from.height - 12];
    const [tx, ty] = [to.x + to.width / 2, to.y + to.height / 2];
    await send('touchStart', at(x, y));
    // A finger that rests picks up; the drag image says so.
    await expect
      .poll(async () => {
        await send('touchMove', at(x + 1, y + 1));
        return page.locator('[data-id="cam:finger"]').getAttribute('class');
      })
      .toContain('carried');
    for (let i = 1; i <= 10; i++)
      await send('touchMove', at(x + ((tx - x) * i) / 10, y + ((ty - y) * i) / 10));
    await expect(cell).toHaveClass(/accepts/);
    await send('touchEnd', []);
    await expect(cell).toHaveAttribute('data-state', /^(live|degraded)$/);
    await engine.run({ type: 'undo' });
  });
});
