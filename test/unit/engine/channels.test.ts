import { describe, expect, it } from 'vitest';
import { applyCommands, type ModelCommand } from '../../../electron/engine/commands/index.ts';
import { parseCommand, parseCommands } from '../../../electron/contract/index.ts';
import { audioDesired, videoDesired } from '../../../electron/engine/desired.ts';
import { applyChanges, diff, invert, type Model } from '../../../electron/engine/store/model.ts';
import { modelOf, RIG, testContext } from '../../support/engine-model.ts';

const source = (model: Model, id: string) => model.sources.find((candidate) => candidate.id === id);
const run = (commands: unknown[], from: Model = RIG) => modelOf(commands, from);
const gainOf = (model: Model, id: string) => {
  const { sources, destinations } = audioDesired(model);
  return [...sources, ...destinations].find((channel) => channel.id === id);
};

describe('settings of a channel', () => {
  it('change what is named, and leave the rest', () => {
    const turned = run([{ type: 'channel.update', id: 'Front', picture: { rotate: 90 } }]);
    const mirrored = run([{ type: 'channel.update', id: 'cam:front', picture: { mirror: true } }], turned);
    expect(source(mirrored, 'cam:front')).toMatchObject({
      picture: { rotate: 90, mirror: true, blur: false, crop: null },
    });
  });

  it('of the wrong kind are refused with what they are for', () => {
    expect(() => run([{ type: 'channel.update', id: 'cam:front', delayMs: 10 }])).toThrow(
      /Front \(cam:front\) has no setting "delayMs": it is for gadgets' microphones and speakers/,
    );
    expect(() => run([{ type: 'channel.update', id: 'desk.return', room: 'Studio' }])).toThrow(/"room"/);
  });

  it('a crop that leaves the picture is refused', () => {
    const crop = { x: 0.5, y: 0, width: 0.6, height: 1 };
    expect(() => parseCommand({ type: 'channel.update', id: 'cam:front', picture: { crop } })).toThrow(
      /stays within the picture/,
    );
  });

  it('echo cancelling names a speaker of the box, and ends with it', () => {
    const on = run([{ type: 'channel.update', id: 'mic:desk', echo: { reference: 'Room' } }]);
    expect(source(on, 'mic:desk')).toMatchObject({
      echo: { reference: 'speaker:room', noiseSuppression: false },
    });
    expect(() => run([{ type: 'channel.update', id: 'mic:desk', echo: { reference: 'desk.mic' } }])).toThrow(
      /no speaker/,
    );
    const gone = run([{ type: 'device.forget', id: 'speaker:room' }], on);
    expect(source(gone, 'mic:desk')).toMatchObject({ echo: null });
  });

  it('of a locked destination do not change', () => {
    const locked = run([{ type: 'lock', id: 'desk.webcam' }]);
    expect(() => run([{ type: 'channel.update', id: 'desk.webcam', maxFrameBytes: 60_000 }], locked)).toThrow(
      /locked/,
    );
  });

  it('reach the planes', () => {
    const model = run([
      { type: 'channel.update', id: 'desk.webcam', maxFrameBytes: 60_000 },
      { type: 'channel.update', id: 'desk.mic', delayMs: 120, latencyMs: 30 },
      {
        type: 'settings.update',
        slateAfterMs: 800,
        slates: { muted: '/x.png' },
        gainCeilingDb: 0,
        soundMixer: 'own',
      },
    ]);
    const { outputs, slates } = videoDesired(model);
    expect(outputs.find(({ id }) => id === 'desk.webcam')).toMatchObject({ maxFrameBytes: 60_000 });
    expect(slates).toEqual({ afterMs: 800, noSignal: null, muted: '/x.png' });
    expect(audioDesired(model)).toMatchObject({ gainCeilingDb: 0, mixer: 'own' });
    expect(gainOf(model, 'desk.mic')).toMatchObject({ delayMs: 120, latencyMs: 30 });
  });

  it('of the box are undone and redone', () => {
    const model = run([{ type: 'settings.update', soloDestination: 'Room' }]);
    const changes = diff(RIG, model);
    expect(model.settings.soloDestination).toBe('speaker:room');
    expect(applyChanges(model, invert(changes))).toEqual(RIG);
    expect(applyChanges(RIG, changes)).toEqual(model);
  });
});

