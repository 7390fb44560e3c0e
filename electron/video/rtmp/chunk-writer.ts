import { SEND_CHUNK_SIZE } from './protocol.ts';

export interface OutgoingMessage {
  readonly chunkStreamId: number;
  readonly typeId: number;
  readonly streamId: number;
  readonly timestampMs: number;
  readonly payload: Uint8Array;
}

const EXTENDED = 0xffffff;

function basicHeaderBytes(chunkStreamId: number): number {
  if (chunkStreamId < 64) return 1;
  return chunkStreamId < 320 ? 2 : 3;
}

function writeBasicHeader(out: Buffer, at: number, format: number, chunkStreamId: number): number {
  if (chunkStreamId < 64) {
    out[at] = (format << 6) | chunkStreamId;
    return at + 1;
  }
  if (chunkStreamId < 320) {
    out[at] = format << 6;
    out[at + 1] = chunkStreamId - 64;
    return at + 2;
  }
  out[at] = (format << 6) | 1;
  return out.writeUInt16LE(chunkStreamId - 64, at + 1);
}

/**
 * A message as it goes over the wire. Its first chunk is always of type 0, so that it depends on nothing that was sent
 * before: every viewer gets the same bytes. Its other chunks are of type 3, with the extended timestamp repeated.
 */
export function encodeMessage(message: OutgoingMessage, chunkSize = SEND_CHUNK_SIZE): Buffer {
  const { chunkStreamId, typeId, streamId, payload } = message;
  const timestamp = message.timestampMs >>> 0;
  const extendedBytes = timestamp >= EXTENDED ? 4 : 0;
  const basicBytes = basicHeaderBytes(chunkStreamId);
  const chunks = Math.max(1, Math.ceil(payload.length / chunkSize));
  const out = Buffer.allocUnsafe(11 + chunks * (basicBytes + extendedBytes) + payload.length);

  let at = writeBasicHeader(out, 0, 0, chunkStreamId);
  at = out.writeUIntBE(extendedBytes === 0 ? timestamp : EXTENDED, at, 3);
  at = out.writeUIntBE(payload.length, at, 3);
  at = out.writeUInt8(typeId, at);
  at = out.writeUInt32LE(streamId, at);
  if (extendedBytes > 0) at = out.writeUInt32BE(timestamp, at);
  for (let from = 0; ;) {
    const part =
      from === 0 && payload.length <= chunkSize ? payload : payload.subarray(from, from + chunkSize);
    out.set(part, at);
    at += part.length;
    from += part.length;
    if (from >= payload.length) return out;
    at = writeBasicHeader(out, at, 3, chunkStreamId);
    if (extendedBytes > 0) at = out.writeUInt32BE(timestamp, at);
  }
}
