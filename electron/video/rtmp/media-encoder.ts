import { encodeMedia } from './messages.ts';
import { type MediaMessage } from './types.ts';

/**
 * Encodes a message once for all viewers which get it one after the other: the same payload with the same time gives the
 * same bytes.
 */
export class MediaEncoder {
  #message: MediaMessage | undefined;
  #bytes: Buffer = Buffer.alloc(0);

  encode(message: MediaMessage): Buffer {
    const last = this.#message;
    if (
      last?.payload !== message.payload ||
      last.timestampMs !== message.timestampMs ||
      last.type !== message.type
    ) {
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
