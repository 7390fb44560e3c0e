import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { type BridgeAnswer } from '../../../electron/contract/bridge.ts';
import { decodePicture, type ServerEvent } from '../../../electron/contract/index.ts';
import { CHANNELS } from '../../../electron/shell/channels.ts';
import { Ipc } from '../../../electron/shell/ipc.ts';
import { RIG } from '../../support/engine-model.ts';
import { engineOn } from '../../support/engine-rig.ts';
import { electron, FakeContents, type FakeFrame, resetElectron } from '../../support/shell-electron.ts';

vi.mock('electron', async () => (await import('../../support/shell-electron.ts')).electron);

let rig: Awaited<ReturnType<typeof engineOn>>;
let ipc: Ipc;
let page: FakeContents;

beforeEach(async () => {
  resetElectron();
  rig = await engineOn(RIG);
  ipc = new Ipc({ engine: rig.engine, log: silentLogger });
  page = new FakeContents();
  ipc.admit(page as never);
});
afterEach(async () => {
  await ipc.dispose();
  await rig.dispose();
});

interface Sender {
  sender: FakeContents;
  senderFrame: FakeFrame | null;
}
const own = (): Sender => ({ sender: page, senderFrame: page.mainFrame });
const send = (commands: unknown, from: Sender = own()) =>
  electron.ipcMain.handlers.get(CHANNELS.commands)!(from, commands) as Promise<BridgeAnswer>;
const post = (channel: string, value: unknown, from: Sender = own()) =>
  void electron.ipcMain.emit(channel, from, value);
/** Without the log of what happened, which is told beside. */
const events = () =>
  (page.sentOn(CHANNELS.event) as [number, ServerEvent][]).filter(([, { type }]) => type !== 'events');
const watch = (wish: object) => post(CHANNELS.watch, { type: 'watch', ...wish });

describe('commands', () => {
  it('are carried out and answered with the revision', async () => {
    expect(await send({ type: 'route', source: 'cam:front', destination: 'desk.webcam' })).toEqual({
      ok: true,
      response: { revision: 1, results: [{}] },
    });
    expect(rig.engine.state.config.routes).toHaveLength(1);
  });

  it('that the engine refuses come back with its code and sentence', async () => {
    expect(await send({ type: 'route', source: 'cam:front', destination: 'desk.mic' })).toMatchObject({
      ok: false,
      error: { code: 'wrong-media' },
    });
    expect(await send({ type: 'mute', id: 'nobody' })).toMatchObject({
      ok: false,
      error: { code: 'unknown-id' },
    });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['a number', 7],
    ['a text', 'panic'],
    ['an unknown command', { type: 'format-disk' }],
    ['an inherited name', { type: 'constructor' }],
    ['a gain out of range', { type: 'route', source: 'mic:desk', destination: 'desk.mic', gain: 99 }],
    ['a field too much', { type: 'panic', now: true }],
    ['an empty list', []],
    ['too long a list', Array.from({ length: 1001 }, () => ({ type: 'panic' }))],
  ])('malformed: %s is refused and changes nothing', async (_what, commands) => {
    expect(await send(commands)).toMatchObject({
      ok: false,
      error: { message: expect.stringMatching(/\w/) as string },
    });
    expect(rig.engine.state.revision).toBe(0);
  });
});

describe('foreign senders', () => {
  const frame = (changes: Partial<FakeFrame>): FakeFrame => ({ ...page.mainFrame, ...changes });
  const foreign: [string, () => Sender][] = [
    ['a window that was not admitted', () => ({ sender: new FakeContents(), senderFrame: page.mainFrame })],
    [
      'a page from the network',
      () => ({ sender: page, senderFrame: frame({ url: 'https://example.org/' }) }),
    ],
    ['a lookalike', () => ({ sender: page, senderFrame: frame({ url: 'app://crosspoint.example/' }) })],
    ['a frame inside of the page', () => ({ sender: page, senderFrame: frame({ parent: page.mainFrame }) })],
    ['a frame that is gone', () => ({ sender: page, senderFrame: null })],
  ];

  it.each(foreign)('%s commands nothing', async (_who, from) => {
    expect(await send({ type: 'panic' }, from())).toMatchObject({ ok: false, error: { code: 'forbidden' } });
    expect(rig.engine.state.revision).toBe(0);
  });

  it.each(foreign)('%s hears nothing', (_who, from) => {
    post(CHANNELS.subscribe, 1, from());
    expect(page.sent).toEqual([]);
  });

  it('a window that was destroyed is foreign', async () => {
    page.emit('destroyed');
    expect(await send({ type: 'panic' })).toMatchObject({ ok: false, error: { code: 'forbidden' } });
  });
});

