import { expect, test } from 'vitest';
import { layoutOf } from '../../../../renderer/matrix/layout.ts';

test('few columns are roomy, many are dense', () => {
  expect(layoutOf(1180, 8, 'auto').density).toBe('comfortable');
  expect(layoutOf(1180, 40, 'auto').density).toBe('compact');
});

test('everything fits without scrolling where it can', () => {
  const { groupWidth, headerWidth, columnWidth } = layoutOf(1840, 30, 'auto');
  expect(groupWidth + headerWidth + 30 * columnWidth).toBeLessThanOrEqual(1840);
});

test('columns never get too narrow for a finger or too wide for the eye', () => {
  expect(layoutOf(800, 100, 'auto').columnWidth).toBeGreaterThanOrEqual(36);
  expect(layoutOf(3000, 2, 'auto').columnWidth).toBeLessThanOrEqual(128);
});

test('what a person chose counts', () => {
  expect(layoutOf(1180, 40, 'comfortable').density).toBe('comfortable');
  expect(layoutOf(1180, 3, 'compact').density).toBe('compact');
});
