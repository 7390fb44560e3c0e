import { CrosspointError } from '../../contract/index.ts';
import { allocateFrame, type Frame } from './frame.ts';

const MAX_HEADER_BYTES = 1024;
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
const HEADER_END = Buffer.from('\r\n\r\n');

/**
 * Takes ffmpeg's `-f mpjpeg` apart by its Content-length headers, without looking at the pictures. Each picture is
 * copied once, into its own frame.
 */
export class MpjpegReader {
  readonly #onFrame: (frame: Frame) => void;
  #header: Buffer = Buffer.alloc(0);
  #frame: Frame | undefined;
  #filled = 0;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws CrosspointError `internal` when this is not such a stream */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#frame ? this.#fill(this.#frame, rest) : this.#readHeader(rest);
  }

  #fill(frame: Frame, bytes: Buffer): Buffer {
    const taken = bytes.subarray(0, frame.jpeg.length - this.#filled);
    frame.jpeg.set(taken, this.#filled);
    this.#filled += taken.length;
    if (this.#filled === frame.jpeg.length) {
      this.#frame = undefined;
      this.#onFrame(frame);
    }
    return bytes.subarray(taken.length);
  }

  #readHeader(bytes: Buffer): Buffer {
    const before = this.#header.length;
    const header = before === 0 ? bytes : Buffer.concat([this.#header, bytes]);
    const end = header.indexOf(HEADER_END);
    if (end === -1) {
      if (header.length > MAX_HEADER_BYTES)
        throw new CrosspointError('internal', 'ffmpeg wrote something else than pictures.');
      this.#header = Buffer.from(header);
      return bytes.subarray(bytes.length);
    }
    const length = /content-length:\s*(\d+)/i.exec(header.toString('latin1', 0, end))?.[1];
    const sizeBytes = Number(length);
    if (length === undefined || sizeBytes === 0 || sizeBytes > MAX_FRAME_BYTES)
      throw new CrosspointError('internal', 'ffmpeg wrote a picture without a usable length.');
    this.#header = Buffer.alloc(0);
    this.#frame = allocateFrame(sizeBytes);
    this.#filled = 0;
    return bytes.subarray(end + HEADER_END.length - before);
  }
}
