import { expect, it } from 'vitest';
import { ConnectingWatch } from '../../../../electron/audio/executor/connecting-watch.ts';

it('looks at what is being connected again and again, sooner while it is fresh', () => {
  const watch = new ConnectingWatch();
  expect(watch.pollMs(0)).toBeNull();
  watch.note(new Map([['a', 'connecting']]), 0);
  expect(watch.pollMs(0)).toBe(12);
  expect(watch.pollMs(1000)).toBe(60);
  watch.note(new Map([['a', 'right']]), 1000);
  expect(watch.pollMs(1000)).toBeNull();
});

it('tells what has been connecting for too long', () => {
  const watch = new ConnectingWatch();
  const connections = new Map([['a', 'connecting' as const]]);
  expect(watch.note(connections, 0).size).toBe(0);
  expect(watch.note(connections, 15_000).size).toBe(0);
  expect([...watch.note(connections, 15_001)]).toEqual(['a']);
});

it('has nothing to wait for when a route is taken away before it was connected', () => {
  const watch = new ConnectingWatch();
  watch.note(new Map([['a', 'connecting']]), 0);
  watch.note(new Map(), 10);
  expect(watch.pollMs(10)).toBeNull();
});
