import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LevelRamps } from '../../../../electron/audio/executor/level-ramps.ts';
import { amplitudeOfRaw, PulseError, rawOfDb } from '../../../../electron/audio/pulse/index.ts';

const FULL = 65_536;

describe('a change of level', () => {
  let calls: (number | string)[];
  let failWith: PulseError | null;
  let errors: unknown[];
  let ramps: LevelRamps;
  const record = (call: number | string): Promise<void> => {
    calls.push(call);
    return failWith ? Promise.reject(failWith) : Promise.resolve();
  };
  const stream = (raw: number, muted = false) => ({ index: 7, volumes: [raw, raw], muted });
  const volumes = (): number[] => calls.filter((call) => typeof call === 'number');
  const largestStep = (from: number): number => {
    const amplitudes = [from, ...volumes()].map(amplitudeOfRaw);
    return Math.max(...amplitudes.slice(1).map((amplitude, i) => Math.abs(amplitude - amplitudes[i]!)));
  };

  beforeEach(() => {
    vi.useFakeTimers();
    calls = [];
    errors = [];
    failWith = null;
    ramps = new LevelRamps(
      {
        setSinkInputVolume: (_, raw) => record(raw[0]!),
        setSinkInputMuted: (_, muted) => record(muted ? 'mute' : 'unmute'),
      },
      (error) => errors.push(error),
    );
  });
  afterEach(() => {
    ramps.dispose();
    vi.useRealTimers();
  });

  it('is one step when it is small', async () => {
    await ramps.glide(stream(FULL), { raw: rawOfDb(-0.3), muted: false });
    expect(calls).toEqual([rawOfDb(-0.3)]);
  });

  it('goes in small steps of amplitude when it is large, and ends exactly', async () => {
    const done = ramps.glide(stream(0), { raw: FULL, muted: false });
    expect(ramps.isBound(7, { raw: FULL, muted: false })).toBe(true);
    await vi.advanceTimersByTimeAsync(120);
    await done;
    expect(volumes()).toHaveLength(24);
    expect(calls.at(-1)).toBe(FULL);
    expect(largestStep(0)).toBeLessThan(0.043);
    expect(ramps.isMoving(7)).toBe(false);
  });

  it('takes fewer steps when the server is slow, ends exactly, and is silent without waiting', async () => {
    const answers: (() => void)[] = [];
    const slow = new LevelRamps(
      {
        setSinkInputVolume: (_, raw) => {
          calls.push(raw[0]!);
          return new Promise((resolve) => answers.push(resolve));
        },
        setSinkInputMuted: (_, muted) => record(muted ? 'mute' : 'unmute'),
      },
      (error) => errors.push(error),
    );
    void slow.glide(stream(0), { raw: FULL, muted: false });
    await vi.advanceTimersByTimeAsync(300);
    expect(volumes()).toHaveLength(2);
    expect(slow.isMoving(7)).toBe(true);
    answers.shift()!();
    await vi.advanceTimersByTimeAsync(10);
    expect(volumes()).toHaveLength(3);
    expect(calls.at(-1)).toBe(FULL);
    expect(slow.isMoving(7)).toBe(false);
    void slow.glide(stream(FULL), { raw: FULL, muted: true });
    await vi.advanceTimersByTimeAsync(9);
    expect(calls).toContain('mute');
    slow.dispose();
  });

  it('to silence takes less than 10 ms, and leaves the volume where it shall be later', async () => {
    const done = ramps.glide(stream(FULL), { raw: FULL, muted: true });
    await vi.advanceTimersByTimeAsync(9);
    await done;
    expect(calls.slice(-2)).toEqual(['mute', FULL]);
    expect(largestStep(FULL)).toBeGreaterThan(0);
    expect(
      volumes()
        .slice(0, -1)
        .every((raw, i, all) => i === 0 || raw < all[i - 1]!),
    ).toBe(true);
  });

  it('out of silence turns the volume down before it opens', async () => {
    const done = ramps.glide(stream(FULL, true), { raw: FULL, muted: false });
    await vi.advanceTimersByTimeAsync(120);
    await done;
    expect(calls.indexOf('unmute')).toBe(1);
    expect(calls[0]).toBeLessThan(FULL * 0.6);
    expect(calls.at(-1)).toBe(FULL);
  });

  it('that is overtaken by another goes on from where it is', async () => {
    void ramps.glide(stream(0), { raw: FULL, muted: false });
    await vi.advanceTimersByTimeAsync(15);
    const midway = volumes().at(-1)!;
    expect(midway).toBeLessThan(FULL);
    const done = ramps.glide(stream(0), { raw: 0, muted: true });
    await vi.advanceTimersByTimeAsync(30);
    await done;
    expect(calls.slice(-2)).toEqual(['mute', 0]);
    expect(Math.max(...volumes())).toBe(midway);
  });

  it('takes its time, or hurries, as it is asked to', async () => {
    void ramps.glide(stream(FULL), { raw: rawOfDb(-12), muted: false }, { mostMs: 20 });
    await vi.advanceTimersByTimeAsync(20);
    expect(volumes()).toHaveLength(4);
    expect(calls.at(-1)).toBe(rawOfDb(-12));
    void ramps.glide(stream(rawOfDb(-12)), { raw: FULL, muted: false }, { leastMs: 600 });
    await vi.advanceTimersByTimeAsync(500);
    expect(calls.at(-1)).toBeLessThan(FULL);
    await vi.advanceTimersByTimeAsync(120);
    expect(calls.at(-1)).toBe(FULL);
  });

  it('is remembered as what we set, until the stream is gone', async () => {
    const level = { raw: FULL, muted: true };
    expect(ramps.assigned(7)).toBeUndefined();
    void ramps.glide(stream(FULL), level);
    expect(ramps.assigned(7)).toEqual(level);
    await vi.advanceTimersByTimeAsync(60);
    // Until the server is seen to have done it, it may have to be told again.
    ramps.observe(stream(FULL));
    expect(ramps.assigned(7)).toBeUndefined();
    ramps.observe(stream(FULL, true));
    ramps.observe(stream(FULL));
    expect(ramps.assigned(7)).toEqual(level);
    ramps.forgetAllBut(new Set([8]));
    expect(ramps.assigned(7)).toBeUndefined();
  });

  it('goes by what we told the server, when that is newer than what it says', async () => {
    void ramps.glide(stream(FULL), { raw: FULL, muted: true });
    await vi.advanceTimersByTimeAsync(20);
    calls = [];
    void ramps.glide(stream(FULL), { raw: FULL, muted: false });
    await vi.advanceTimersByTimeAsync(200);
    expect(calls).toContain('unmute');
    expect(calls[0]).toBeLessThan(FULL * 0.6);
  });

  it('is not begun twice', () => {
    const level = { raw: FULL, muted: false };
    void ramps.glide(stream(0), level);
    void ramps.glide(stream(0), level);
    expect(calls).toHaveLength(1);
  });

  it('ends when the stream is gone, and says so', async () => {
    failWith = new PulseError('no-entity');
    const done = ramps.glide(stream(0), { raw: FULL, muted: false });
    await vi.advanceTimersByTimeAsync(60);
    await done;
    expect(calls).toHaveLength(1);
    expect(errors).toEqual([failWith]);
  });

  it('stops at the end, and nobody waits for ever', async () => {
    const done = ramps.glide(stream(0), { raw: FULL, muted: false });
    ramps.dispose();
    await done;
    await vi.advanceTimersByTimeAsync(60);
    expect(calls).toHaveLength(1);
  });
});