describe('a group', () => {
  const grouped = run([
    { type: 'setGain', id: 'mic:desk', gain: -6 },
    { type: 'group.add', name: 'Speech', members: ['Desk mic', 'cam:front', 'mic:desk'] },
  ]);

  it('has each member once', () => {
    expect(grouped.groups).toMatchObject([{ id: 'group:speech', members: ['mic:desk', 'cam:front'] }]);
  });

  it('adds its gain to its members and never rewrites them', () => {
    const model = run([{ type: 'setGain', id: 'Speech', gain: -4 }], grouped);
    expect(source(model, 'mic:desk')).toMatchObject({ gain: -6 });
    expect(gainOf(model, 'mic:desk')).toMatchObject({ gainDb: -10, muted: false });
    const silent = run([{ type: 'setGain', id: 'group:speech', gain: -100 }], grouped);
    expect(gainOf(silent, 'mic:desk')).toMatchObject({ gainDb: -100 });
  });

  it('two add up, and each mutes', () => {
    const model = run(
      [
        { type: 'group.add', name: 'All', members: ['mic:desk'] },
        { type: 'setGain', id: 'All', gain: 3 },
        { type: 'setGain', id: 'Speech', gain: -4 },
        { type: 'mute', id: 'All' },
      ],
      grouped,
    );
    expect(gainOf(model, 'mic:desk')).toMatchObject({ gainDb: -7, muted: true });
    expect(source(model, 'mic:desk')).toMatchObject({ muted: false });
  });

  it('mutes cameras too', () => {
    const model = run([{ type: 'mute', id: 'group:speech' }], grouped);
    expect(videoDesired(model).sources.find(({ id }) => id === 'cam:front')).toMatchObject({ muted: true });
  });

  it('loses a member that is removed', () => {
    const model = run([{ type: 'camera.remove', id: 'cam:front' }], grouped);
    expect(model.groups).toMatchObject([{ members: ['mic:desk'] }]);
  });

  it('is part of scenes', () => {
    const saved = run(
      [
        { type: 'mute', id: 'Speech' },
        { type: 'scene.save', name: 'Quiet' },
        { type: 'unmute', id: 'Speech' },
      ],
      grouped,
    );
    expect(run([{ type: 'scene.recall', name: 'Quiet' }], saved).groups).toMatchObject([{ muted: true }]);
  });
});

describe('a composed camera', () => {
  const composed = {
    type: 'camera.add',
    name: 'Both',
    kind: 'composed',
    main: 'cam:front',
    inset: 'cam:back',
  };

  it('is made of two sources', () => {
    expect(source(run([composed]), 'cam:both')).toMatchObject({
      camera: { kind: 'composed', layout: 'picture-in-picture', main: 'cam:front', inset: 'cam:back' },
    });
  });

  it('is not made of what is not there, of sound, of itself or of another composed one', () => {
    expect(() => run([{ ...composed, inset: 'cam:none' }])).toThrow(/no source "cam:none"/);
    expect(() => run([{ ...composed, inset: 'mic:desk' }])).toThrow(/cannot be a part/);
    const both = run([composed]);
    expect(() => run([{ ...composed, name: 'More', inset: 'cam:both' }], both)).toThrow(/composed itself/);
    expect(() =>
      run(
        [{ type: 'camera.update', id: 'cam:both', kind: 'composed', main: 'cam:both', inset: 'cam:back' }],
        both,
      ),
    ).toThrow(/cannot be a part/);
  });
});

describe('an ingest', () => {
  const ingest = run([{ type: 'ingest.add', name: 'OBS' }]);

  it('has a picture and a sound, which go together', () => {
    expect(source(ingest, 'ingest:obs')).toMatchObject({ media: 'video', takeOver: false });
    expect(source(ingest, 'ingest:obs.audio')).toMatchObject({ media: 'audio', ingest: 'ingest:obs' });
    const routed = run([{ type: 'route', source: 'ingest:obs.audio', destination: 'desk.mic' }], ingest);
    const removed = run([{ type: 'ingest.remove', id: 'OBS' }], routed);
    expect(removed.sources.filter(({ id }) => id.startsWith('ingest:'))).toEqual([]);
    expect(removed.routes).toEqual([]);
  });

  it('is named by its name where only one of the two fits', () => {
    const { routes } = run(
      [
        { type: 'route', source: 'OBS', destination: 'desk.webcam' },
        { type: 'route', source: 'OBS', destination: 'desk.mic' },
      ],
      ingest,
    );
    expect(routes.map((route) => route.source)).toEqual(['ingest:obs', 'ingest:obs.audio']);
  });
});

describe('feedback', () => {
  it("a gadget's own return is unlocked on purpose only, and let go when it is locked again", () => {
    const route = { type: 'route', source: 'desk.return', destination: 'desk.mic' };
    expect(() => run([route])).toThrow(/mix-minus/);
    const open = run([{ type: 'gadget.update', id: 'desk', mixMinus: false }, route]);
    expect(open.routes).toHaveLength(1);
    expect(run([{ type: 'gadget.update', id: 'desk', mixMinus: true }], open).routes).toEqual([]);
  });

  it('a route that would let sound go round is refused, with the way it would take', () => {
    const commands = parseCommands({ type: 'route', source: 'mic:desk', destination: 'speaker:room' });
    expect(() =>
      applyCommands(RIG, commands as ModelCommand[], {
        ...testContext,
        findLoop: () => ['mic:desk', 'speaker:room'],
      }),
    ).toThrow(/mic:desk → speaker:room → mic:desk/);
  });
});
