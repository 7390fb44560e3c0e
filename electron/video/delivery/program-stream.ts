import { type ChildRunner } from '../../base/child-process.ts';
import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { type Ffmpeg } from '../ffmpeg.ts';
import { DEFAULT_RENDITION } from '../frames/rendition.ts';
import { GopCache } from '../ingest/gop-cache.ts';
import { type IngestStream } from '../ingest/ingest-stream.ts';
import { LiveRelay, PLAYER_ACK_WINDOW_BYTES } from '../ingest/live-relay.ts';
import { type MediaListener, type MediaStream } from '../ingest/media-stream.ts';
import { RelayClock } from '../ingest/relay-clock.ts';
import { type TaggedAudio, type TaggedVideo } from '../ingest/tagged.ts';
import { type OutputStatus } from '../plane.ts';
import { type PlayAccepted, type Refusal, type Viewer, type ViewerListener } from '../rtmp/types.ts';
import { type SourceCounters } from '../sources/picture-source.ts';
import { type OutputBus } from './output-bus.ts';
import { ProgramEncoder } from './program-encoder.ts';

export interface ProgramStreamOptions {
  readonly name: string;
  readonly log: Logger;
  readonly children: ChildRunner;
  readonly ffmpeg: Ffmpeg | undefined;
  /** What the program shows; it is encoded when it cannot be relayed. */
  readonly bus: OutputBus;
  readonly onChange: () => void;
}

/** Where a program's H.264 comes from: what a publisher sends, untouched, or our own encoder. */
interface Origin {
  /** Undefined: the encoder. */
  readonly stream: IngestStream | undefined;
  ended: boolean;
  header: TaggedVideo | undefined;
  working: Disposable | undefined;
}

const MAX_PLAYERS = 100;

/**
 * `program/<id>`: follows the routing as H.264 and never lets a player go. The old picture plays on until the new
 * origin has a key frame; then come its header and its pictures, on the same clock.
 */
export class ProgramStream implements MediaStream, Disposable {
  readonly counters: SourceCounters = { frames: 0, bytes: 0, dropped: 0 };
  readonly online = true;
  readonly metaData = undefined;
  readonly #options: ProgramStreamOptions;
  readonly #listeners = new Set<MediaListener>();
  readonly #clock = new RelayClock();
  readonly #gop = new GopCache();
  readonly #relay = new LiveRelay(this, () => false);
  #videoHeader: TaggedVideo | undefined;
  #audioHeader: TaggedAudio | undefined;
  #ingest: IngestStream | undefined;
  #ingestChanges: Disposable | undefined;
  #active: Origin | undefined;
  #pending: Origin | undefined;
  #failure: string | undefined;
  #players = 0;

  constructor(options: ProgramStreamOptions) {
    this.#options = options;
  }

  get videoHeader(): TaggedVideo | undefined {
    return this.#videoHeader;
  }

  get audioHeader(): TaggedAudio | undefined {
    return this.#audioHeader;
  }

  get gop(): readonly TaggedVideo[] {
    return this.#gop.frames;
  }

