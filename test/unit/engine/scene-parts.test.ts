import { describe, expect, test } from 'vitest';
import { type Model } from '../../../electron/engine/store/model.ts';
import { modelOf, RIG } from '../../support/engine-model.ts';

const SAVED = modelOf(
  [
    { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
    { type: 'route', source: 'mic:desk', destination: 'desk.mic', gain: -6 },
    { type: 'scene.save', name: 'Morning' },
    { type: 'unroute', source: 'cam:front', destination: 'desk.webcam' },
    { type: 'unroute', source: 'mic:desk', destination: 'desk.mic' },
    { type: 'mute', id: 'desk.mic' },
    { type: 'mute', id: 'mic:desk' },
  ],
  RIG,
);
const recall = (part: object, from: Model = SAVED) =>
  modelOf([{ type: 'scene.recall', name: 'Morning', ...part }], from);
const routed = (model: Model) => model.routes.map(({ source, destination }) => `${source}>${destination}`);
const muted = (model: Model, id: string) =>
  [...model.sources, ...model.destinations].find((channel) => channel.id === id)?.muted;

describe('a scene in part', () => {
  test('of one medium leaves the other', () => {
    expect(routed(recall({ media: 'video' }))).toEqual(['cam:front>desk.webcam']);
    expect(muted(recall({ media: 'video' }), 'mic:desk')).toBe(true);
    expect(routed(recall({ media: 'audio' }))).toEqual(['mic:desk>desk.mic']);
    expect(muted(recall({ media: 'audio' }), 'mic:desk')).toBe(false);
  });

  test('of some destinations leaves the others, and all sources', () => {
    const model = recall({ destinations: ['desk.mic'] });
    expect(routed(model)).toEqual(['mic:desk>desk.mic']);
    expect(muted(model, 'desk.mic')).toBe(false);
    expect(muted(model, 'mic:desk')).toBe(true);
  });

  test('safe channels stay as they are: their routes, gains and mutes', () => {
    const model = recall(
      {},
      modelOf(
        [
          { type: 'channel.update', id: 'desk.mic', safe: true },
          { type: 'channel.update', id: 'mic:desk', safe: true },
        ],
        SAVED,
      ),
    );
    expect(routed(model)).toEqual(['cam:front>desk.webcam']);
    expect([muted(model, 'desk.mic'), muted(model, 'mic:desk')]).toEqual([true, true]);
  });

  test('an unknown destination is refused', () => {
    expect(() => recall({ destinations: ['nobody'] })).toThrow(/no destination/);
  });
});

test('how a locked destination looks may be changed, what it does may not', () => {
  const locked = modelOf([{ type: 'lock', id: 'desk.mic' }], RIG);
  expect(
    modelOf([{ type: 'channel.update', id: 'desk.mic', colour: 'red', order: 2 }], locked).destinations.find(
      ({ id }) => id === 'desk.mic',
    ),
  ).toMatchObject({ colour: 'red', order: 2 });
  expect(() => modelOf([{ type: 'channel.update', id: 'desk.mic', delayMs: 5 }], locked)).toThrow(/locked/);
});
