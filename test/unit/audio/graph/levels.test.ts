import { describe, expect, it } from 'vitest';
import { levelOf } from '../../../../electron/audio/graph/levels.ts';
import { rawOfDb } from '../../../../electron/audio/pulse/index.ts';

const limits = { ceilingDb: 10 };
const at = (gainDb: number, muted = false) => ({ gainDb, muted });

describe('the level of a path', () => {
  it.each([
    ['adds up three gains', at(-6), at(-3), at(2), -7],
    ['never exceeds +10 dB', at(10), at(10), at(10), 10],
    ['may be loud in one place and low in another', at(10), at(-30), at(10), -10],
    ['never comes below silence', at(-60), at(-60), at(0), -100],
  ])('%s', (_, source, crosspoint, destination, db) => {
    expect(levelOf(source, crosspoint, destination, limits).raw).toBe(rawOfDb(db));
  });

  it.each([
    ['source', at(0, true), at(0), at(0)],
    ['crosspoint', at(0), at(0, true), at(0)],
    ['destination', at(0), at(0), at(0, true)],
  ])('is muted by its %s, and keeps its gain for later', (_, source, crosspoint, destination) => {
    expect(levelOf(source, crosspoint, destination, limits)).toEqual({ raw: 65_536, muted: true });
  });

  it('never exceeds a lower ceiling either, and talk-over comes on top of that', () => {
    expect(levelOf(at(6), at(0), at(0), { ceilingDb: -3 }).raw).toBe(rawOfDb(-3));
    expect(levelOf(at(6), at(0), at(0), { ceilingDb: -3, duckDb: -12 }).raw).toBe(rawOfDb(-15));
    expect(levelOf(at(20), at(0), at(0), { ceilingDb: 20 }).raw).toBe(rawOfDb(20));
  });

  it('is silent on headphones that carry only what is soloed', () => {
    expect(levelOf(at(0), at(0), at(0), { ceilingDb: 10, cut: true })).toEqual({ raw: 65_536, muted: true });
  });

  it('is silent when any fader is at the bottom, however loud the others are', () => {
    expect(levelOf(at(-100), at(10), at(10), limits)).toEqual({ raw: 0, muted: true });
    expect(levelOf(at(0), at(0), at(-100), limits)).toEqual({ raw: 0, muted: true });
  });
});
