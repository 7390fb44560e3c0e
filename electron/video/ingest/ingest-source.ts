import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { type Event } from '../../base/emitter.ts';
import { CrosspointError, type DeviceStatus, type PictureSettings } from '../../contract/index.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition } from '../frames/rendition.ts';
import { EncodedSource, type SourceTools } from '../sources/encoded-source.ts';
import { encoderArgs } from '../sources/encoder-args.ts';
import { type PictureSource, type SourceCounters } from '../sources/picture-source.ts';
import { cachedMs, DecoderFeed } from './decoder-feed.ts';
import { decoderInputFor, decoderMissing, decoderPlan } from './decoder-input.ts';
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
  #inputKey: string | undefined;

  constructor(name: string, stream: IngestStream, tools: SourceTools) {
    this.#stream = stream;
    this.#encoded = new EncodedSource({
      ...tools,
      name,
      // A publisher that pauses is no decoder that hangs.
      watchdog: false,
      prepare: ({ ffmpeg, renditions, picture }) => {
        const missing = decoderMissing(stream.videoHeader, ffmpeg);
        if (missing !== undefined) throw new CrosspointError('unavailable', missing);
        const input = decoderInputFor(stream.videoHeader);
        this.#inputKey = input.key;
        return {
          args: encoderArgs(ffmpeg, decoderPlan(input, cachedMs(stream)), renditions, tools.limits, picture),
          begin: ({ stdin }) => (stdin ? new DecoderFeed(stream, input, stdin) : new DisposableStore()),
        };
      },
    });
    this.#subscriptions.add(this.#encoded);
    this.#encoded.setUnavailable(OFFLINE);
    this.#subscriptions.add(stream.onChange(() => this.#update()));
    this.#subscriptions.add(
      stream.listen({
        onVideo: ({ tag }) => {
          if (tag.kind === 'sequence-header') this.#onHeader();
        },
      }),
    );
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

  setPicture(picture: PictureSettings): void {
    this.#encoded.setPicture(picture);
  }

  get onConceal(): Event<void> {
    return this.#encoded.onConceal;
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

  /** Another codec, or another configuration of one that the decoder only takes at its start. */
  #onHeader(): void {
    if (this.#inputKey !== undefined && decoderInputFor(this.#stream.videoHeader).key !== this.#inputKey)
      this.#encoded.restart();
  }
}
