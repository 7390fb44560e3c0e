import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type PatchOperation, type ServerEvent, type State } from '../../../electron/contract/index.ts';
import { engineOn } from '../../support/engine-rig.ts';
import { RIG } from '../../support/engine-model.ts';

let rig: Awaited<ReturnType<typeof engineOn>>;
beforeEach(async () => {
  rig = await engineOn(RIG);
});
afterEach(() => rig.dispose());

/** What an RFC 6902 client makes of a snapshot and the patches that follow. */
function patched(state: State, events: readonly ServerEvent[]): unknown {
  const document = structuredClone(state) as unknown;
  const apply = ({ path, ...operation }: PatchOperation): void => {
    const keys = path
      .split('/')
      .slice(1)
      .map((key) => key.replace(/~1/g, '/').replace(/~0/g, '~'));
    const last = keys.pop()!;
    const parent = keys.reduce((value, key) => (value as Record<string, unknown>)[key], document) as
      Record<string, unknown> | unknown[];
    if (Array.isArray(parent)) {
      const index = last === 'length' ? Number.NaN : Number(last);
      if (operation.op === 'remove') parent.splice(index, 1);
      else if (operation.op === 'add') parent.splice(index, 0, operation.value);
      else parent[index] = operation.value;
    } else if (operation.op === 'remove') delete parent[last];
    else parent[last] = operation.value;
  };
  for (const event of events)
    if (event.type === 'patch') structuredClone(event.ops).forEach((operation) => apply(operation));
  return document;
}

