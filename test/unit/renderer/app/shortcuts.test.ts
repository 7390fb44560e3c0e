import { describe, expect, test } from 'vitest';
import { makeEscapeCounter } from '../../../../renderer/app/use-shortcuts.ts';
import { viewOf } from '../../../../renderer/app/use-route.ts';

describe('Escape', () => {
  test('three times in a row is panic', () => {
    const press = makeEscapeCounter();
    expect([press(0), press(400), press(800)]).toEqual([false, false, true]);
  });
  test('now and then is not', () => {
    const press = makeEscapeCounter();
    expect([press(0), press(1000), press(2000), press(3000)]).toEqual([false, false, false, false]);
  });
  test('needs three more for the next panic', () => {
    const press = makeEscapeCounter();
    for (const at of [0, 1, 2]) press(at);
    expect([press(3), press(4), press(5)]).toEqual([false, false, true]);
  });
});

test.each([
  ['#/mixer', 'mixer'],
  ['#mixer', 'mixer'],
  ['', 'matrix'],
  ['#/nothing', 'matrix'],
  ['#token=abc', 'matrix'],
])('the address %s shows the %s', (hash, view) => {
  expect(viewOf(hash)).toBe(view);
});
