import { type RtmpMessage } from '../../electron/video/rtmp/chunk-reader.ts';
import { MJPEG_HEAD } from '../../electron/video/rtmp/ex-video.ts';

/**
 * RTMP bytes written out by hand from the specification, independent of the code under test: also what no sane peer
 * would send.
 */

export interface ChunkSpec {
  readonly format: 0 | 1 | 2 | 3;
  readonly csid?: number;
  /** Use the longer forms of the basic header than needed. */
  readonly csidBytes?: 1 | 2 | 3;
  /** Absolute time (format 0) or delta (1, 2). For format 3: the extended timestamp to repeat. */
  readonly time?: number;
  readonly size?: number;
  readonly typeId?: number;
  readonly streamId?: number;
  readonly payload?: Uint8Array;
}

const EXTENDED = 0xffffff;

const be24 = (value: number): Buffer =>
  Buffer.from([(value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff]);
export const be32 = (value: number): Buffer => {
  const out = Buffer.alloc(4);
  out.writeUInt32BE(value >>> 0);
  return out;
};
const le32 = (value: number): Buffer => be32(value).reverse();

function basicHeader(format: number, csid: number, bytes?: number): Buffer {
  const size = bytes ?? (csid < 64 ? 1 : csid < 320 ? 2 : 3);
  if (size === 1) return Buffer.from([(format << 6) | csid]);
  if (size === 2) return Buffer.from([format << 6, csid - 64]);
  return Buffer.from([(format << 6) | 1, (csid - 64) & 0xff, (csid - 64) >> 8]);
}

/** One chunk, with or without payload. */
export function chunk(spec: ChunkSpec): Buffer {
  const { format, csid = 3, time, typeId = 20, streamId = 0, payload = Buffer.alloc(0) } = spec;
  const size = spec.size ?? payload.length;
  const header: Buffer[] = [basicHeader(format, csid, spec.csidBytes)];
  if (format < 3) {
    const value = time ?? 0;
    header.push(be24(value >= EXTENDED ? EXTENDED : value));
    if (format < 2) header.push(be24(size), Buffer.from([typeId]));
    if (format === 0) header.push(le32(streamId));
    if (value >= EXTENDED) header.push(be32(value));
  } else if (time !== undefined) header.push(be32(time));
  return Buffer.concat([...header, payload]);
}

/** A whole message in one type 0 chunk. */
export const message = (typeId: number, payload: Uint8Array, spec: Partial<ChunkSpec> = {}): Buffer =>
  chunk({ format: 0, typeId, payload, ...spec });

export const setChunkSize = (size: number): Buffer => message(1, be32(size), { csid: 2 });
export const abort = (csid: number): Buffer => message(2, be32(csid), { csid: 2 });

/** A message in comparable form. */
export const plain = ({ typeId, streamId, timestampMs, payload }: RtmpMessage) => ({
  typeId,
  streamId,
  timestampMs,
  payload: Buffer.from(payload).toString('hex'),
});

/** A repeatable stream of random numbers (mulberry32), in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const randomBytesOf = (random: () => number, size: number): Buffer =>
  Buffer.from(Array.from({ length: size }, () => Math.floor(random() * 256)));

/** One whole JPEG as the payload of a video message. */
export const encodeMjpegFrame = (jpeg: Uint8Array): Buffer => Buffer.concat([MJPEG_HEAD, jpeg]);
