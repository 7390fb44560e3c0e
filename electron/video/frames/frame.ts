import { MJPEG_HEAD } from '../rtmp/ex-video.ts';

/**
 * One picture on its way: a whole JPEG, never changed after it was made. It lies in the pieces in which it came, and goes
 * out in them: nothing of it is copied unless somebody asks for the whole.
 */
export class Frame {
  readonly sizeBytes: number;
  #pieces: readonly Uint8Array[];
  #whole: Uint8Array | undefined;

  /** @param pieces of the JPEG, in order */
  constructor(pieces: readonly Uint8Array[]) {
    this.#pieces = pieces;
    this.#whole = pieces.length === 1 ? pieces[0] : undefined;
    this.sizeBytes = pieces.reduce((sum, { length }) => sum + length, 0);
  }

  get pieces(): readonly Uint8Array[] {
    return this.#pieces;
  }

  /** All of it, joined at the first call. */
  get jpeg(): Uint8Array {
    if (!this.#whole) {
      this.#whole = Buffer.concat(this.#pieces, this.sizeBytes);
      this.#pieces = [this.#whole];
    }
    return this.#whole;
  }

  /** The payload of an Enhanced RTMP video message, in pieces. */
  get payload(): readonly Uint8Array[] {
    return [MJPEG_HEAD, ...this.#pieces];
  }
}

export const frameOf = (jpeg: Uint8Array): Frame => new Frame([jpeg]);
