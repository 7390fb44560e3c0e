import { type Disposable, DisposableStore, toDisposable } from '../../base/disposable.ts';
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
import { HeldFrames, LIP_SYNC_MS } from './lip-sync.ts';

const OFFLINE: DeviceStatus = {
  state: 'offline',
  reason: 'Nobody is publishing to its address. It comes by itself when somebody does.',
};

/** The pictures of what is published under a key: decoded once, and only while somebody watches. */
export class IngestSource implements PictureSource {
  readonly still = false;
  readonly #stream: IngestStream;
  readonly #encoded: EncodedSource;
  readonly #subscriptions = new DisposableStore();
  readonly #held = new Set<HeldFrames>();
  readonly #isHeard: () => boolean;
  #online = false;
  #inputKey: string | undefined;

  /** @param isHeard somebody listens to its sound now */
  constructor(name: string, stream: IngestStream, tools: SourceTools, isHeard: () => boolean) {
    this.#isHeard = isHeard;
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
    this.#subscriptions.add(this.#encoded.onConceal(() => this.#dropHeld()));
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
    const held = new HeldFrames(() => (this.#isHeard() ? LIP_SYNC_MS : 0), onFrame);
    this.#held.add(held);
    const following = this.#encoded.follow(rendition, (frame) => held.push(frame));
    return toDisposable(() => {
      this.#held.delete(held);
      held.dispose();
      return following.dispose();
    });
  }

  setMuted(muted: boolean): void {
    if (muted) this.#dropHeld();
    this.#encoded.setMuted(muted);
  }

  setPicture(picture: PictureSettings): void {
    this.#encoded.setPicture(picture);
  }

  get onConceal(): Event<void> {
    return this.#encoded.onConceal;
  }

  #dropHeld(): void {
    for (const held of this.#held) held.clear();
  }

  dispose(): Promise<void> {
    this.#dropHeld();
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
    if (!online) this.#dropHeld();
    this.#online = online;
    this.#encoded.setUnavailable(online ? undefined : OFFLINE);
  }

  /** Another codec, or another configuration of one that the decoder only takes at its start. */
  #onHeader(): void {
    if (this.#inputKey !== undefined && decoderInputFor(this.#stream.videoHeader).key !== this.#inputKey)
      this.#encoded.restart();
  }
}
