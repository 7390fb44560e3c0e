import { COMMAND, CONTROL_CHANNEL, COOKIE_BYTES } from './constants.ts';
import { frame } from './frames.ts';
import { TagReader, TagWriter } from './tagstruct.ts';

const HEADER_BYTES = 20;
/** A greeting is 276 + 20 bytes. */
const GREETING_BYTES_MAX = 1024;
const ACCESS = 1;

export interface Greeting {
  readonly tag: number;
  readonly version: number;
  readonly cookie: Uint8Array;
  /** Length of the whole message. */
  readonly bytes: number;
}

/** The first message of a client, from the server's side. */
export function readGreeting(received: Buffer): Greeting | 'incomplete' | 'garbage' {
  if (received.length < HEADER_BYTES) return 'incomplete';
  const bytes = HEADER_BYTES + received.readUInt32BE(0);
  if (bytes > GREETING_BYTES_MAX || received.readUInt32BE(4) !== CONTROL_CHANNEL) return 'garbage';
  if (received.length < bytes) return 'incomplete';
  try {
    const reader = new TagReader(received.subarray(HEADER_BYTES, bytes));
    const command = reader.u32();
    const tag = reader.u32();
    // The upper half announces shared memory, which does not go over a network.
    const version = reader.u32() & 0xffff;
    const cookie = reader.arbitrary(COOKIE_BYTES);
    return command === COMMAND.auth && cookie.length === COOKIE_BYTES
      ? { tag, version, cookie, bytes }
      : 'garbage';
  } catch {
    return 'garbage';
  }
}

export const greetingFrame = (tag: number, version: number, cookie: Uint8Array): Buffer =>
  frame(CONTROL_CHANNEL, new TagWriter().u32(COMMAND.auth).u32(tag).u32(version).arbitrary(cookie).finish());

/** "Access denied" as an answer to `tag`. */
export const refusalFrame = (tag: number): Buffer =>
  frame(CONTROL_CHANNEL, new TagWriter().u32(COMMAND.error).u32(tag).u32(ACCESS).finish());
