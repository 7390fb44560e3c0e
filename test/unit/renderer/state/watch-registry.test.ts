import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type WatchWish } from '../../../../renderer/api/client.ts';
import { WatchRegistry } from '../../../../renderer/state/watch-registry.ts';

const wishes: WatchWish[] = [];
const registry = (): WatchRegistry => new WatchRegistry({ watch: (wish) => wishes.push(wish) });

beforeEach(() => {
  wishes.length = 0;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

test('what several look at is asked for once, and until the last looks away', () => {
  const watching = registry();
  const one = watching.watch('meters', 'mic:one');
  const two = watching.watch('meters', 'mic:one');
  watching.watch('pictures', 'cam:one');
  vi.runAllTimers();
  one();
  one();
  vi.runAllTimers();
  two();
  vi.runAllTimers();
  expect(wishes).toEqual([
    { meters: ['mic:one'], pictures: ['cam:one'], logs: [] },
    { meters: [], pictures: ['cam:one'], logs: [] },
  ]);
});

test('a view that goes while the next one comes asks for nothing new', () => {
  const watching = registry();
  const away = watching.watch('meters', 'mic:one');
  vi.runAllTimers();
  away();
  watching.watch('meters', 'mic:one');
  vi.runAllTimers();
  expect(wishes).toHaveLength(1);
});

test('nothing is asked for in a hidden window', () => {
  const watching = registry();
  watching.watch('pictures', 'cam:one');
  vi.runAllTimers();
  watching.setHidden(true);
  vi.runAllTimers();
  watching.setHidden(false);
  vi.runAllTimers();
  expect(wishes.map(({ pictures }) => pictures)).toEqual([['cam:one'], [], ['cam:one']]);
});

test('never more than the contract allows', () => {
  const watching = registry();
  for (let i = 0; i < 300; i++) {
    watching.watch('meters', `mic:${i}`);
    watching.watch('pictures', `cam:${i}`);
  }
  vi.runAllTimers();
  expect(wishes[0]?.meters).toHaveLength(256);
  expect(wishes[0]?.pictures).toHaveLength(64);
});
