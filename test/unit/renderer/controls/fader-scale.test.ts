import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { GAIN_MAX_DB, GAIN_MIN_DB, travelOfDb } from '../../../../electron/contract/index.ts';
import { dragTo, gainAt, nudge, tidy } from '../../../../renderer/controls/fader-scale.ts';

describe('a fader', () => {
  test('has 0 dB at three quarters of its way, and sticks there', () => {
    expect(gainAt(0.75)).toBe(0);
    expect(gainAt(0.752)).toBe(0);
    expect(gainAt(0.74)).toBeLessThan(0);
  });

  test('ends in silence below and at +10 dB above', () => {
    expect(gainAt(0)).toBe(GAIN_MIN_DB);
    expect(gainAt(1)).toBe(GAIN_MAX_DB);
  });

  test('never leaves its range and never falls while it is pushed up', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (a, b) => {
          const [low, high] = a < b ? [a, b] : [b, a];
          return gainAt(low) <= gainAt(high) && gainAt(low) >= GAIN_MIN_DB && gainAt(high) <= GAIN_MAX_DB;
        },
      ),
    );
  });

  test('moves a tenth as far while Shift is held', () => {
    const start = travelOfDb(0);
    expect(dragTo(start, 0.1, false)).toBe(4);
    expect(dragTo(start, 0.1, true)).toBe(0.4);
    expect(dragTo(start, 5, false)).toBe(GAIN_MAX_DB);
    expect(dragTo(start, -5, false)).toBe(GAIN_MIN_DB);
  });

  test('shows no more digits than can be heard', () => {
    expect(tidy(-6.04)).toBe(-6);
    expect(tidy(-6.06)).toBe(-6.1);
    expect(tidy(-33.3)).toBe(-33.5);
    expect(tidy(-52.4)).toBe(-52);
    expect(tidy(-99.8)).toBe(GAIN_MIN_DB);
    expect(Object.is(tidy(-0.01), 0)).toBe(true);
  });

  test.each([
    [0, 1, false, 1],
    [0, -1, false, -1],
    [-0.1, 1, true, 0],
    [9.5, 1, false, 10],
    [10, 1, false, 10],
    [-60, -1, false, -100],
    [-100, -1, false, -100],
    [-100, 1, false, -60],
    [-5.3, 1, true, -5.2],
  ] as const)('steps from %d dB by %d (fine %s) to %d dB', (from, direction, fine, to) => {
    expect(nudge(from, direction, fine)).toBe(to);
  });
});
