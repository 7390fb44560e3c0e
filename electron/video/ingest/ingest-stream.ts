import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import { type Logger } from '../../base/logger.ts';
import { type AmfValue, decodeAmf0, encodeMetaData } from '../rtmp/amf0.ts';
import { parseAudioTag, parseVideoTag } from '../rtmp/ex-video.ts';
import {
  AUDIO,
  DATA_AMF0,
  type MediaMessage,
  type Publisher,
  type PublisherSink,
  type Refusal,
  VIDEO,
} from '../rtmp/types.ts';
import { GopCache } from './gop-cache.ts';
import { type MediaListener, type MediaStream } from './media-stream.ts';
import { type TaggedAudio, type TaggedVideo } from './tagged.ts';

export interface IngestInfo {
  readonly codec?: string;
  readonly width?: number;
  readonly height?: number;
  readonly fps?: number;
}

/** A publisher that was silent for so long may be replaced: its network is gone and it has come back. */
const SILENT_MS = 2500;

/** What is published under one key, whoever publishes it: headers, the pictures since the last key frame, and live. */
export class IngestStream implements MediaStream, Disposable {
  /** A second publisher takes the place of the first; otherwise it is refused. */
  takeOver = false;
  readonly #log: Logger;
  readonly #listeners = new Set<MediaListener>();
  readonly #changed = new Emitter<void>();
  readonly #gop = new GopCache();
  #publisher: Publisher | undefined;
  #lastMediaMs = 0;
  #session = 0;
  #videoHeader: TaggedVideo | undefined;
  #audioHeader: TaggedAudio | undefined;
  #metaData: Uint8Array | undefined;
  #info: IngestInfo = {};
  #disposed = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The publisher came or went, or its format became known. */
  get onChange(): Emitter<void>['event'] {
    return this.#changed.event;
  }

  get online(): boolean {
    return this.#publisher !== undefined;
  }

  get info(): IngestInfo {
    return this.#info;
  }

  get videoHeader(): TaggedVideo | undefined {
    return this.#videoHeader;
  }

  get audioHeader(): TaggedAudio | undefined {
    return this.#audioHeader;
  }

  get metaData(): Uint8Array | undefined {
    return this.#metaData;
  }

  get gop(): readonly TaggedVideo[] {
    return this.#gop.frames;
  }

  listen(listener: MediaListener): Disposable {
    const own: MediaListener = listener;
    this.#listeners.add(own);
    return toDisposable(() => void this.#listeners.delete(own));
  }

  accept(publisher: Publisher): Refusal | { readonly accept: true; readonly sink: PublisherSink } {
    if (this.#disposed) return refusal('This stream key was removed.');
    if (this.#publisher) {
      if (!this.takeOver && performance.now() - this.#lastMediaMs < SILENT_MS)
        return refusal(
          'Someone else is publishing with this stream key. Stop them first, or use a key of your own.',
        );
      this.#kick('replaced by a new publisher');
    }
    const session = ++this.#session;
    this.#publisher = publisher;
    this.#lastMediaMs = performance.now();
    this.#log.info('publisher came', { from: publisher.remoteAddress });
    for (const listener of [...this.#listeners]) listener.onStart?.();
    this.#changed.fire();
    return {
      accept: true,
      sink: {
        onMedia: (message) => {
          if (session === this.#session && this.#publisher) this.#onMedia(message);
        },
        onEnd: (reason) => {
          if (session === this.#session && this.#publisher) this.#onEnd(reason);
        },
      },
    };
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#publisher) this.#kick('the stream key was removed or changed');
    for (const listener of [...this.#listeners]) listener.onRemoved?.();
    this.#listeners.clear();
    this.#changed.dispose();
  }

  #kick(reason: string): void {
    const publisher = this.#publisher;
    this.#onEnd(reason);
    publisher?.close(reason);
  }

  #onEnd(reason: string): void {
    this.#log.info('publisher went', { from: this.#publisher?.remoteAddress, reason });
    this.#publisher = undefined;
    this.#gop.clear();
    this.#videoHeader = undefined;
    this.#audioHeader = undefined;
    this.#metaData = undefined;
    this.#info = {};
    for (const listener of [...this.#listeners]) listener.onEnd?.();
    this.#changed.fire();
  }

  #onMedia(message: MediaMessage): void {
    this.#lastMediaMs = performance.now();
    switch (message.type) {
      case VIDEO:
        this.#onVideo(message);
        break;
      case AUDIO:
        this.#onAudio(message);
        break;
      case DATA_AMF0:
        this.#onData(message.payload);
        break;
    }
  }

  #onVideo(message: MediaMessage): void {
    const tag = parseVideoTag(message.payload);
    if (!tag || tag.kind === 'other') return;
    const video: TaggedVideo = { message, tag };
    if (tag.kind === 'sequence-header') {
      if (!sameBytes(this.#videoHeader?.message.payload, message.payload)) this.#gop.clear();
      this.#videoHeader = { tag, message: copied(message) };
    }
    this.#gop.push(video);
    if (this.#info.codec !== tag.codec) this.#learn({ ...this.#info, codec: tag.codec });
    for (const listener of [...this.#listeners]) listener.onVideo?.(video);
  }

  #onAudio(message: MediaMessage): void {
    const tag = parseAudioTag(message.payload);
    if (!tag || tag.kind === 'other') return;
    const audio: TaggedAudio = { message, tag };
    if (tag.kind === 'sequence-header') this.#audioHeader = { tag, message: copied(message) };
    for (const listener of [...this.#listeners]) listener.onAudio?.(audio);
  }

  #onData(payload: Uint8Array): void {
    const values = safeAmf0(payload);
    const at = values.indexOf('onMetaData');
    const properties = values[at + 1];
    if (at === -1 || !isObject(properties)) return;
    this.#metaData = encodeMetaData(properties);
    const { width, height, framerate } = properties;
    const info = { ...this.#info };
    if (isSize(width) && isSize(height))
      Object.assign(info, { width: Math.round(width), height: Math.round(height) });
    if (typeof framerate === 'number' && framerate > 0 && framerate < 1000)
      Object.assign(info, { fps: framerate });
    this.#learn(info);
  }

  #learn(info: IngestInfo): void {
    this.#info = info;
    this.#changed.fire();
  }
}

const refusal = (description: string): Refusal => ({
  accept: false,
  code: 'NetStream.Publish.BadName',
  description,
});

const isSize = (value: AmfValue): value is number =>
  typeof value === 'number' && value >= 1 && value <= 16384;

const isObject = (value: AmfValue): value is Readonly<Record<string, AmfValue>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** Messages are views into what was received: what is kept for long must not keep all that. */
const copied = (message: MediaMessage): MediaMessage => ({
  ...message,
  payload: Buffer.from(message.payload),
});

const sameBytes = (a: Uint8Array | undefined, b: Uint8Array): boolean =>
  a !== undefined && Buffer.compare(a, b) === 0;

function safeAmf0(payload: Uint8Array): readonly AmfValue[] {
  try {
    return decodeAmf0(payload);
  } catch {
    // A publisher's metadata is only a help.
    return [];
  }
}
