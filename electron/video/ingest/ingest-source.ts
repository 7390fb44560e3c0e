import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { type Event } from '../../base/emitter.ts';
import { type DeviceStatus } from '../../contract/index.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition } from '../frames/rendition.ts';
import { EncodedSource, type SourceTools } from '../sources/encoded-source.ts';
import { encoderArgs, type EncoderPlan } from '../sources/encoder-args.ts';
import { type PictureSource, type SourceCounters } from '../sources/picture-source.ts';
import { cachedMs, DecoderFeed } from './decoder-feed.ts';
import { type IngestStream } from './ingest-stream.ts';

const OFFLINE: DeviceStatus = {
  state: 'offline',
  reason: 'Nobody is publishing to its address. The picture comes by itself when somebody does.',
};

/** The pictures of what is published under a key: decoded once, and only while somebody watches. */
export class IngestSource implements PictureSource {
  readonly still = false;
  readonly #stream: IngestStream;
  readonly #encoded: EncodedSource;
  readonly #subscriptions = new DisposableStore();
  #online = false;

  constructor(name: string, stream: IngestStream, tools: SourceTools) {
    this.#stream = stream;
    this.#encoded = new EncodedSource({
      ...tools,
      name,
      // A publisher that pauses is no decoder that hangs.
      watchdog: false,
      prepare: (ffmpeg, renditions) => ({
        args: encoderArgs(ffmpeg, flvPlan(cachedMs(stream)), renditions, tools.limits),
        begin: ({ stdin }) => (stdin ? new DecoderFeed(stream, stdin) : new DisposableStore()),
      }),
    });
    this.#subscriptions.add(this.#encoded);
    this.#encoded.setUnavailable(OFFLINE);
    this.#subscriptions.add(stream.onChange(() => this.#update()));
    this.#update();
  }

  get status(): DeviceStatus {
    return this.#encoded.status;
  }

  get onStatus(): Event<DeviceStatus> {
    return this.#encoded.onStatus;
  }

  get counters(): SourceCounters {
    return this.#encoded.counters;
  }

  get running(): boolean {
    return this.#encoded.running;
  }

  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable {
    return this.#encoded.follow(rendition, onFrame);
  }

  setMuted(muted: boolean): void {
    this.#encoded.setMuted(muted);
  }

  dispose(): Promise<void> {
    return this.#subscriptions.dispose();
  }

  #update(): void {
    const { online, info } = this.#stream;
    const { width, height, fps } = info;
    this.#encoded.setFormat({
      ...(width === undefined ? {} : { width }),
      ...(height === undefined ? {} : { height }),
      ...(fps === undefined ? {} : { fps }),
    });
    if (online === this.#online) return;
    this.#online = online;
    this.#encoded.setUnavailable(online ? undefined : OFFLINE);
  }
}

/** Sliced threads: frame threads would hold pictures back. */
const flvPlan = (cachedMs: number): EncoderPlan => ({
  input: [
    ...['-copyts', '-flags', 'low_delay', '-thread_type', 'slice'],
    ...['-probesize', '32', '-analyzeduration', '0', '-f', 'flv', '-i', 'pipe:0'],
  ],
  skipUntilSeconds: cachedMs / 1000,
});