  get status(): OutputStatus {
    const { bus } = this.#options;
    const { source, muted } = bus.target;
    if (source === null) return { state: 'off' };
    if (this.#players === 0) return { state: 'offline', reason: 'Nobody plays this program.' };
    if (this.#active?.stream && !this.#pending && !muted) return { state: 'live' };
    if (this.#failure !== undefined) return { state: 'error', reason: this.#failure };
    if (this.#pending)
      return { state: 'pending', reason: `Waiting for the next key frame of ${source.label}.` };
    return bus.statusOf(DEFAULT_RENDITION) ?? { state: 'pending' };
  }

  /** The ingest that is routed here and may be seen; undefined: what the bus shows is encoded. */
  setIngest(ingest: IngestStream | undefined, { conceal = false } = {}): void {
    if (ingest === this.#ingest) return;
    this.#ingest = ingest;
    void this.#ingestChanges?.dispose();
    this.#ingestChanges = ingest?.onChange(() => this.#reconcile());
    // What is muted is not shown for one more moment, and what is gone has no more to show.
    const { source, muted } = this.#options.bus.target;
    if (this.#active?.stream && (conceal || muted || source === null || source.muted)) {
      this.#end('active');
      // Nor is it for a player that comes now.
      this.#gop.clear();
    }
    this.#reconcile();
  }

  listen(listener: MediaListener): Disposable {
    this.#listeners.add(listener);
    return toDisposable(() => void this.#listeners.delete(listener));
  }

  play(): Refusal | PlayAccepted {
    if (this.#players >= MAX_PLAYERS)
      return {
        accept: false,
        code: 'NetStream.Play.Failed',
        description: 'Too many players play this program already.',
      };
    return {
      accept: true,
      ackWindowBytes: PLAYER_ACK_WINDOW_BYTES,
      start: (viewer) => this.#start(viewer),
    };
  }

  dispose(): void {
    for (const listener of [...this.#listeners]) listener.onRemoved?.();
    void this.#ingestChanges?.dispose();
    this.#end('active');
    this.#end('pending');
  }

  #start(viewer: Viewer): ViewerListener {
    this.#players++;
    this.#reconcile();
    const player = this.#relay.add(viewer);
    this.#options.onChange();
    return {
      onEnd: (reason) => {
        player.onEnd(reason);
        this.#players--;
        this.#reconcile();
        this.#options.onChange();
      },
    };
  }

  #reconcile(): void {
    if (this.#players === 0) {
      this.#end('active');
      this.#end('pending');
      this.#gop.clear();
      this.#videoHeader = undefined;
      this.#audioHeader = undefined;
      return;
    }
    const stream = this.#relayable();
    if (this.#active && !this.#active.ended && this.#active.stream === stream) this.#end('pending');
    else if (!this.#pending || this.#pending.ended || this.#pending.stream !== stream) {
      this.#end('pending');
      this.#begin(stream);
    }
    this.#options.onChange();
  }

  /** H.264 is what every player takes; anything else is decoded and encoded. */
  #relayable(): IngestStream | undefined {
    const ingest = this.#ingest;
    return ingest?.online === true &&
      ingest.videoHeader?.tag.codec === 'avc1' &&
      !ingest.videoHeader.tag.enhanced
      ? ingest
      : undefined;
  }

  #begin(stream: IngestStream | undefined): void {
    const origin: Origin = { stream, ended: false, header: stream?.videoHeader, working: undefined };
    this.#pending = origin;
    if (!stream) {
      origin.working = this.#encode(origin);
      return;
    }
    // Nothing is shown yet: better what was since the last key frame than nothing until the next.
    if (!this.#active) {
      const { gop } = stream;
      const lastMs = gop.at(-1)?.message.timestampMs ?? 0;
      gop.forEach(({ message, tag }, index) =>
        this.#onVideo(origin, { message: { ...message, timestampMs: lastMs - gop.length + 1 + index }, tag }),
      );
    }
    origin.working = stream.listen({
      onVideo: (video) => this.#onVideo(origin, video),
      onAudio: (audio) => this.#onAudio(origin, audio),
      onEnd: () => {
        origin.ended = true;
        void origin.working?.dispose();
      },
    });
  }

  #encode(origin: Origin): Disposable | undefined {
    const { ffmpeg, ...options } = this.#options;
    if (!ffmpeg?.encoders.has('libx264')) {
      this.#failure = 'This needs an ffmpeg with the encoder libx264.';
      return undefined;
    }
    return new ProgramEncoder({
      ...options,
      ffmpeg,
      onVideo: (video) => this.#onVideo(origin, video),
      onFailure: (sentence) => {
        if (sentence === this.#failure) return;
        this.#failure = sentence;
        this.#options.onChange();
      },
    });
  }

  #onVideo(origin: Origin, video: TaggedVideo): void {
    const { kind, keyFrame } = video.tag;
    if (kind === 'sequence-header') {
      origin.header = video;
      if (origin !== this.#active) return;
      // The same origin, begun anew or in another size: its timestamps may have, too.
      if (!origin.stream) this.#clock.restart();
      this.#sendHeader(origin, video.message.timestampMs);
      return;
    }
    if (kind !== 'frame') return;
    if (origin === this.#pending && keyFrame) {
      this.#end('active');
      this.#active = origin;
      this.#pending = undefined;
      this.#clock.restart();
      this.#sendHeader(origin, video.message.timestampMs);
      this.#options.onChange();
    }
    if (origin === this.#active) this.#sendVideo(video);
  }

  #sendHeader({ header, stream }: Origin, timestampMs: number): void {
    this.#gop.clear();
    if (header) {
      this.#videoHeader = header;
      this.#sendVideo({ tag: header.tag, message: { ...header.message, timestampMs } });
    }
    this.#audioHeader = stream?.audioHeader;
    if (this.#audioHeader) {
      const { tag, message } = this.#audioHeader;
      this.#sendAudio({ tag, message: { ...message, timestampMs } });
    }
  }

  #onAudio(origin: Origin, audio: TaggedAudio): void {
    if (origin !== this.#active) return;
    if (audio.tag.kind === 'sequence-header') this.#audioHeader = audio;
    this.#sendAudio(audio);
  }

  #sendVideo({ message, tag }: TaggedVideo): void {
    const video = { tag, message: { ...message, timestampMs: this.#clock.map(message.timestampMs) } };
    this.#gop.push(video);
    if (tag.kind === 'frame') {
      this.counters.frames++;
      this.counters.bytes += message.payload.length;
    }
    for (const listener of [...this.#listeners]) listener.onVideo?.(video);
  }

  #sendAudio({ message, tag }: TaggedAudio): void {
    const audio = { tag, message: { ...message, timestampMs: this.#clock.map(message.timestampMs) } };
    for (const listener of [...this.#listeners]) listener.onAudio?.(audio);
  }

  #end(which: 'active' | 'pending'): void {
    const origin = which === 'active' ? this.#active : this.#pending;
    if (which === 'active') this.#active = undefined;
    else this.#pending = undefined;
    if (!origin) return;
    origin.ended = true;
    void origin.working?.dispose();
    if (!origin.stream) this.#failure = undefined;
  }
}
