import { expect, test } from 'vitest';
import { retryDelayMs } from '../../../../renderer/api/backoff.ts';

test('waiting doubles from a quarter of a second and never exceeds some seconds', () => {
  const middle = (attempt: number): number => retryDelayMs(attempt, () => 0.5);
  expect([1, 2, 3, 4].map(middle)).toEqual([250, 500, 1000, 2000]);
  expect(middle(50)).toBe(5000);
});

test('browsers do not march in step', () => {
  expect(retryDelayMs(3, () => 0)).toBe(750);
  expect(retryDelayMs(3, () => 1)).toBe(1250);
});
