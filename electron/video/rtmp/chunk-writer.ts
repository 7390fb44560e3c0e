import { SEND_CHUNK_SIZE } from './protocol.ts';

export interface MessageHead {
  readonly chunkStreamId: number;
  readonly typeId: number;
  readonly streamId: number;
  readonly timestampMs: number;
}

export interface OutgoingMessage extends MessageHead {
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

const extendedBytesOf = (timestamp: number): number => (timestamp >= EXTENDED ? 4 : 0);

/** The head of a message's first chunk. Answers where it ends. */
function writeHead(out: Buffer, start: number, head: MessageHead, sizeBytes: number): number {
  const timestamp = head.timestampMs >>> 0;
  const extended = timestamp >= EXTENDED;
  let at = writeBasicHeader(out, start, 0, head.chunkStreamId);
  at = out.writeUIntBE(extended ? EXTENDED : timestamp, at, 3);
  at = out.writeUIntBE(sizeBytes, at, 3);
  at = out.writeUInt8(head.typeId, at);
  at = out.writeUInt32LE(head.streamId, at);
  return extended ? out.writeUInt32BE(timestamp, at) : at;
}

/** The head of each further chunk, of type 3, with the extended timestamp repeated. Answers where it ends. */
function writeNext(out: Buffer, start: number, { chunkStreamId, timestampMs }: MessageHead): number {
  const timestamp = timestampMs >>> 0;
  const at = writeBasicHeader(out, start, 3, chunkStreamId);
  return timestamp >= EXTENDED ? out.writeUInt32BE(timestamp, at) : at;
}

/** What a message takes on the wire. */
function encodedBytes({ chunkStreamId, timestampMs, payload }: OutgoingMessage, chunkSize: number): number {
  const chunkBytes = basicHeaderBytes(chunkStreamId) + extendedBytesOf(timestampMs >>> 0);
  const chunks = Math.max(1, Math.ceil(payload.length / chunkSize));
  return 11 + chunks * chunkBytes + payload.length;
}

/** Answers where the message ends. */
function writeMessage(out: Buffer, start: number, message: OutgoingMessage, chunkSize: number): number {
  const { payload } = message;
  let at = writeHead(out, start, message, payload.length);
  for (let from = 0; ;) {
    const part =
      from === 0 && payload.length <= chunkSize ? payload : payload.subarray(from, from + chunkSize);
    out.set(part, at);
    at += part.length;
    from += part.length;
    if (from >= payload.length) return at;
    at = writeNext(out, at, message);
  }
}

/**
 * Messages as they go over the wire. The first chunk of each is always of type 0, so that it depends on nothing that was
 * sent before: every viewer gets the same bytes.
 */
export function encodeMessages(messages: readonly OutgoingMessage[], chunkSize = SEND_CHUNK_SIZE): Buffer {
  const sizeBytes = messages.reduce((sum, message) => sum + encodedBytes(message, chunkSize), 0);
  const out = Buffer.allocUnsafe(sizeBytes);
  let at = 0;
  for (const message of messages) at = writeMessage(out, at, message, chunkSize);
  return out;
}

export const encodeMessage = (message: OutgoingMessage, chunkSize = SEND_CHUNK_SIZE): Buffer =>
  encodeMessages([message], chunkSize);

/** The same bytes in pieces, those of the payload being the very ones that were given. */
export function encodePieces(
  head: MessageHead,
  payload: readonly Uint8Array[],
  chunkSize = SEND_CHUNK_SIZE,
): Uint8Array[] {
  const chunkBytes = basicHeaderBytes(head.chunkStreamId) + extendedBytesOf(head.timestampMs >>> 0);
  const first = Buffer.allocUnsafe(11 + chunkBytes);
  writeHead(
    first,
    0,
    head,
    payload.reduce((sum, { length }) => sum + length, 0),
  );
  const out: Uint8Array[] = [first];
  let room = chunkSize;
  for (const piece of payload)
    for (let at = 0; at < piece.length;) {
      if (room === 0) {
        const next = Buffer.allocUnsafe(chunkBytes);
        writeNext(next, 0, head);
        out.push(next);
        room = chunkSize;
      }
      const part = at === 0 && piece.length <= room ? piece : piece.subarray(at, at + room);
      out.push(part);
      at += part.length;
      room -= part.length;
    }
  return out;
}
