import { CrosspointError } from '../../contract/index.ts';
import { type RtmpMessage } from './chunk-reader.ts';

const TAG_HEADER_BYTES = 11;
const BACK_POINTER_BYTES = 4;

/**
 * The messages within an aggregate message (RTMP 1.0 §7.1.6): FLV tags, whose times count from that of the first.
 * @throws CrosspointError `bad-request` when a tag is cut short
 */
export function* splitAggregate({ timestampMs, payload, streamId }: RtmpMessage): Generator<RtmpMessage> {
  let firstMs: number | undefined;
  for (let at = 0; at < payload.length;) {
    if (payload.length < at + TAG_HEADER_BYTES)
      throw new CrosspointError('bad-request', 'Malformed aggregate message.');
    const size = payload.readUIntBE(at + 1, 3);
    const tagMs = payload.readUIntBE(at + 4, 3) + payload.readUInt8(at + 7) * 2 ** 24;
    firstMs ??= tagMs;
    const start = at + TAG_HEADER_BYTES;
    if (payload.length < start + size)
      throw new CrosspointError('bad-request', 'Malformed aggregate message.');
    yield {
      typeId: payload.readUInt8(at),
      streamId,
      timestampMs: timestampMs + ((tagMs - firstMs) | 0),
      payload: payload.subarray(start, start + size),
    };
    at = start + size + BACK_POINTER_BYTES;
  }
}
