import { CrosspointError } from '../../contract/index.ts';
import { Frame } from './frame.ts';

const MAX_HEADER_BYTES = 1024;
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
/** A picture in more pieces is cheaper to copy than to write out. */
const MAX_PIECES = 16;
const HEADER_END = Buffer.from('\r\n\r\n');

/**
 * Takes ffmpeg's `-f mpjpeg` apart by its Content-length headers, without looking at the pictures and without copying
 * them: eight cameras are 20 MB a second, and memory for copies of that keeps the garbage collector busier than all else.
 */
export class MpjpegReader {
  readonly #onFrame: (frame: Frame) => void;
  #header: Buffer = Buffer.alloc(0);
  /** What has come of the current picture; undefined between pictures. */
  #pieces: Buffer[] | undefined;
  #missingBytes = 0;

  constructor(onFrame: (frame: Frame) => void) {
    this.#onFrame = onFrame;
  }

  /** @throws CrosspointError `internal` when this is not such a stream */
  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#pieces ? this.#fill(this.#pieces, rest) : this.#readHeader(rest);
  }

  #fill(pieces: Buffer[], bytes: Buffer): Buffer {
    const piece = bytes.subarray(0, this.#missingBytes);
    pieces.push(piece);
    this.#missingBytes -= piece.length;
    if (this.#missingBytes === 0) {
      this.#pieces = undefined;
      this.#onFrame(new Frame(pieces.length > MAX_PIECES ? [Buffer.concat(pieces)] : pieces));
    }
    return bytes.subarray(piece.length);
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
    this.#pieces = [];
    this.#missingBytes = sizeBytes;
    return bytes.subarray(end + HEADER_END.length - before);
  }
}
