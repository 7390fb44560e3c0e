import { encodeMedia } from './messages.ts';
import { type MediaMessage } from './types.ts';

/** Encodes a message once for all viewers which get it one after the other: the same object gives the same bytes. */
export class MediaEncoder {
  #message: MediaMessage | undefined;
  #bytes: Buffer = Buffer.alloc(0);

  encode(message: MediaMessage): Buffer {
    if (message !== this.#message) {
      this.#bytes = encodeMedia(message);
      this.#message = message;
    }
    return this.#bytes;
  }

  /** Keep nothing of the last one. */
  forget(): void {
    this.#message = undefined;
    this.#bytes = Buffer.alloc(0);
  }
}
