import { type Disposable } from '../base/disposable.ts';
import { type PulseClient, type RecordStream } from './pulse/index.ts';

/** After a failure to open, or the end of its source. */
const RETRY_MS = 500;

export interface PeakProbeOptions {
  readonly client: PulseClient;
  /** What people see in a mixer. */
  readonly name: string;
  /** PulseAudio source. */
  readonly source: string;
  readonly rateHz: number;
  /** The highest since the one before, linear, of all channels together. */
  readonly onPeak: (peak: number) => void;
}

/** How loud one source is, as it comes, while it is not disposed. A source that goes away is listened to again when it is back. */
export class PeakProbe implements Disposable {
  readonly #options: PeakProbeOptions;
  #stream: RecordStream | null = null;
  #retry: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: PeakProbeOptions) {
    this.#options = options;
    void this.#open();
  }

  async #open(): Promise<void> {
    const { client, name, source, rateHz, onPeak } = this.#options;
    try {
      const stream = await client.record({
        name,
        source,
        format: 'float32le',
        channels: 1,
        rateHz,
        peakDetect: true,
        properties: { 'application.id': 'dev.crosspoint', 'media.role': 'production' },
        onData: (pcm) => {
          let peak = 0;
          for (let at = 0; at + 4 <= pcm.length; at += 4)
            peak = Math.max(peak, Math.abs(pcm.readFloatLE(at)));
          onPeak(peak);
        },
      });
      if (this.#disposed) {
        await stream.dispose();
        return;
      }
      this.#stream = stream;
      await stream.closed;
      this.#stream = null;
    } catch {
      // Its source is away, or the server: tried again.
    }
    if (!this.#disposed && this.#options.client.isOpen)
      this.#retry = setTimeout(() => void this.#open(), RETRY_MS);
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#retry);
    void this.#stream?.dispose();
  }
}
