import { describe, expect, it } from 'vitest';
import { DeliveryTracker, RateLimit } from '../../../../electron/video/rtmp/flow.ts';

describe('DeliveryTracker', () => {
  it('knows nothing before the peer has said something', () => {
    const tracker = new DeliveryTracker();
    tracker.add(1000);
    expect(tracker).toMatchObject({ known: false, outstanding: 1000 });
  });

  it('counts down by acknowledgements', () => {
    const tracker = new DeliveryTracker();
    tracker.add(100_000);
    expect(tracker.acknowledge(65_536)).toBe(true);
    expect(tracker.outstanding).toBe(100_000 - 65_536);
    expect(tracker.acknowledge(65_536)).toBe(false);
  });

  it('never goes below nothing, whatever the peer claims', () => {
    const tracker = new DeliveryTracker();
    tracker.add(1000);
    tracker.acknowledge(4000);
    expect(tracker.outstanding).toBe(0);
    tracker.acknowledge(10);
    expect(tracker.outstanding).toBe(0);
  });

  it('follows a count that wraps at 32 bits', () => {
    const tracker = new DeliveryTracker();
    for (let sent = 0; sent < 5 * 2 ** 30; sent += 2 ** 30) {
      tracker.add(2 ** 30);
      tracker.acknowledge((sent + 2 ** 30) % 2 ** 32);
    }
    expect(tracker.outstanding).toBe(0);
    tracker.add(500);
    expect(tracker.outstanding).toBe(500);
  });

  it('takes the answer to a ping as proof for everything before it', () => {
    const tracker = new DeliveryTracker();
    tracker.add(1000);
    tracker.mark(7);
    tracker.add(500);
    expect(tracker.answer(7)).toBe(true);
    expect(tracker.outstanding).toBe(500);
  });

  it('does not take an answer that it did not ask for, or twice', () => {
    const tracker = new DeliveryTracker();
    tracker.add(1000);
    tracker.mark(7);
    expect(tracker.answer(8)).toBe(false);
    expect(tracker.answer(7)).toBe(true);
    expect(tracker.answer(7)).toBe(false);
  });

  it('asks when much is outstanding, once at a time', () => {
    const tracker = new DeliveryTracker();
    tracker.acknowledge(0);
    tracker.add(200_000);
    expect(tracker.worthAsking(65_536)).toBe(true);
    tracker.mark(1);
    expect(tracker.worthAsking(65_536)).toBe(false);
    tracker.answer(1);
    expect(tracker.worthAsking(65_536)).toBe(false);
    tracker.add(200_000);
    expect(tracker.worthAsking(65_536)).toBe(true);
  });

  it('forgets old questions, so that a peer which never answers costs nothing', () => {
    const tracker = new DeliveryTracker();
    for (let token = 0; token < 100; token++) tracker.mark(token);
    expect(tracker.answer(50)).toBe(false);
    expect(tracker.answer(99)).toBe(true);
  });
});

describe('RateLimit', () => {
  it('allows a burst of four seconds, then its rate', () => {
    const limit = new RateLimit(10, 0);
    const taken = (nowMs: number): number => {
      let count = 0;
      while (limit.take(nowMs)) count++;
      return count;
    };
    expect(taken(0)).toBe(40);
    expect(taken(0)).toBe(0);
    expect(taken(1000)).toBe(10);
    expect(taken(1_000_000)).toBe(40);
  });
});
