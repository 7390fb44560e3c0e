import { expect } from 'vitest';
import { type Tone } from './vpi-sound.ts';

export interface WantedTone {
  readonly frequencyHz: number;
  readonly levelDb: number;
  /** For so long it was played. */
  readonly seconds: number;
}

/** @param judged false: this machine had no time for the emulated one; pitch, gaps and length say nothing then */
export function expectTone(tone: Tone | null, wanted: WantedTone, judged: boolean): void {
  expect(tone).not.toBeNull();
  if (!tone) return;
  // Gaps are quiet, too.
  expect(Math.abs(tone.levelDb - wanted.levelDb)).toBeLessThan(tone.gapsMs.length > 0 ? 3 : 1);
  if (!judged) return;
  expect(Math.abs(tone.frequencyHz - wanted.frequencyHz)).toBeLessThan(1);
  expect(tone.gapsMs).toEqual([]);
  expect(tone.seconds).toBeGreaterThan(wanted.seconds - 2);
}
