import { describe, expect, test } from 'vitest';
import { parsePosition, positionKey, settle, step } from '../../../../renderer/matrix/navigation.ts';

const axes = { rows: ['r1', 'r2', 'r3'], columns: ['c1', 'c2', 'c3'] };
const go = (from: string, key: string, ctrl = false): string => {
  const to = step(parsePosition(from)!, { key, ctrl }, axes);
  return to ? positionKey(to) : 'stays';
};

describe('keys move', () => {
  test.each([
    ['r2|c2', 'ArrowUp', false, 'r1|c2'],
    ['r2|c2', 'ArrowDown', false, 'r3|c2'],
    ['r2|c2', 'ArrowLeft', false, 'r2|c1'],
    ['r2|c2', 'ArrowRight', false, 'r2|c3'],
    ['r1|c2', 'ArrowUp', false, '#|c2'],
    ['r2|c1', 'ArrowLeft', false, 'r2|#'],
    ['r3|c3', 'ArrowDown', false, 'r3|c3'],
    ['r3|c3', 'ArrowRight', false, 'r3|c3'],
    ['r2|c3', 'Home', false, 'r2|#'],
    ['r2|c1', 'End', false, 'r2|c3'],
    ['r3|c3', 'Home', true, 'r1|c1'],
    ['#|c1', 'End', true, 'r3|c3'],
    ['r3|c2', 'ArrowUp', true, 'r1|c2'],
    ['r1|c2', 'ArrowDown', true, 'r3|c2'],
    ['r1|c1', 'PageDown', false, 'r3|c1'],
    ['r3|c1', 'PageUp', false, 'r1|c1'],
  ])('from %s by %s (ctrl %s) to %s', (from, key, ctrl, to) => {
    expect(go(from, key, ctrl)).toBe(to);
  });

  test('never into the empty corner', () => {
    expect(go('#|c1', 'ArrowLeft')).toBe('#|c1');
    expect(go('r1|#', 'ArrowUp')).toBe('r1|#');
    expect(go('#|c3', 'Home')).toBe('#|c1');
  });

  test('only if they are keys of movement', () => {
    expect(go('r1|c1', 'x')).toBe('stays');
  });
});

describe('the tab stop', () => {
  test('is the first cell at the start', () => {
    expect(positionKey(settle(null, axes))).toBe('r1|c1');
  });
  test('stays where it is, headers too', () => {
    expect(positionKey(settle(parsePosition('#|c2'), axes))).toBe('#|c2');
  });
  test('moves to what is there when its row is gone', () => {
    expect(positionKey(settle(parsePosition('gone|c2'), axes))).toBe('r1|c2');
  });
});
