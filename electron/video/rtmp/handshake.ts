import { randomBytes } from 'node:crypto';
import { CrosspointError } from '../../contract/index.ts';

/**
 * The simple handshake (RTMP 1.0 §5.2). Its version field is zero, by which ffmpeg and librtmp know that no digest
 * will come; none of the clients in use needs the digest variant.
 */

const VERSION = 3;
const PART_BYTES = 1536;

/** C0+C1 or S0+S1: the version, a time of zero, four zeros, and bytes that the peer must echo. */
export function makeHello(): Buffer {
  const hello = Buffer.alloc(1 + PART_BYTES);
  hello[0] = VERSION;
  randomBytes(PART_BYTES - 8).copy(hello, 9);
  return hello;
}

/** Reads the peer's version, its first part (C1 or S1) and its second part (C2 or S2), however they are cut. */
export class HandshakeReader {
  #buffer: Buffer | undefined;
  #filled = 0;
  #first: Buffer | undefined;

  /**
   * @returns the part that was completed and the bytes after it, or undefined when more is needed
   * @throws CrosspointError `bad-request` for another version, e.g. RTMPE or HTTP
   */
  push(
    data: Buffer,
  ): { readonly part: 'first' | 'second'; readonly bytes: Buffer; readonly rest: Buffer } | undefined {
    const isFirst = this.#first === undefined;
    const needed = isFirst ? 1 + PART_BYTES : PART_BYTES;
    if (isFirst && this.#filled === 0 && data.length > 0 && data[0] !== VERSION)
      throw new CrosspointError('bad-request', `Not RTMP: it began with version ${data[0] ?? 0}.`);
    this.#buffer ??= Buffer.allocUnsafeSlow(1 + PART_BYTES);
    const taken = Math.min(data.length, needed - this.#filled);
    data.copy(this.#buffer, this.#filled, 0, taken);
    this.#filled += taken;
    if (this.#filled < needed) return undefined;
    const bytes = this.#buffer.subarray(isFirst ? 1 : 0, needed);
    this.#buffer = undefined;
    this.#filled = 0;
    if (isFirst) this.#first = bytes;
    return { part: isFirst ? 'first' : 'second', bytes, rest: data.subarray(taken) };
  }
}
