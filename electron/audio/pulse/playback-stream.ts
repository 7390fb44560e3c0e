import { type Disposable } from '../../base/disposable.ts';
import { type PulseConnection } from './connection.ts';
import { COMMAND, INVALID_INDEX, VOLUME_NORM } from './constants.ts';
import { PulseError } from './errors.ts';
import { bytesOfMs, channelMap, frameBytes, type PcmFormat, wireSpec } from './stream-format.ts';
import { type Properties, type TagReader } from './tagstruct.ts';

/** Those that are named; the others stay (PA_UPDATE_REPLACE). */
const PROPERTIES_REPLACE = 2;

export interface PlaybackStreamOptions extends PcmFormat {
  /** What people see in a mixer. */
  readonly name: string;
  /** Name of the sink to play to. */
  readonly sink: string;
  /** How much sound the server holds for us: the latency. Default 50 ms. */
  readonly targetMs?: number;
  /** Sound that must be there before it starts (again). Default half of the target. */
  readonly prebufferMs?: number;
  readonly properties?: Properties;
  /** There is room for so many bytes (whole frames): the moment to `write`. */
  readonly onWritable?: (bytes: number, stream: PlaybackStream) => void;
  readonly onUnderrun?: () => void;
}

/**
 * Sound that we play to one sink. The server gives credit for what it has room for; what is written beyond it would
 * only make the sound late, so `write` does not take it. Never moved to another sink: when its own goes away, it ends.
 */
export class PlaybackStream implements Disposable {
  readonly #connection: PulseConnection;
  readonly #channel: number;
  readonly #frameBytes: number;
  readonly #options: PlaybackStreamOptions;
  #credit: number;
  #ended = false;
  #settleClosed: (reason: PulseError) => void = () => undefined;
  /** Index of the sink input in the server. */
  readonly index: number;
  /** Settles when the stream has ended, with the reason. Never rejects. */
  readonly closed: Promise<PulseError>;

  private constructor(connection: PulseConnection, options: PlaybackStreamOptions, reader: TagReader) {
    this.#connection = connection;
    this.#options = options;
    this.#frameBytes = frameBytes(options);
    this.#channel = reader.u32();
    this.index = reader.u32();
    this.#credit = reader.u32();
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
    void connection.closed.then((reason) => this.#end(reason));
    connection.attach('playback', this.#channel, {
      message: (command, tags) => this.#onMessage(command, tags),
    });
    queueMicrotask(() => this.#offer());
  }

  static create(connection: PulseConnection, options: PlaybackStreamOptions): Promise<PlaybackStream> {
    const targetMs = options.targetMs ?? 50;
    const target = bytesOfMs(options, targetMs);
    return connection.call(
      'createPlaybackStream',
      (tags) =>
        tags
          .sampleSpec(wireSpec(options))
          .channelMap(channelMap(options.channels))
          .u32(INVALID_INDEX)
          .string(options.sink)
          .u32(target + bytesOfMs(options, 100)) // longest buffer
          .bool(false) // corked
          .u32(target)
          .u32(bytesOfMs(options, options.prebufferMs ?? targetMs / 2))
          .u32(INVALID_INDEX) // smallest request: as the server likes
          .u32(connection.nextStreamId())
          .volumes(new Array<number>(options.channels).fill(VOLUME_NORM))
          .bool(false) // no remap
          .bool(false) // no remix
          .bool(false) // fix format
          .bool(false) // fix rate
          .bool(false) // fix channels
          .bool(true) // do not move
          .bool(false) // variable rate
          .bool(false) // muted
          .bool(true) // adjust latency
          .properties({ 'media.name': options.name, ...options.properties })
          .bool(true) // volume set
          .bool(false) // early requests
          .bool(true) // muted set
          .bool(false) // do not inhibit auto suspend
          .bool(false) // fail on suspend
          .bool(false) // relative volume
          .bool(false) // passthrough
          .u8(0), // formats
      (reader) => new PlaybackStream(connection, options, reader),
    );
  }

  /** Bytes that the server has room for, whole frames. */
  get writableBytes(): number {
    return this.#ended ? 0 : this.#credit - (this.#credit % this.#frameBytes);
  }

  /** Plays what there is room for, whole frames, and answers how many bytes that was. */
  write(pcm: Uint8Array): number {
    const room = Math.min(pcm.length, this.writableBytes);
    const bytes = room - (room % this.#frameBytes);
    if (bytes === 0) return 0;
    this.#credit -= bytes;
    this.#connection.sendData(this.#channel, pcm.subarray(0, bytes));
    return bytes;
  }

  /** Notes on the stream that every client of the server can read. */
  async setProperties(properties: Properties): Promise<void> {
    await this.#connection.call(
      'updatePlaybackStreamProperties',
      (tags) => tags.u32(this.#channel).u32(PROPERTIES_REPLACE).properties(properties),
      () => undefined,
    );
  }

  /** Drop what is not heard yet. */
  async flush(): Promise<void> {
    await this.#connection.call(
      'flushPlaybackStream',
      (tags) => tags.u32(this.#channel),
      () => undefined,
    );
  }

  /** Time until a sample that is written now is heard. */
  async latencyMs(): Promise<number> {
    const { sinkMs, queuedMs } = await this.#timing();
    return sinkMs + queuedMs;
  }

  /** Sound that the server holds for us and its sink has not taken. */
  async queuedMs(): Promise<number> {
    return (await this.#timing()).queuedMs;
  }

  #timing(): Promise<{ readonly sinkMs: number; readonly queuedMs: number }> {
    return this.#connection.call(
      'getPlaybackLatency',
      (tags) => tags.u32(this.#channel).timeval(0, 0),
      (reader) => {
        const sinkUs = reader.usec();
        reader.usec();
        reader.bool();
        reader.timeval();
        reader.timeval();
        const queued = reader.s64() - reader.s64();
        return {
          sinkMs: sinkUs / 1000,
          queuedMs: (queued / this.#frameBytes / this.#options.rateHz) * 1000,
        };
      },
    );
  }

  #onMessage(command: number, tags: TagReader): void {
    switch (command) {
      case COMMAND.request:
        this.#credit += tags.u32();
        this.#offer();
        return;
      case COMMAND.underflow:
        this.#options.onUnderrun?.();
        return;
      case COMMAND.playbackStreamKilled:
        this.#end(new PulseError('killed'));
        return;
      default:
    }
  }

  #offer(): void {
    const bytes = this.writableBytes;
    if (bytes > 0) this.#options.onWritable?.(bytes, this);
  }

  #end(reason: PulseError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection.detach('playback', this.#channel);
    this.#settleClosed(reason);
  }

  async dispose(): Promise<void> {
    if (this.#ended) return;
    this.#end(new PulseError('killed', 'The stream was closed.'));
    if (!this.#connection.isOpen) return;
    try {
      await this.#connection.call(
        'deletePlaybackStream',
        (tags) => tags.u32(this.#channel),
        () => undefined,
      );
    } catch {
      // Gone with its sink or with the server.
    }
  }
}
