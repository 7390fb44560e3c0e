import { CONTROL_CHANNEL } from './constants.ts';
import { PulseError } from './errors.ts';

const HEADER_BYTES = 20;
/** PulseAudio's own limit of a frame. */
const FRAME_BYTES_MAX = 16 * 1024 * 1024;

/** A frame as it goes over the wire: length, channel, offset (2 words), flags, then the payload. */
export function frame(channel: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  bytes.writeUInt32BE(payload.length, 0);
  bytes.writeUInt32BE(channel, 4);
  bytes.fill(0, 8, HEADER_BYTES);
  bytes.set(payload, HEADER_BYTES);
  return bytes;
}

export interface FrameSink {
  control(payload: Buffer): void;
  /** Sound of a stream. The bytes are the receiver's to keep. */
  data(channel: number, payload: Buffer): void;
}

/** Cuts the bytes that arrive into frames. Throws a `protocol` error on what PulseAudio never sends. */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerFilled = 0;
  #payload: Buffer | null = null;
  #payloadFilled = 0;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#payload === null) {
        const copied = chunk.copy(
          this.#header,
          this.#headerFilled,
          at,
          at + HEADER_BYTES - this.#headerFilled,
        );
        at += copied;
        this.#headerFilled += copied;
        if (this.#headerFilled < HEADER_BYTES) return;
        this.#payload = this.#allocate();
        this.#payloadFilled = 0;
      }
      const payload = this.#payload;
      const copied = chunk.copy(payload, this.#payloadFilled, at, at + payload.length - this.#payloadFilled);
      at += copied;
      this.#payloadFilled += copied;
      if (this.#payloadFilled < payload.length) return;
      this.#payload = null;
      this.#headerFilled = 0;
      const channel = this.#header.readUInt32BE(4);
      if (channel === CONTROL_CHANNEL) this.#sink.control(payload);
      else this.#sink.data(channel, payload);
    }
  }

  #allocate(): Buffer {
    const length = this.#header.readUInt32BE(0);
    const flags = this.#header.readUInt32BE(16);
    if (length > FRAME_BYTES_MAX)
      throw new PulseError('protocol', 'What answers there does not speak the protocol of a sound server.');
    // The upper byte announces shared memory, which we never offer.
    if ((flags & 0xff000000) !== 0)
      throw new PulseError('protocol', 'The sound server wants shared memory, which was not offered.');
    return Buffer.allocUnsafe(length);
  }
}
