/** Format of everything that the demo rig plays. */
export const PCM = { format: 's16le', rateHz: 48_000, channels: 2 } as const;
const FRAME_BYTES = 4;

export interface ToneOptions {
  readonly frequenciesHz: readonly number[];
  /** Peak of the whole, dBFS. */
  readonly peakDb: number;
  /** The level swells and falls once in this time; 0: it is steady. */
  readonly swellSeconds?: number;
}

/** A loop of sound without a seam: whole seconds of whole-numbered frequencies. */
export function toneLoop({ frequenciesHz, peakDb, swellSeconds = 0 }: ToneOptions): Buffer {
  const seconds = Math.max(1, swellSeconds);
  const frames = PCM.rateHz * seconds;
  const amplitude = (32_767 * 10 ** (peakDb / 20)) / frequenciesHz.length;
  const pcm = Buffer.alloc(frames * FRAME_BYTES);
  for (let i = 0; i < frames; i++) {
    const t = i / PCM.rateHz;
    const swell = swellSeconds === 0 ? 1 : 0.55 - 0.45 * Math.cos((2 * Math.PI * t) / swellSeconds);
    const sample =
      frequenciesHz.reduce((sum, hz) => sum + Math.sin(2 * Math.PI * hz * t), 0) * amplitude * swell;
    pcm.writeInt16LE(Math.round(sample), i * FRAME_BYTES);
    pcm.writeInt16LE(Math.round(sample), i * FRAME_BYTES + 2);
  }
  return pcm;
}

/** Plays a loop, piece by piece. */
export class LoopReader {
  readonly #loop: Buffer;
  #at = 0;

  constructor(loop: Buffer) {
    this.#loop = loop;
  }

  /** Hand at most `bytes` to `write`, which says how many it took. */
  feed(bytes: number, write: (pcm: Uint8Array) => number): void {
    for (let left = bytes; left > 0;) {
      const piece = this.#loop.subarray(this.#at, this.#at + left);
      const taken = write(piece);
      if (taken === 0) return;
      this.#at = (this.#at + taken) % this.#loop.length;
      left -= taken;
    }
  }
}
