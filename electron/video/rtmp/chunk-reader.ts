import { CrosspointError } from '../../contract/index.ts';
import { ABORT, DEFAULT_CHUNK_SIZE, MAX_MESSAGE_BYTES, SET_CHUNK_SIZE } from './protocol.ts';
import { AUDIO, VIDEO } from './types.ts';

/** One message, put together from its chunks. */
export interface RtmpMessage {
  readonly typeId: number;
  readonly streamId: number;
  /** Milliseconds, unwrapped beyond 32 bits. */
  readonly timestampMs: number;
  /** A view into what was received where possible. */
  readonly payload: Buffer;
}

export interface ChunkReaderOptions {
  readonly maxChunkStreams: number;
  /** Asked when a message begins: false skips its payload unread. May throw. */
  readonly admit: (typeId: number, sizeBytes: number) => boolean;
  /** What is pushed is written over afterwards: a message is a copy of it, not a view. Default false. */
  readonly lent?: boolean;
  /** Gets every message but Set Chunk Size and Abort, which act here. May call `suspend`. */
  readonly onMessage: (message: RtmpMessage) => void;
}

/** What is remembered of a chunk stream: the last header, and the message that is under way. */
class ChunkStream {
  timestampMs = 0;
  /** Timestamp field of the last header: absolute after type 0, a delta after types 1 and 2. */
  field = 0;
  absolute = true;
  extended = false;
  sizeBytes = 0;
  typeId = 0;
  streamId = 0;
  underWay = false;
  keep = true;
  received = 0;
  buffer: Buffer | undefined;
}

const EXTENDED = 0xffffff;
/** Three bytes of basic header, eleven of message header, four of extended timestamp. */
const MAX_HEADER_BYTES = 18;
const HEADER_BYTES = [11, 7, 3, 0] as const;
/** A message's memory grows as its bytes arrive: a header alone must not cost 16 MB. */
const FIRST_BUFFER_BYTES = 16 * 1024;
/**
 * Type 3 after type 0 repeats its absolute time as a delta (§5.3.1.2.4), but librtmp means "same time". The two only
 * differ visibly when the time is large, and then the delta is absurd.
 */
const MAX_REPEATED_DELTA_MS = 5000;

const protocolError = (why: string): CrosspointError =>
  new CrosspointError('bad-request', `Bad chunk: ${why}.`);

/** Turns the bytes of a connection, cut anywhere, into messages (RTMP 1.0 §5.3). */
export class ChunkReader {
  readonly #options: ChunkReaderOptions;
  readonly #streams = new Map<number, ChunkStream>();
  #chunkSize = DEFAULT_CHUNK_SIZE;
  /** Chunk whose payload is being read. */
  #current: ChunkStream | undefined;
  #chunkLeft = 0;
  /** A header cut by the end of what has arrived. */
  #carry: Buffer | undefined;
  #suspended = false;
  #held: Buffer[] = [];
  #unfinishedBytes = 0;
  /** Time of the last audio or video message: what the first time on another chunk stream is unwrapped by. */
  #mediaMs: number | undefined;
  /** How much memory unfinished messages may take together. */
  maxUnfinishedBytes = 256 * 1024;

  constructor(options: ChunkReaderOptions) {
    this.#options = options;
  }

  get unfinishedBytes(): number {
    return this.#unfinishedBytes;
  }

  /** @throws CrosspointError `bad-request` or `too-large`; the connection is beyond repair then */
  push(data: Buffer): void {
    if (this.#suspended) {
      this.#held.push(this.#own(data));
      return;
    }
    let rest: Buffer | undefined = data;
    if (this.#carry) rest = this.#finishHeader(this.#carry, data);
    if (rest) this.#read(rest);
  }

  /** Give no more messages until `resume`. */
  suspend(): void {
    this.#suspended = true;
  }

  resume(): void {
    this.#suspended = false;
    const held = this.#held;
    this.#held = [];
    for (const data of held) this.push(data);
  }

  /** A header that began in earlier data. The rest of `data`, or undefined when all of it went into the header. */
  #finishHeader(carry: Buffer, data: Buffer): Buffer | undefined {
    this.#carry = undefined;
    const bytes = Buffer.concat([carry, data.subarray(0, MAX_HEADER_BYTES)]);
    const used = this.#header(bytes, 0);
    if (used === 0) {
      this.#carry = bytes;
      return undefined;
    }
    // A missing extended timestamp is only known by the payload in its place.
    return used < carry.length
      ? Buffer.concat([carry.subarray(used), data])
      : data.subarray(used - carry.length);
  }

