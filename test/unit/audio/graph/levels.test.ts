import { describe, expect, it } from 'vitest';
import { levelOf } from '../../../../electron/audio/graph/levels.ts';
import { rawOfDb } from '../../../../electron/audio/pulse/index.ts';

const at = (gainDb: number, muted = false) => ({ gainDb, muted });

describe('the level of a path', () => {
  it.each([
    ['adds up three gains', at(-6), at(-3), at(2), -7],
    ['never exceeds +10 dB', at(10), at(10), at(10), 10],
    ['may be loud in one place and low in another', at(10), at(-30), at(10), -10],
    ['never comes below silence', at(-60), at(-60), at(0), -100],
  ])('%s', (_, source, crosspoint, destination, db) => {
    expect(levelOf(source, crosspoint, destination).raw).toBe(rawOfDb(db));
  });

  it.each([
    ['source', at(0, true), at(0), at(0)],
    ['crosspoint', at(0), at(0, true), at(0)],
    ['destination', at(0), at(0), at(0, true)],
  ])('is muted by its %s, and keeps its gain for later', (_, source, crosspoint, destination) => {
    expect(levelOf(source, crosspoint, destination)).toEqual({ raw: 65_536, muted: true });
  });

  it('is silent when any fader is at the bottom, however loud the others are', () => {
    expect(levelOf(at(-100), at(10), at(10))).toEqual({ raw: 0, muted: true });
    expect(levelOf(at(0), at(0), at(-100))).toEqual({ raw: 0, muted: true });
  });
});
