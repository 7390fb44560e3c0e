/** Interleaved signed 16-bit stereo. */
const CHANNELS = 2;
export const FRAME_BYTES = 2 * CHANNELS;
/** As near as this to a sample is on it. */
const ON_A_SAMPLE = 0.006;

/**
 * Plays sound a little faster or slower, by linear interpolation between samples: so a clock that runs otherwise is
 * followed without clicks. At rate 1 samples pass through as they are.
 */
export class PcmStretch {
  #rate = 1;
  /** Where the next output frame lies, in frames after the last one of the input before. */
  #at = 1;
  #last: readonly [number, number] = [0, 0];

  /** Input frames per output frame, near 1. */
  set rate(rate: number) {
    this.#rate = rate;
  }

  get rate(): number {
    return this.#rate;
  }

  /** @param pcm whole frames */
  process(pcm: Buffer): Buffer {
    const frames = pcm.length / FRAME_BYTES;
    if (frames === 0) return pcm;
    // Back at the original rate, one more chunk brings it from between two samples onto one.
    if (this.#rate === 1 && Math.abs(this.#at - 1) < ON_A_SAMPLE) {
      this.#at = 1;
      this.#remember(pcm, frames);
      return pcm;
    }
    const rate = this.#rate === 1 ? (frames + 1 - this.#at) / frames : this.#rate;
    const out = Buffer.allocUnsafe((Math.ceil((frames + 1) / rate) + 1) * FRAME_BYTES);
    let written = 0;
    let at = this.#at;
    for (; at <= frames; at += rate, written += FRAME_BYTES) {
      const index = Math.floor(at);
      const part = at - index;
      for (let channel = 0; channel < CHANNELS; channel++) {
        const a = index === 0 ? (this.#last[channel] ?? 0) : sample(pcm, index - 1, channel);
        const b = index === frames ? a : sample(pcm, index, channel);
        out.writeInt16LE(Math.round(a + (b - a) * part), written + channel * 2);
      }
    }
    this.#remember(pcm, frames);
    this.#at = at - frames;
    return out.subarray(0, written);
  }

  #remember(pcm: Buffer, frames: number): void {
    this.#last = [sample(pcm, frames - 1, 0), sample(pcm, frames - 1, 1)];
  }
}

const sample = (pcm: Buffer, frame: number, channel: number): number =>
  pcm.readInt16LE(frame * FRAME_BYTES + channel * 2);
