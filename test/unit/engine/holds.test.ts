import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Holds } from '../../../electron/engine/holds.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('a hold ends by itself unless it is renewed', () => {
  const onChange = vi.fn();
  const holds = new Holds(onChange);
  expect(holds.hold('talk', 'mic:one', 1000)).toBe(true);
  vi.advanceTimersByTime(900);
  expect(holds.hold('talk', 'mic:one', 1000)).toBe(false);
  vi.advanceTimersByTime(900);
  expect(holds.held.talk).toEqual(['mic:one']);
  vi.advanceTimersByTime(100);
  expect(holds.held.talk).toEqual([]);
  expect(onChange).toHaveBeenCalledTimes(2);
});

test('talk and cough are two keys; panic ends the talking only', () => {
  const holds = new Holds(() => undefined);
  holds.hold('talk', 'mic:one', 1000);
  holds.hold('cough', 'mic:two', 1000);
  holds.releaseTalk();
  expect(holds.held).toEqual({ talk: [], cough: ['mic:two'] });
  holds.release('cough', 'mic:two');
  expect(holds.held.cough).toEqual([]);
});
