import { type AmfValue, encodeAmf0 } from './amf0.ts';
import { encodeMessage, encodeMessages, encodePieces, type MessageHead } from './chunk-writer.ts';
import {
  COMMAND_AMF0,
  CSID_AUDIO,
  CSID_COMMAND,
  CSID_CONTROL,
  CSID_DATA,
  CSID_STATUS,
  CSID_VIDEO,
  STREAM_ID,
  USER_CONTROL,
} from './protocol.ts';
import { AUDIO, type MediaMessage, type OutgoingMedia, type PiecesMessage, VIDEO } from './types.ts';

const MEDIA_CSID = { [AUDIO]: CSID_AUDIO, [VIDEO]: CSID_VIDEO, 18: CSID_DATA } as const;

/** Set Chunk Size, Acknowledgement, Window Acknowledgement Size: messages of one number. */
export function encodeControl(typeId: number, value: number, ...more: readonly number[]): Buffer {
  const payload = Buffer.alloc(4 + more.length);
  payload.writeUInt32BE(value >>> 0);
  payload.set(more, 4);
  return encodeMessage({ chunkStreamId: CSID_CONTROL, typeId, streamId: 0, timestampMs: 0, payload });
}

export function encodeUserControl(event: number, ...values: readonly number[]): Buffer {
  const payload = Buffer.alloc(2 + 4 * values.length);
  payload.writeUInt16BE(event);
  values.forEach((value, index) => payload.writeUInt32BE(value >>> 0, 2 + 4 * index));
  return encodeMessage({
    chunkStreamId: CSID_CONTROL,
    typeId: USER_CONTROL,
    streamId: 0,
    timestampMs: 0,
    payload,
  });
}

/** A command about the connection (stream 0), or about the stream. */
export const encodeCommand = (streamId: 0 | typeof STREAM_ID, ...values: readonly AmfValue[]): Buffer =>
  encodeMessage({
    chunkStreamId: streamId === 0 ? CSID_COMMAND : CSID_STATUS,
    typeId: COMMAND_AMF0,
    streamId,
    timestampMs: 0,
    payload: encodeAmf0(...values),
  });

export const encodeStatus = (level: 'status' | 'error', code: string, description: string): Buffer =>
  encodeCommand(STREAM_ID, 'onStatus', 0, null, { level, code, description });

const mediaHead = ({ type, timestampMs }: OutgoingMedia): MessageHead => ({
  ...{ chunkStreamId: MEDIA_CSID[type], typeId: type, streamId: STREAM_ID, timestampMs },
});

export const encodeMedia = (...messages: readonly MediaMessage[]): Buffer =>
  encodeMessages(messages.map((message) => ({ ...mediaHead(message), payload: message.payload })));

/** One that is for one viewer only: nothing is copied. */
export const encodeMediaPieces = (message: PiecesMessage): Uint8Array[] =>
  encodePieces(mediaHead(message), message.payload);
