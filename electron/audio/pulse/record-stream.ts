import { type Disposable } from '../../base/disposable.ts';
import { type PulseConnection } from './connection.ts';
import { COMMAND, INVALID_INDEX, VOLUME_NORM } from './constants.ts';
import { PulseError } from './errors.ts';
import { bytesOfMs, channelMap, frameBytes, type PcmFormat, wireSpec } from './stream-format.ts';
import { type Properties, type TagReader } from './tagstruct.ts';

export interface RecordStreamOptions extends PcmFormat {
  /** What people see in a mixer. */
  readonly name: string;
  /** Name of the source to record. */
  readonly source: string;
  /** How much sound comes at once. Default 10 ms; with `peakDetect` one value at a time. */
  readonly fragmentMs?: number;
  /** Every sample is the highest peak since the one before: for meters, at a low rate. */
  readonly peakDetect?: boolean;
  readonly properties?: Properties;
  /** Interleaved samples; the bytes are the receiver's to keep. */
  readonly onData: (pcm: Buffer) => void;
}

/** Sound of one source, as it comes. It is never moved to another source: when its own goes away, it ends. */
export class RecordStream implements Disposable {
  readonly #connection: PulseConnection;
  readonly #channel: number;
  #ended = false;
  #settleClosed: (reason: PulseError) => void = () => undefined;
  /** Index of the source output in the server. */
  readonly index: number;
  /** Settles when the stream has ended, with the reason. Never rejects. */
  readonly closed: Promise<PulseError>;

  private constructor(
    connection: PulseConnection,
    channel: number,
    index: number,
    onData: (pcm: Buffer) => void,
  ) {
    this.#connection = connection;
    this.#channel = channel;
    this.index = index;
    this.closed = new Promise((resolve) => (this.#settleClosed = resolve));
    void connection.closed.then((reason) => this.#end(reason));
    connection.attach('record', channel, {
      data: onData,
      message: (command) => {
        if (command === COMMAND.recordStreamKilled) this.#end(new PulseError('killed'));
      },
    });
  }

  static create(connection: PulseConnection, options: RecordStreamOptions): Promise<RecordStream> {
    const peakDetect = options.peakDetect ?? false;
    const fragment = peakDetect ? frameBytes(options) : bytesOfMs(options, options.fragmentMs ?? 10);
    return connection.call(
      'createRecordStream',
      (tags) =>
        tags
          .sampleSpec(wireSpec(options))
          .channelMap(channelMap(options.channels))
          .u32(INVALID_INDEX)
          .string(options.source)
          .u32(INVALID_INDEX) // longest buffer: as the server likes
          .bool(false) // corked
          .u32(fragment)
          .bool(false) // no remap
          .bool(false) // no remix
          .bool(false) // fix format
          .bool(false) // fix rate
          .bool(false) // fix channels
          .bool(true) // do not move
          .bool(false) // variable rate
          .bool(peakDetect)
          .bool(true) // adjust latency: without it meters come in bursts of 200 ms
          .properties({ 'media.name': options.name, ...options.properties })
          .u32(INVALID_INDEX) // direct on input
          .bool(false) // early requests
          .bool(false) // do not inhibit auto suspend
          .bool(false) // fail on suspend
          .u8(0) // formats
          .volumes(new Array<number>(options.channels).fill(VOLUME_NORM))
          .bool(false) // muted
          .bool(true) // volume set
          .bool(true) // muted set
          .bool(false) // relative volume
          .bool(false), // passthrough
      (reader: TagReader) => new RecordStream(connection, reader.u32(), reader.u32(), options.onData),
    );
  }

  #end(reason: PulseError): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#connection.detach('record', this.#channel);
    this.#settleClosed(reason);
  }

  async dispose(): Promise<void> {
    if (this.#ended) return;
    this.#end(new PulseError('killed', 'The stream was closed.'));
    if (!this.#connection.isOpen) return;
    try {
      await this.#connection.call(
        'deleteRecordStream',
        (tags) => tags.u32(this.#channel),
        () => undefined,
      );
    } catch {
      // Gone with its source or with the server.
    }
  }
}
