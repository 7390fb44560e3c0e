import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Frame, frameOf } from '../../../../electron/video/frames/frame.ts';
import { HeldFrames } from '../../../../electron/video/ingest/lip-sync.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

const frame = (number: number): Frame => frameOf(Uint8Array.of(number));
function rig(initialMs: number) {
  const seen: number[] = [];
  const hold = { ms: initialMs };
  const held = new HeldFrames(
    () => hold.ms,
    ({ jpeg }) => seen.push(jpeg[0] ?? -1),
  );
  return { seen, hold, held };
}

it('pictures pass at once while nobody listens', () => {
  const { seen, held } = rig(0);
  held.push(frame(1));
  expect(seen).toEqual([1]);
});

it('pictures wait for their sound, each as long as the other, in order', () => {
  const { seen, held } = rig(30);
  held.push(frame(1));
  vi.advanceTimersByTime(20);
  held.push(frame(2));
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(10);
  expect(seen).toEqual([1]);
  vi.advanceTimersByTime(20);
  expect(seen).toEqual([1, 2]);
});

it('never more than a few wait: the oldest go', () => {
  const { seen, held } = rig(30);
  for (let number = 1; number <= 6; number++) held.push(frame(number));
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([4, 5, 6]);
});

it('when nobody listens any more, no older picture comes after a newer one', () => {
  const { seen, hold, held } = rig(30);
  held.push(frame(1));
  hold.ms = 0;
  held.push(frame(2));
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([2]);
});

it('what was concealed meanwhile is never seen', () => {
  const { seen, held } = rig(30);
  held.push(frame(1));
  held.clear();
  vi.advanceTimersByTime(100);
  expect(seen).toEqual([]);
});
