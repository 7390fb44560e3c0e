import { describe, expect, test } from 'vitest';
import {
  heightOf,
  isAtRest,
  METER_MIN_DB,
  move,
  REST,
  type Needle,
} from '../../../../renderer/meters/ballistics.ts';

/** So many milliseconds at one level, at 60 pictures a second. */
function hold(needle: Needle, levelDb: number, durationMs: number): Needle {
  let now = needle;
  const frames = Math.round((durationMs * 60) / 1000);
  for (let i = 0; i < frames; i++) now = move(now, levelDb, 1000 / 60);
  return now;
}

describe('a needle', () => {
  test('rises at once', () => {
    expect(move(REST, -12, 16).db).toBe(-12);
  });

  test('falls by 11.76 dB in a second', () => {
    const fallen = hold(move(REST, -10, 16), -100, 1000);
    expect(fallen.db).toBeCloseTo(-21.76, 1);
  });

  test('comes to rest at the bottom, not below', () => {
    const rested = hold(move(REST, 0, 16), -100, 10_000);
    expect(rested.db).toBe(METER_MIN_DB);
    expect(isAtRest(rested)).toBe(true);
  });

  test('holds its highest peak for two seconds, then lets it fall', () => {
    const peak = move(REST, -10, 16);
    expect(hold(peak, -40, 1900).holdDb).toBe(-10);
    expect(hold(peak, -40, 3000).holdDb).toBeCloseTo(-21.76, 0);
    expect(hold(peak, -40, 10_000).holdDb).toBeCloseTo(-40, 0);
  });

  test('latches a clip from −0.5 dBFS on', () => {
    expect(move(REST, -0.6, 16).clipped).toBe(false);
    expect(move(REST, -0.5, 16).clipped).toBe(true);
    expect(hold(move(REST, 0, 16), -100, 5000).clipped).toBe(true);
  });

  test('shows −60 dBFS at the bottom and 0 dBFS at the top', () => {
    expect([heightOf(-60), heightOf(-30), heightOf(0), heightOf(-100)]).toEqual([0, 0.5, 1, 0]);
  });
});