test('a route reaches the planes at once and the state at the same time', async () => {
  const done = rig.run(
    { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
    { type: 'route', source: 'mic:desk', destination: 'desk.mic', gain: -6 },
  );
  expect(rig.video.desired?.outputs.find(({ id }) => id === 'desk.webcam')?.source).toBe('cam:front');
  expect(rig.audio.desired?.routes).toEqual([
    { source: 'mic:desk', destination: 'desk.mic', gainDb: -6, muted: false },
  ]);
  expect(rig.engine.state.revision).toBe(1);
  expect((await done).revision).toBe(1);
});

test('patches lead a client from its snapshot to the same state', async () => {
  const before = rig.engine.state;
  const events: ServerEvent[] = [];
  rig.engine.onEvent((event) => events.push(event));
  await rig.run({ type: 'route', source: 'cam:front', destination: 'desk.webcam' });
  await rig.run({ type: 'camera.add', name: 'Third', kind: 'test' });
  await rig.run({ type: 'camera.remove', id: 'cam:front' });
  await rig.run({ type: 'scene.save', name: 'a/b~c' });
  await rig.run({ type: 'gadget.remove', id: 'office' });
  await rig.run({ type: 'undo' });
  rig.video.report({ outputs: { 'desk.webcam': { state: 'offline', reason: 'x' } } });
  await rig.run({ type: 'rename', id: 'cam:back', name: 'Rear' });
  expect(patched(before, events)).toEqual(JSON.parse(JSON.stringify(rig.engine.state)));
});

test('a command that changes nothing makes no revision and no patch', async () => {
  await rig.run({ type: 'mute', id: 'mic:desk' });
  const events: ServerEvent[] = [];
  rig.engine.onEvent((event) => events.push(event));
  expect((await rig.run({ type: 'mute', id: 'mic:desk' })).revision).toBe(1);
  expect(events).toEqual([]);
});

describe('undo', () => {
  test('takes back one command after another, and redo brings them again', async () => {
    await rig.run({ type: 'route', source: 'cam:front', destination: 'desk.webcam' });
    await rig.run({ type: 'route', source: 'cam:back', destination: 'desk.webcam' });
    expect(rig.engine.state.status.history).toEqual({ undo: 'route Back to Desk', redo: null });
    await rig.run({ type: 'undo' });
    expect(rig.engine.state.config.routes.map(({ source }) => source)).toEqual(['cam:front']);
    await rig.run({ type: 'undo' });
    expect(rig.engine.state.config.routes).toEqual([]);
    await expect(rig.run({ type: 'undo' })).rejects.toMatchObject({ code: 'nothing-to-undo' });
    await rig.run({ type: 'redo' });
    await rig.run({ type: 'redo' });
    expect(rig.engine.state.config.routes.map(({ source }) => source)).toEqual(['cam:back']);
    await expect(rig.run({ type: 'redo' })).rejects.toMatchObject({ code: 'nothing-to-redo' });
  });

  test('a moved fader is one step', async () => {
    await rig.run({ type: 'route', source: 'mic:desk', destination: 'desk.mic' });
    for (const gain of [-1, -2, -3])
      await rig.run({ type: 'setGain', source: 'mic:desk', destination: 'desk.mic', gain });
    await rig.run({ type: 'undo' });
    expect(rig.engine.state.config.routes[0]?.gain).toBe(0);
  });

  test('a removed gadget comes back with its routes and its token', async () => {
    await rig.run({ type: 'route', source: 'mic:desk', destination: 'desk.mic' });
    const token = (await rig.run({ type: 'reveal', id: 'desk' })).results[0]?.token;
    const before = rig.engine.state.config;
    await rig.run({ type: 'gadget.remove', id: 'desk' });
    await rig.run({ type: 'undo' });
    expect(rig.engine.state.config).toEqual(before);
    expect((await rig.run({ type: 'reveal', id: 'desk' })).results[0]?.token).toBe(token);
  });

  test('takes a panic back, also what it did to locked destinations', async () => {
    await rig.run({ type: 'lock', id: 'desk.webcam' });
    await rig.run({ type: 'panic' });
    const webcam = () => rig.engine.state.config.destinations.find(({ id }) => id === 'desk.webcam');
    expect(webcam()).toMatchObject({ muted: true, locked: true });
    await rig.run({ type: 'undo' });
    expect(webcam()).toMatchObject({ muted: false, locked: true });
  });

  test('leaves alone what was locked since', async () => {
    await rig.run({ type: 'route', source: 'mic:desk', destination: 'desk.mic' });
    await rig.run({ type: 'lock', id: 'desk.mic' });
    await expect(rig.run({ type: 'undo' })).rejects.toMatchObject({ code: 'locked' });
    expect(rig.engine.state.config.routes).toHaveLength(1);
  });
});

describe('sound devices', () => {
  const yeti = { name: 'alsa_input.usb-Yeti.analog', description: 'Yeti' };

  test('a new one on a rig in use comes muted and unrouted', () => {
    rig.audio.report({ devices: { microphones: [yeti], speakers: [] } });
    expect(rig.engine.state.config.sources.at(-1)).toMatchObject({
      id: 'mic:alsa-input-usb-yeti-analog',
      label: 'Yeti',
      muted: true,
    });
  });

  test('on the first start of all it comes open', async () => {
    const fresh = await engineOn(undefined, { fresh: true });
    fresh.audio.report({ devices: { microphones: [yeti], speakers: [] } });
    fresh.audio.report({ devices: { microphones: [yeti, { ...yeti, name: 'second' }], speakers: [] } });
    expect(fresh.engine.state.config.sources.map(({ muted }) => muted)).toEqual([false, true]);
    await fresh.dispose();
  });

  test('one that is unplugged stays with its routes, is shown offline, and is itself again when it returns', async () => {
    const offline = (): string | undefined => rig.engine.state.status.devices['mic:desk']?.state;
    const refreshed = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    rig.audio.report({ devices: { microphones: [{ name: 'desk', description: 'Desk mic' }], speakers: [] } });
    await rig.run({ type: 'route', source: 'mic:desk', destination: 'desk.mic' });
    expect(offline()).toBe('online');
    rig.audio.report({ devices: { microphones: [], speakers: [] } });
    await refreshed();
    expect(offline()).toBe('offline');
    expect(rig.engine.state.status.problems.map(({ subject }) => subject)).toContain('mic:desk');
    rig.audio.report({ devices: { microphones: [{ name: 'desk', description: 'Desk mic' }], speakers: [] } });
    await refreshed();
    expect(offline()).toBe('online');
    expect(rig.engine.state.config.routes).toHaveLength(1);
    expect(rig.engine.state.config.sources.filter(({ kind }) => kind === 'microphone')).toHaveLength(1);
  });
});

test('a cell says what is so: impossible, off, pending, offline while the gadget is away, then what the plane reports', async () => {
  const cell = (key: string): string | undefined => rig.engine.state.status.cells[key]?.state;
  expect(cell('desk.return|desk.mic')).toBe('impossible');
  expect(cell('mic:desk|desk.mic')).toBe('off');
  expect(cell('mic:desk|desk.webcam')).toBeUndefined();
  rig.audio.report({ devices: { microphones: [{ name: 'desk', description: '' }], speakers: [] } });
  await rig.run({ type: 'route', source: 'mic:desk', destination: 'desk.mic' });
  expect(cell('mic:desk|desk.mic')).toBe('pending');
  const refreshed = async (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  rig.audio.report({ crosspoints: { 'mic:desk|desk.mic': { state: 'live', latencyMs: 13 } } });
  await refreshed();
  expect(cell('mic:desk|desk.mic')).toBe('offline');
  rig.audio.report({ gadgets: { desk: { connected: true } } });
  await refreshed();
  expect(rig.engine.state.status.cells['mic:desk|desk.mic']).toEqual({ state: 'live', latencyMs: 13 });
});

test('secrets are not part of the state', async () => {
  const { results } = await rig.run({ type: 'ingest.add', name: 'OBS' });
  expect(results[0]).toMatchObject({ id: 'ingest:obs', key: expect.stringMatching(/^[\w-]{24}$/) as string });
  expect(JSON.stringify(rig.engine.state)).not.toContain(results[0]?.key);
});

test('a disk that cannot be written does not keep a mute from working, and is shown until it can', async () => {
  await rig.store.close();
  await rig.run({ type: 'mute', id: 'mic:desk' });
  await new Promise((resolve) => setImmediate(resolve));
  expect(rig.audio.desired?.sources.find(({ id }) => id === 'mic:desk')?.muted).toBe(true);
  expect(rig.engine.state.status.problems.map(({ id }) => id)).toEqual(['save']);
});

test('undo cannot hide in a list', async () => {
  await expect(rig.run({ type: 'panic' }, { type: 'undo' })).rejects.toMatchObject({ code: 'bad-request' });
});

describe('cameras that are plugged in', () => {
  const brio = { device: '/dev/v4l/by-id/usb-Brio', label: 'Brio', formats: [], controls: [] };
  const sources = (engine = rig.engine) => engine.state.config.sources.filter(({ id }) => id === 'cam:brio');

  test('come into the matrix by themselves: once, muted on a rig in use, and not on a new one', async () => {
    rig.video.report({ cameras: [brio] });
    rig.video.report({ cameras: [] });
    rig.video.report({ cameras: [brio] });
    expect(sources()).toMatchObject([{ muted: true, camera: { kind: 'v4l2', device: brio.device } }]);
    const fresh = await engineOn(undefined, { fresh: true });
    fresh.video.report({ cameras: [brio] });
    expect(sources(fresh.engine)).toMatchObject([{ muted: false }]);
    await fresh.dispose();
  });

  test('are not removed while they are there: they would come back at once', async () => {
    rig.video.report({ cameras: [brio], sources: { ['cam:brio']: { state: 'online' } } });
    await new Promise((resolve) => setImmediate(resolve));
    await expect(rig.run({ type: 'camera.remove', id: 'Brio' })).rejects.toThrow(/Unplug|plugged in/);
    rig.video.report({ cameras: [], sources: {} });
    await new Promise((resolve) => setImmediate(resolve));
    await rig.run({ type: 'camera.remove', id: 'Brio' });
    expect(sources()).toEqual([]);
  });
});

describe('solo', () => {
  test('needs headphones, and says so', async () => {
    await expect(rig.run({ type: 'solo', id: 'mic:desk' })).rejects.toThrow(/no headphones/);
  });

  test('listens to sources and to the microphones of computers, and is not part of what is saved', async () => {
    await rig.run({ type: 'settings.update', soloDestination: 'Room' });
    const { revision } = rig.engine.state;
    await rig.run({ type: 'solo', id: 'mic:desk' });
    await rig.run({ type: 'solo', id: 'desk.mic' });
    expect(rig.engine.state.status.solo).toEqual(['mic:desk', 'desk.mic']);
    expect(rig.audio.desired?.solo).toEqual({ on: 'speaker:room', ids: ['mic:desk', 'desk.mic'] });
    await rig.run({ type: 'unsolo', id: 'mic:desk' });
    expect(rig.audio.desired?.solo.ids).toEqual(['desk.mic']);
    await rig.run({ type: 'solo', id: 'desk.return', exclusive: true });
    expect(rig.audio.desired?.solo.ids).toEqual(['desk.return']);
    await rig.run({ type: 'mute', id: 'mic:desk' });
    expect(rig.audio.desired?.solo.ids).toEqual(['desk.return']);
    await rig.run({ type: 'solo.clear' });
    expect(rig.engine.state.status.solo).toEqual([]);
    expect(rig.engine.state.revision).toBe(revision + 1);
    await expect(rig.run({ type: 'solo', id: 'cam:front' })).rejects.toThrow(/cannot be listened to/);
  });
});

describe('the latency of paths', () => {
  test('is reset for one crosspoint, for a destination, or for all', async () => {
    await rig.run(
      { type: 'route', source: 'mic:desk', destination: 'desk.mic' },
      { type: 'route', source: 'mic:desk', destination: 'office.mic' },
      { type: 'route', source: 'desk.return', destination: 'office.mic' },
      { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
    );
    const paths = () => rig.audio.reset.map(({ source, destination }) => `${source}|${destination}`);
    await rig.run({ type: 'latency.reset' });
    expect(paths()).toEqual(['mic:desk|desk.mic', 'mic:desk|office.mic', 'desk.return|office.mic']);
    await rig.run({ type: 'latency.reset', id: 'office.mic' });
    expect(paths()).toEqual(['mic:desk|office.mic', 'desk.return|office.mic']);
    await rig.run({ type: 'latency.reset', source: 'mic:desk', destination: 'desk.mic' });
    expect(paths()).toEqual(['mic:desk|desk.mic']);
  });
});

test('a microphone that is made of what a speaker plays is not sent to that speaker', async () => {
  rig.audio.report({
    devices: {
      microphones: [{ name: 'desk', description: 'Desk mic', hears: 'room' }],
      speakers: [{ name: 'room', description: 'Room' }],
    },
  });
  await expect(rig.run({ type: 'route', source: 'mic:desk', destination: 'speaker:room' })).rejects.toThrow(
    /round: mic:desk → speaker:room/,
  );
});

describe('a microphone and a speaker in one room', () => {
  const problems = () => rig.engine.state.status.problems.filter(({ id }) => id.startsWith('room:'));
  beforeEach(async () => {
    await rig.run(
      { type: 'channel.update', id: 'mic:desk', room: 'Studio' },
      { type: 'channel.update', id: 'speaker:room', room: 'Studio' },
    );
  });

  test('are warned of when the one plays what the other hears', async () => {
    expect(problems()).toEqual([]);
    await rig.run({ type: 'route', source: 'mic:desk', destination: 'speaker:room' });
    expect(problems()).toMatchObject([
      { severity: 'warning', message: expect.stringMatching(/howl/) as string },
    ]);
  });

  test('are warned of when a computer hears itself over them, until its echo is cancelled', async () => {
    await rig.run(
      { type: 'route', source: 'mic:desk', destination: 'desk.mic' },
      { type: 'route', source: 'desk.return', destination: 'speaker:room' },
    );
    expect(problems()).toMatchObject([{ message: expect.stringMatching(/echo of themselves/) as string }]);
    await rig.run({ type: 'channel.update', id: 'mic:desk', echo: { reference: 'speaker:room' } });
    expect(problems()).toEqual([]);
  });

  test('are warned of when echo cancelling runs on a sound server that is bad at it', async () => {
    const problems = () => rig.engine.state.status.problems.filter(({ id }) => id === 'echo:mic:desk');
    await rig.run({ type: 'channel.update', id: 'mic:desk', echo: { reference: 'speaker:room' } });
    rig.audio.report({ echo: { 'mic:desk': { state: 'running', reason: 'It takes nothing off.' } } });
    await expect
      .poll(problems)
      .toMatchObject([
        { severity: 'warning', message: expect.stringMatching(/does not work well: It takes/) as string },
      ]);
    rig.audio.report({ echo: { 'mic:desk': { state: 'error', reason: 'It is not there.' } } });
    await expect.poll(problems).toMatchObject([{ severity: 'error' }]);
    rig.audio.report({ echo: { 'mic:desk': { state: 'running', delayMs: 20 } } });
    await expect.poll(problems).toEqual([]);
  });
});
