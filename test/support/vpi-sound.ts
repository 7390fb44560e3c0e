/** Looking at recorded sound: 16 bits, 48 kHz, stereo, as bytes. */

const RATE = 48_000;
const FRAME_BYTES = 4;

export interface Tone {
  readonly frequencyHz: number;
  /** RMS of a full-scale sine is 0 dB. */
  readonly levelDb: number;
  /** Pieces without the tone, longer than 5 ms, between its first and its last sound. */
  readonly gapsMs: readonly number[];
  readonly seconds: number;
}

/** A sine on both channels. */
export function toneBytes(frequencyHz: number, seconds: number, levelDb: number): Buffer {
  const frames = Math.round(seconds * RATE);
  const out = Buffer.alloc(frames * FRAME_BYTES);
  const peak = 32767 * 10 ** (levelDb / 20);
  for (let i = 0; i < frames; i++) {
    const value = Math.round(peak * Math.sin((2 * Math.PI * frequencyHz * i) / RATE));
    out.writeInt16LE(value, i * FRAME_BYTES);
    out.writeInt16LE(value, i * FRAME_BYTES + 2);
  }
  return out;
}

/** The same, with a WAV header. */
export function toneWav(frequencyHz: number, seconds: number, levelDb: number): Buffer {
  const data = toneBytes(frequencyHz, seconds, levelDb);
  const head = Buffer.alloc(44);
  head.write('RIFF', 0).toString();
  head.writeUInt32LE(36 + data.length, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(2, 22);
  head.writeUInt32LE(RATE, 24);
  head.writeUInt32LE(RATE * FRAME_BYTES, 28);
  head.writeUInt16LE(FRAME_BYTES, 32);
  head.writeUInt16LE(16, 34);
  head.write('data', 36);
  head.writeUInt32LE(data.length, 40);
  return Buffer.concat([head, data]);
}

const GAP_MS = 5;

/** What tone is in a recording; null: none. The level and frequency are of the left channel. */
export function measureTone(recording: Buffer): Tone | null {
  const frames = Math.floor(recording.length / FRAME_BYTES);
  const sample = (i: number): number => recording.readInt16LE(i * FRAME_BYTES);
  let peak = 0;
  for (let i = 0; i < frames; i++) peak = Math.max(peak, Math.abs(sample(i)));
  if (peak < 100) return null;
  const loud = peak / 4;
  let first = 0;
  while (Math.abs(sample(first)) < loud) first++;
  let last = frames - 1;
  while (Math.abs(sample(last)) < loud) last--;

  // A gap: for so long no sample was loud, though a tone has one in every half wave.
  const gapsMs: number[] = [];
  let quiet = 0;
  let energy = 0;
  let crossings = 0;
  let firstCrossing = -1;
  let lastCrossing = -1;
  for (let i = first; i <= last; i++) {
    const x = sample(i);
    energy += x * x;
    if (Math.abs(x) < loud) quiet++;
    else {
      const ms = (quiet * 1000) / RATE;
      if (ms > GAP_MS) gapsMs.push(ms);
      quiet = 0;
    }
    if (i > first && sample(i - 1) < 0 && x >= 0) {
      crossings++;
      lastCrossing = i - x / (x - sample(i - 1));
      if (firstCrossing < 0) firstCrossing = lastCrossing;
    }
  }
  const rms = Math.sqrt(energy / (last - first + 1));
  return {
    frequencyHz: crossings > 1 ? ((crossings - 1) * RATE) / (lastCrossing - firstCrossing) : 0,
    levelDb: 20 * Math.log10((rms * Math.SQRT2) / 32767),
    gapsMs,
    seconds: (last - first + 1) / RATE,
  };
}
