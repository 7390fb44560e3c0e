import { type PulseClient, type RecordStream } from '../../../electron/audio/pulse/index.ts';

const RATE_HZ = 48_000;

/** Tells when a source is loud: for each run of loud samples, the time of its first and of its last one. */
export class LoudnessClock {
  readonly onsets: number[] = [];
  lastLoudMs = 0;
  /** The longest silence since `resetGap`, in milliseconds. */
  longestGapMs = 0;
  #quietSamples = Infinity;
  #stream: RecordStream | undefined;
  readonly #threshold: number;
  readonly #onOnset: () => void;

  private constructor(threshold: number, onOnset: () => void) {
    this.#threshold = threshold;
    this.#onOnset = onOnset;
  }

  /** @param threshold amplitude from which on it is loud */
  static async open(
    client: PulseClient,
    source: string,
    threshold = 0.02,
    onOnset: () => void = () => undefined,
  ): Promise<LoudnessClock> {
    const clock = new LoudnessClock(threshold, onOnset);
    clock.#stream = await client.record({
      name: 'clock',
      source,
      format: 'float32le',
      channels: 1,
      rateHz: RATE_HZ,
      fragmentMs: 2,
      onData: (pcm) => clock.#take(pcm),
    });
    return clock;
  }

  resetGap(): void {
    this.longestGapMs = 0;
  }

  async dispose(): Promise<void> {
    await this.#stream?.dispose();
  }

  #take(pcm: Buffer): void {
    const now = performance.now();
    const count = pcm.length / 4;
    for (let index = 0; index < count; index++) {
      if (Math.abs(pcm.readFloatLE(index * 4)) < this.#threshold) {
        this.#quietSamples++;
        continue;
      }
      const atMs = now - ((count - index) * 1000) / RATE_HZ;
      const quietMs = (this.#quietSamples * 1000) / RATE_HZ;
      if (Number.isFinite(quietMs)) this.longestGapMs = Math.max(this.longestGapMs, quietMs);
      // Within a tone of 1 kHz, samples are quiet for a moment only.
      if (quietMs > 5) {
        this.onsets.push(atMs);
        this.#onOnset();
      }
      this.#quietSamples = 0;
      this.lastLoudMs = atMs;
    }
  }
}