describe('a subscription', () => {
  it('starts with a snapshot and goes on with patches', async () => {
    post(CHANNELS.subscribe, 1);
    expect(events()).toMatchObject([[1, { type: 'snapshot', revision: 0, state: { revision: 0 } }]]);
    await rig.run({ type: 'mute', id: 'cam:front' });
    expect(events().slice(1)).toMatchObject([[1, { type: 'patch', revision: 1 }]]);
  });

  it('is replaced by the next one and ends when asked', async () => {
    post(CHANNELS.subscribe, 1);
    post(CHANNELS.subscribe, 2);
    post(CHANNELS.unsubscribe, 1);
    await rig.run({ type: 'mute', id: 'cam:front' });
    expect(events().map(([number, { type }]) => `${number} ${type}`)).toEqual([
      '1 snapshot',
      '2 snapshot',
      '2 patch',
    ]);
    post(CHANNELS.unsubscribe, 2);
    await rig.run({ type: 'unmute', id: 'cam:front' });
    expect(events()).toHaveLength(3);
  });

  it.each([[undefined], ['1'], [0], [1.5], [{}]])('with the number %j is refused', (number) => {
    post(CHANNELS.subscribe, number);
    expect(page.sent).toEqual([]);
  });

  it('is forgotten when the page is loaded anew, with what it looked at', () => {
    post(CHANNELS.subscribe, 1);
    watch({ meters: ['mic:desk'], pictures: ['cam:front'] });
    page.emit('did-start-navigation', { isMainFrame: true, isSameDocument: false });
    expect(rig.audio.metered).toEqual([]);
    post(CHANNELS.subscribe, 1);
    expect(rig.video.followers.size).toBe(0);
  });
});

describe('meters and pictures', () => {
  it('flow while they are looked at, and end with the wish', () => {
    post(CHANNELS.subscribe, 1);
    watch({ meters: ['mic:desk'], pictures: ['cam:front', 'cam:gone'] });
    expect(rig.audio.metered).toEqual(['mic:desk']);
    rig.audio.onLevels?.({ 'mic:desk': [-20] });
    expect(events().at(-1)).toEqual([1, { type: 'levels', levels: { 'mic:desk': [-20] } }]);
    expect([...rig.video.followers.keys()]).toEqual(['cam:front']);
    watch({});
    expect(rig.audio.metered).toEqual([]);
    expect(rig.video.followers.size).toBe(0);
  });

  it('a page that has not taken its picture gets no further one of that source', () => {
    post(CHANNELS.subscribe, 1);
    watch({ pictures: ['cam:front'] });
    const show = rig.video.followers.get('cam:front')!;
    for (const byte of [1, 2, 3]) show(new Uint8Array([byte]));
    const [[number, picture, message], ...more] = page.sentOn(CHANNELS.picture) as [
      [number, number, Uint8Array],
    ];
    expect(number).toBe(1);
    expect(decodePicture(message)).toEqual({ id: 'cam:front', jpeg: new Uint8Array([1]) });
    expect(more).toEqual([]);
    post(CHANNELS.pictureTaken, picture);
    show(new Uint8Array([4]));
    expect(page.sentOn(CHANNELS.picture)).toHaveLength(2);
  });

  it('rest while the window is hidden and come back with it', () => {
    post(CHANNELS.subscribe, 1);
    watch({ meters: ['mic:desk'], pictures: ['cam:front'] });
    ipc.setVisible(page as never, false);
    expect(rig.audio.metered).toEqual([]);
    expect(rig.video.followers.size).toBe(0);
    ipc.setVisible(page as never, true);
    expect(rig.audio.metered).toEqual(['mic:desk']);
    expect([...rig.video.followers.keys()]).toEqual(['cam:front']);
  });

  it.each([
    ['too many', { type: 'watch', meters: Array.from({ length: 257 }, String) }],
    ['an unknown kind', { type: 'listen' }],
    ['no list', { type: 'watch', meters: 'mic:desk' }],
    ['nothing', undefined],
  ])('a malformed wish (%s) is refused and the former one stays', (_what, wish) => {
    post(CHANNELS.subscribe, 1);
    watch({ meters: ['mic:desk'] });
    post(CHANNELS.watch, wish);
    expect(rig.audio.metered).toEqual(['mic:desk']);
  });

  it('end when the window is destroyed', () => {
    post(CHANNELS.subscribe, 1);
    watch({ meters: ['mic:desk'], pictures: ['cam:front'] });
    page.emit('destroyed');
    expect(rig.audio.metered).toEqual([]);
    expect(rig.video.followers.size).toBe(0);
  });
});

it('disposing leaves no handler behind', async () => {
  await ipc.dispose();
  expect(electron.ipcMain.handlers.size).toBe(0);
  expect(electron.ipcMain.eventNames()).toEqual([]);
});