  #read(data: Buffer): void {
    let offset = 0;
    for (;;) {
      if (this.#current) offset = this.#payload(this.#current, data, offset);
      if (offset >= data.length) return;
      if (this.#suspended) {
        this.#held.unshift(this.#own(data.subarray(offset)));
        return;
      }
      const used = this.#header(data, offset);
      if (used === 0) {
        this.#carry = Buffer.from(data.subarray(offset));
        return;
      }
      offset += used;
    }
  }

  /** Reads one chunk header at `offset`. Answers its size, or 0 when it is not complete. */
  #header(data: Buffer, start: number): number {
    let at = start;
    const first = data[at++];
    if (first === undefined) return 0;
    const format = first >> 6;
    let id = first & 0x3f;
    if (id < 2) {
      if (data.length < at + id + 1) return 0;
      id = id === 0 ? 64 + data.readUInt8(at) : 64 + data.readUInt16LE(at);
      at += (first & 0x3f) + 1;
    }
    const headerBytes = HEADER_BYTES[format as 0 | 1 | 2 | 3];
    if (data.length < at + headerBytes) return 0;

    let stream = this.#streams.get(id);
    const fresh = stream === undefined;
    if (!stream) {
      // librtmp opens the control stream with type 1 when it answers a ping.
      if (format !== 0 && first !== 0x42)
        throw protocolError(`type ${format} on chunk stream ${id}, which is new`);
      if (this.#streams.size >= this.#options.maxChunkStreams) throw protocolError('too many chunk streams');
      stream = new ChunkStream();
    }
    if (format === 3) {
      at = this.#type3(stream, data, at);
      if (at === 0) return 0;
    } else {
      if (stream.underWay) throw protocolError(`type ${format} inside of a message on chunk stream ${id}`);
      let field = data.readUIntBE(at, 3);
      const extended = field === EXTENDED;
      if (extended) {
        if (data.length < at + headerBytes + 4) return 0;
        field = data.readUInt32BE(at + headerBytes);
      }
      if (format < 2) {
        stream.sizeBytes = data.readUIntBE(at + 3, 3);
        stream.typeId = data.readUInt8(at + 6);
      }
      if (format === 0) stream.streamId = data.readUInt32LE(at + 7);
      stream.extended = extended;
      stream.field = field;
      stream.absolute = format === 0;
      at += headerBytes + (extended ? 4 : 0);
      if (format === 0) stream.timestampMs = this.#unwrap(stream, fresh);
      else stream.timestampMs += field | 0;
    }
    if (fresh) this.#streams.set(id, stream);
    this.#begin(stream);
    return at - start;
  }

