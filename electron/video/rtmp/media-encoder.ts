import { encodeMedia } from './messages.ts';
import { type MediaMessage } from './types.ts';

/** Encodes messages once for all viewers which get them one after the other. */
export class MediaEncoder {
  #messages: readonly MediaMessage[] = [];
  #bytes: Buffer = Buffer.alloc(0);

  /** The same payloads with the same times give the same bytes. */
  encode(messages: readonly MediaMessage[]): Buffer {
    if (!isSame(messages, this.#messages)) {
      this.#bytes = encodeMedia(...messages);
      this.#messages = messages;
    }
    return this.#bytes;
  }

  /** Keep nothing of the last ones. */
  forget(): void {
    this.#messages = [];
    this.#bytes = Buffer.alloc(0);
  }
}

const isSame = (these: readonly MediaMessage[], those: readonly MediaMessage[]): boolean =>
  these === those ||
  (these.length === those.length &&
    these.every(({ payload, timestampMs, type }, index) => {
      const that = those[index];
      return that?.payload === payload && that.timestampMs === timestampMs && that.type === type;
    }));
