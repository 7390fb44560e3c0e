import { describe, expect, it } from 'vitest';
import { FRAME_BYTES, PcmStretch } from '../../../../electron/audio/feeds/pcm-stretch.ts';

const HZ = 440;
const sine = (from: number, frames: number): Buffer => {
  const pcm = Buffer.alloc(frames * FRAME_BYTES);
  for (let i = 0; i < frames; i++) {
    const value = Math.round(10_000 * Math.sin((2 * Math.PI * HZ * (from + i)) / 48_000));
    pcm.writeInt16LE(value, i * FRAME_BYTES);
    pcm.writeInt16LE(-value, i * FRAME_BYTES + 2);
  }
  return pcm;
};
/** Ten seconds in chunks of 1024 frames, at the rate that `rateAt` says for each. */
function run(rateAt: (chunk: number) => number): Buffer {
  const stretch = new PcmStretch();
  return Buffer.concat(
    Array.from({ length: 460 }, (_, chunk) => {
      stretch.rate = rateAt(chunk);
      return stretch.process(sine(chunk * 1024, 1024));
    }),
  );
}
const left = (pcm: Buffer): number[] =>
  Array.from({ length: pcm.length / FRAME_BYTES }, (_, i) => pcm.readInt16LE(i * FRAME_BYTES));
/** The largest departure from a smooth sine, as a part of its amplitude. */
function roughness(samples: number[]): number {
  const turn = 2 * Math.cos((2 * Math.PI * HZ) / 48_000);
  let worst = 0;
  for (let i = 2; i < samples.length; i++)
    worst = Math.max(worst, Math.abs(samples[i]! - turn * samples[i - 1]! + samples[i - 2]!));
  return worst / 10_000;
}

describe('sound that is played faster or slower', () => {
  it('stays as it is at its own rate', () => {
    expect(run(() => 1).equals(sine(0, 460 * 1024))).toBe(true);
  });

  it.each([1.005, 0.995])('at rate %d has the length that follows, and no clicks', (rate) => {
    const samples = left(run(() => rate));
    expect(samples.length).toBeCloseTo((460 * 1024) / rate, -1);
    expect(roughness(samples)).toBeLessThan(0.005);
  });

  it('changes its rate and comes back without clicks', () => {
    const samples = left(run((chunk) => (chunk % 40 < 20 ? 1 : chunk % 80 < 40 ? 1.005 : 0.995)));
    expect(roughness(samples)).toBeLessThan(0.005);
  });

  it('keeps left and right apart', () => {
    const pcm = run(() => 1.005);
    for (let i = 0; i < 1000; i++)
      expect(pcm.readInt16LE(i * FRAME_BYTES + 2)).toBeCloseTo(-pcm.readInt16LE(i * FRAME_BYTES), -0.5);
  });
});
