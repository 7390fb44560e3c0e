import { encodeAmf0 } from './amf0.ts';
import { type RtmpMessage } from './chunk-reader.ts';
import { DATA_AMF3 } from './protocol.ts';
import { AUDIO, DATA_AMF0, type MediaMessage, VIDEO } from './types.ts';

const SET_DATA_FRAME = encodeAmf0('@setDataFrame');
const CLEAR_DATA_FRAME = encodeAmf0('@clearDataFrame');

const startsWith = (payload: Buffer, prefix: Buffer): boolean =>
  payload.subarray(0, prefix.length).equals(prefix);

/**
 * What a publisher's message is to those who watch. Nothing: empty ones, and orders to the server. `@setDataFrame`
 * only says that what follows it is to be kept; watchers get what follows.
 */
export function asMedia({ typeId, timestampMs, payload }: RtmpMessage): MediaMessage | undefined {
  if (payload.length === 0) return undefined;
  if (typeId === AUDIO || typeId === VIDEO) return { type: typeId, timestampMs, payload };
  if (typeId !== DATA_AMF0 && typeId !== DATA_AMF3) return undefined;
  const body = typeId === DATA_AMF3 && payload[0] === 0 ? payload.subarray(1) : payload;
  if (startsWith(body, CLEAR_DATA_FRAME)) return undefined;
  const data = startsWith(body, SET_DATA_FRAME) ? body.subarray(SET_DATA_FRAME.length) : body;
  return data.length === 0 ? undefined : { type: DATA_AMF0, timestampMs, payload: data };
}
