import { describe, expect, test } from 'vitest';
import { CrosspointError, parseCommand, parseCommands } from '../../../electron/contract/index.ts';
import { modelOf, RIG } from '../../support/engine-model.ts';

const run = (...commands: unknown[]) => modelOf(commands, RIG);
const routes = (model: typeof RIG) =>
  model.routes.map(({ source, destination }) => `${source}>${destination}`);
const errorOf = (action: () => unknown): CrosspointError => {
  try {
    action();
  } catch (error) {
    if (error instanceof CrosspointError) return error;
    throw error;
  }
  throw new Error('it was not refused');
};

describe('route', () => {
  test('a video destination takes exactly one source: the second replaces the first', () => {
    const model = run(
      { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
      { type: 'route', source: 'cam:back', destination: 'desk.webcam' },
    );
    expect(routes(model)).toEqual(['cam:back>desk.webcam']);
  });

  test('an audio destination mixes any number of sources', () => {
    const model = run(
      { type: 'route', source: 'mic:desk', destination: 'speaker:room', gain: -6 },
      { type: 'route', source: 'desk.return', destination: 'speaker:room' },
    );
    expect(model.routes.map(({ gain }) => gain)).toEqual([-6, 0]);
  });

  test('routing again with a gain changes the gain and keeps the mute', () => {
    const model = run(
      { type: 'route', source: 'mic:desk', destination: 'desk.mic' },
      { type: 'mute', source: 'mic:desk', destination: 'desk.mic' },
      { type: 'route', source: 'mic:desk', destination: 'desk.mic', gain: 3 },
    );
    expect(model.routes).toEqual([{ source: 'mic:desk', destination: 'desk.mic', gain: 3, muted: true }]);
  });

  test('names are accepted; the source decides between the webcam and the microphone of one name', () => {
    expect(routes(run({ type: 'route', source: 'front', destination: 'desk' }))).toEqual([
      'cam:front>desk.webcam',
    ]);
    expect(routes(run({ type: 'route', source: 'Desk mic', destination: 'OFFICE' }))).toEqual([
      'mic:desk>office.mic',
    ]);
  });

  test.each([
    [
      'an unknown source',
      { type: 'route', source: 'cam:nobody', destination: 'desk.webcam' },
      'unknown-id',
      'source',
    ],
    [
      'an unknown destination',
      { type: 'route', source: 'cam:front', destination: 'nowhere' },
      'unknown-id',
      'destination',
    ],
    [
      'sound into a picture',
      { type: 'route', source: 'mic:desk', destination: 'desk.webcam' },
      'wrong-media',
      'destination',
    ],
    [
      'a picture into a speaker',
      { type: 'route', source: 'cam:front', destination: 'speaker:room' },
      'wrong-media',
      'destination',
    ],
    [
      'a computer that hears itself',
      { type: 'route', source: 'desk.return', destination: 'desk.mic' },
      'feedback',
      'destination',
    ],
  ])('%s is refused with a reason', (_, command, code, path) => {
    const error = errorOf(() => run(command));
    expect(error).toMatchObject({ code, path });
    expect(error.message.length).toBeGreaterThan(20);
  });

  test('a list is carried out whole or not at all, and the error names the place', () => {
    const error = errorOf(() =>
      run(
        { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
        { type: 'unroute', source: 'cam:none', destination: 'desk.webcam' },
      ),
    );
    expect(error.path).toBe('[1].source');
    expect(RIG.routes).toEqual([]);
  });
});

describe('lock', () => {
  const locked = run(
    { type: 'route', source: 'mic:desk', destination: 'speaker:room' },
    { type: 'lock', id: 'speaker:room' },
  );

  test.each([
    { type: 'unroute', source: 'mic:desk', destination: 'speaker:room' },
    { type: 'route', source: 'desk.return', destination: 'speaker:room' },
    { type: 'setGain', source: 'mic:desk', destination: 'speaker:room', gain: -3 },
    { type: 'setGain', id: 'speaker:room', gain: -3 },
    { type: 'rename', id: 'speaker:room', name: 'Hall' },
  ])('keeps $type out', (command) => {
    expect(errorOf(() => modelOf([command], locked)).code).toBe('locked');
  });

  test('mute and panic work all the same', () => {
    const model = modelOf([{ type: 'mute', id: 'speaker:room' }, { type: 'panic' }], locked);
    expect(model.destinations.find(({ id }) => id === 'speaker:room')?.muted).toBe(true);
    expect(model.sources.find(({ id }) => id === 'mic:desk')?.muted).toBe(true);
  });

  test('a recalled scene leaves a locked destination as it is', () => {
    const saved = modelOf([{ type: 'scene.save', name: 'Empty' }], RIG);
    const later = modelOf(
      [
        { type: 'route', source: 'mic:desk', destination: 'speaker:room' },
        { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
        { type: 'lock', id: 'speaker:room' },
        { type: 'scene.recall', name: 'Empty' },
      ],
      saved,
    );
    expect(routes(later)).toEqual(['mic:desk>speaker:room']);
  });
});

describe('mute', () => {
  test('"microphones" means all of them and nothing else', () => {
    const model = run({ type: 'mute', id: 'microphones' });
    expect(model.sources.filter(({ muted }) => muted).map(({ id }) => id)).toEqual(['mic:desk']);
  });

  test('panic mutes every microphone and blanks every webcam and program', () => {
    const model = run({ type: 'panic' });
    expect(
      [...model.sources, ...model.destinations].filter(({ muted }) => muted).map(({ id }) => id),
    ).toEqual(['mic:desk', 'desk.webcam', 'office.webcam', 'program:recorder']);
  });

  test('a crosspoint that is off cannot be muted', () => {
    expect(errorOf(() => run({ type: 'mute', source: 'mic:desk', destination: 'desk.mic' })).code).toBe(
      'not-found',
    );
  });
});

describe('scenes', () => {
  test('recall brings back routes, gains and mutes', () => {
    const saved = run(
      { type: 'route', source: 'mic:desk', destination: 'desk.mic', gain: -12 },
      { type: 'mute', id: 'cam:front' },
      { type: 'scene.save', name: 'Talk' },
    );
    const changed = modelOf(
      [
        { type: 'setGain', source: 'mic:desk', destination: 'desk.mic', gain: 5 },
        { type: 'unmute', id: 'cam:front' },
        { type: 'route', source: 'cam:back', destination: 'desk.webcam' },
      ],
      saved,
    );
    const recalled = modelOf([{ type: 'scene.recall', name: 'Talk' }], changed);
    expect(recalled.routes).toEqual(saved.routes);
    expect(recalled.sources.find(({ id }) => id === 'cam:front')?.muted).toBe(true);
  });

  test('what is gone since is passed over', () => {
    const saved = run(
      { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
      { type: 'scene.save', name: 'A' },
    );
    const model = modelOf(
      [
        { type: 'camera.remove', id: 'cam:front' },
        { type: 'scene.recall', name: 'A' },
      ],
      saved,
    );
    expect(model.routes).toEqual([]);
  });
});

describe('adding and removing', () => {
  test('a gadget brings a webcam, a microphone and a return, and takes them and their routes away', () => {
    const routed = run(
      { type: 'route', source: 'desk.return', destination: 'speaker:room' },
      { type: 'route', source: 'mic:desk', destination: 'desk.mic' },
    );
    const model = modelOf([{ type: 'gadget.remove', id: 'desk' }], routed);
    expect([...model.sources, ...model.destinations].some(({ id }) => id.startsWith('desk.'))).toBe(false);
    expect(model.routes).toEqual([]);
    expect(model.secrets.some(({ id }) => id === 'desk')).toBe(false);
  });

  test('equal names get ids of their own', () => {
    const model = run({ type: 'camera.add', name: 'Front', kind: 'test' });
    expect(model.sources.map(({ id }) => id)).toContain('cam:front-2');
  });

  test('two things of one name must be told apart by id', () => {
    const model = run({ type: 'camera.add', name: 'Front', kind: 'test' });
    expect(
      errorOf(() => modelOf([{ type: 'route', source: 'Front', destination: 'desk.webcam' }], model)),
    ).toMatchObject({
      code: 'ambiguous-name',
      message: expect.stringContaining('cam:front-2') as string,
    });
  });
});

describe('input from outside', () => {
  test.each([
    ['not an object', 5, 'bad-request', ''],
    ['no type', {}, 'unknown-command', 'type'],
    ['an unknown type', { type: 'explode' }, 'unknown-command', 'type'],
    ['a prototype name as type', { type: 'toString' }, 'unknown-command', 'type'],
    ['a missing field', { type: 'route', source: 'a' }, 'bad-request', 'destination'],
    ['a field too many', { type: 'panic', now: true }, 'bad-request', ''],
    [
      'a gain above the range',
      { type: 'route', source: 'a', destination: 'b', gain: 10.1 },
      'out-of-range',
      'gain',
    ],
    [
      'a gain below the range',
      { type: 'route', source: 'a', destination: 'b', gain: -101 },
      'out-of-range',
      'gain',
    ],
    [
      'a gain that is no number',
      { type: 'route', source: 'a', destination: 'b', gain: 'loud' },
      'bad-request',
      'gain',
    ],
    ['mute of nothing', { type: 'mute' }, 'bad-request', ''],
    ['mute of too much', { type: 'mute', id: 'a', source: 'b', destination: 'c' }, 'bad-request', ''],
    ['an unknown camera kind', { type: 'camera.add', name: 'x', kind: 'magic' }, 'bad-request', 'kind'],
    ['a name with a line break', { type: 'ingest.add', name: 'a\nb' }, 'bad-request', 'name'],
    ['a host for a shell', { type: 'gadget.add', name: 'x', host: 'a;reboot' }, 'bad-request', 'host'],
  ])('%s is refused', (_, input, code, path) => {
    expect(errorOf(() => parseCommand(input))).toMatchObject({ code, path });
  });

  test('lists have bounds, and errors name the place', () => {
    expect(errorOf(() => parseCommands([])).code).toBe('bad-request');
    expect(errorOf(() => parseCommands(Array(1001).fill({ type: 'panic' }))).code).toBe('bad-request');
    expect(errorOf(() => parseCommands([{ type: 'panic' }, { type: 'route' }])).path).toBe('[1].source');
  });
});

describe('a scene from elsewhere', () => {
  const scene = (name: string, muted = false) => ({
    type: 'scene.import',
    scene: { name, routes: [], channels: { 'mic:desk': { muted } } },
  });
  const names = (...commands: unknown[]) => run(...commands).scenes.map(({ name }) => name);

  test('is added, and changes nothing else', () => {
    const model = run(scene('Show'));
    expect(model.scenes.map(({ name }) => name)).toContain('Show');
    expect(model.routes).toEqual(RIG.routes);
  });

  test('that is here already is not added again', () => {
    expect(names(scene('Show'), scene('Show'))).toEqual(['Show']);
  });

  test('whose name another one has gets a number', () => {
    expect(names(scene('Show'), scene('Show', true))).toEqual(['Show', 'Show (2)']);
    const long = 'x'.repeat(80);
    expect(names(scene(long), scene(long, true))).toEqual([long, `${'x'.repeat(76)} (2)`]);
  });
});
