import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  clampGain,
  dbOfTravel,
  formatDb,
  GAIN_MAX_DB,
  GAIN_MIN_DB,
  slugify,
  travelOfDb,
} from '../../../electron/contract/index.ts';

test('0 dB is at three quarters of the fader, the ends are silence and +10 dB', () => {
  expect(travelOfDb(0)).toBeCloseTo(0.75);
  expect([dbOfTravel(0), dbOfTravel(1)]).toEqual([GAIN_MIN_DB, GAIN_MAX_DB]);
});

test('a gain set by the fader is the gain that the fader shows', () => {
  fc.assert(
    fc.property(
      fc.double({ min: GAIN_MIN_DB, max: GAIN_MAX_DB, noNaN: true }),
      (db) => Math.abs(dbOfTravel(travelOfDb(db)) - db) < 1e-9,
    ),
  );
});

test('the fader only ever gets louder upwards', () => {
  const travel = fc.double({ min: 0, max: 1, noNaN: true });
  fc.assert(
    fc.property(
      travel,
      travel,
      (a, b) => a > b === dbOfTravel(a) > dbOfTravel(b) || dbOfTravel(a) === dbOfTravel(b),
    ),
  );
});

test.each([
  [-6, '−6.0 dB'],
  [3.25, '+3.3 dB'],
  [0, '0.0 dB'],
  [-0.01, '0.0 dB'],
  [-100, '−∞ dB'],
])('%f is written %s', (db, text) => {
  expect(formatDb(db)).toBe(text);
});

test('clamping keeps within the range', () => {
  expect([clampGain(99), clampGain(-1e9), clampGain(-3)]).toEqual([10, -100, -3]);
});

test.each([
  ["Müller's Büro 2", 'muller-s-buro-2'],
  ['  --x--  ', 'x'],
  ['日本', 'thing'],
  ['A'.repeat(100), 'a'.repeat(64)],
])('%s becomes the slug %s', (name, slug) => {
  expect(slugify(name, 'thing')).toBe(slug);
});