  /** Type 3: goes on with a message, or begins one like the last. Answers where the payload starts, 0 when cut. */
  #type3(stream: ChunkStream, data: Buffer, at: number): number {
    let field = stream.field;
    let end = at;
    if (stream.extended) {
      if (data.length < at + 4) return 0;
      field = data.readUInt32BE(at);
      end = at + 4;
      // The extended timestamp is repeated (§5.3.1.3), but some senders leave it out: then this is payload.
      if (stream.underWay) return field === stream.field ? end : at;
    }
    if (stream.underWay) return end;
    if (!stream.absolute) stream.timestampMs += stream.field | 0;
    else if (stream.extended) {
      stream.timestampMs += (field - stream.field) | 0;
      stream.field = field;
    } else if (field <= MAX_REPEATED_DELTA_MS) stream.timestampMs += field;
    return end;
  }

  /** The absolute time of type 0, carried on beyond 32 bits. */
  #unwrap(stream: ChunkStream, fresh: boolean): number {
    const isMedia = stream.typeId === AUDIO || stream.typeId === VIDEO;
    const last = fresh ? (isMedia ? this.#mediaMs : undefined) : stream.timestampMs;
    return last === undefined ? stream.field : last + ((stream.field - last) | 0);
  }

  #begin(stream: ChunkStream): void {
    if (!stream.underWay) {
      stream.keep = this.#options.admit(stream.typeId, stream.sizeBytes);
      stream.underWay = true;
      stream.received = 0;
      if (stream.sizeBytes === 0) {
        this.#complete(stream, Buffer.alloc(0));
        return;
      }
    }
    this.#current = stream;
    this.#chunkLeft = Math.min(this.#chunkSize, stream.sizeBytes - stream.received);
  }

  /** Takes what belongs to the current chunk. Answers where it ended. */
  #payload(stream: ChunkStream, data: Buffer, offset: number): number {
    const end = Math.min(data.length, offset + this.#chunkLeft);
    const size = end - offset;
    const whole = stream.received === 0 && size === stream.sizeBytes;
    if (stream.keep && !whole) this.#store(stream, data, offset, end);
    stream.received += size;
    this.#chunkLeft -= size;
    if (this.#chunkLeft > 0) return end;
    this.#current = undefined;
    if (stream.received === stream.sizeBytes)
      this.#complete(stream, whole ? this.#own(data.subarray(offset, end)) : stream.buffer);
    return end;
  }

  /** What may be kept of what was pushed. */
  #own(view: Buffer): Buffer {
    return this.#options.lent === true ? Buffer.from(view) : view;
  }

  #store(stream: ChunkStream, data: Buffer, offset: number, end: number): void {
    const needed = stream.received + end - offset;
    const old = stream.buffer;
    let buffer = old;
    if (!buffer || needed > buffer.length) {
      const wanted = Math.max(
        needed,
        old ? old.length * 2 : Math.max(FIRST_BUFFER_BYTES, 2 * (end - offset)),
      );
      const size = Math.min(stream.sizeBytes, wanted);
      this.#unfinishedBytes += size - (old?.length ?? 0);
      if (this.#unfinishedBytes > this.maxUnfinishedBytes)
        throw new CrosspointError('too-large', 'Bad chunk: too much in unfinished messages.');
      // Not from Node's shared pool: a message must not keep a stranger's bytes alive.
      buffer = Buffer.allocUnsafeSlow(size);
      old?.copy(buffer, 0, 0, stream.received);
      stream.buffer = buffer;
    }
    data.copy(buffer, stream.received, offset, end);
  }

  #complete(stream: ChunkStream, payload: Buffer | undefined): void {
    const { typeId, streamId, timestampMs, keep } = stream;
    this.#drop(stream);
    if (typeId === AUDIO || typeId === VIDEO) this.#mediaMs = timestampMs;
    if (!keep || !payload) return;
    if (typeId === SET_CHUNK_SIZE) this.#setChunkSize(payload);
    else if (typeId === ABORT) this.#abort(payload);
    else this.#options.onMessage({ typeId, streamId, timestampMs, payload });
  }

  #drop(stream: ChunkStream): void {
    this.#unfinishedBytes -= stream.buffer?.length ?? 0;
    stream.buffer = undefined;
    stream.underWay = false;
    stream.received = 0;
  }

  #setChunkSize(payload: Buffer): void {
    if (payload.length < 4) throw protocolError('Set Chunk Size without a size');
    const size = payload.readUInt32BE();
    if (size === 0 || size > 0x7fffffff) throw protocolError(`chunk size ${size}`);
    // Larger ones are legal and mean the same (§5.4.1).
    this.#chunkSize = Math.min(size, MAX_MESSAGE_BYTES);
  }

  #abort(payload: Buffer): void {
    if (payload.length < 4) throw protocolError('Abort without a chunk stream');
    const stream = this.#streams.get(payload.readUInt32BE());
    if (stream?.underWay) this.#drop(stream);
  }
}
