import { type TaggedVideo } from './tagged.ts';

/** "FLV", version 1, video only, and the size of the tag before the first (FLV 10.1, annex E.2). */
export const FLV_HEADER = Buffer.from([0x46, 0x4c, 0x56, 1, 1, 0, 0, 0, 9, 0, 0, 0, 0]);

const TAG_HEAD_BYTES = 11;
const VIDEO_TAG = 9;
const AVC = 7;

/** One video tag with H.264 in it, in the classic form that every ffmpeg reads. */
export function flvVideoTag({ message, tag }: TaggedVideo, timestampMs: number): readonly Uint8Array[] {
  const body: readonly Uint8Array[] =
    tag.enhanced && tag.codec === 'avc1' ? classicAvc({ message, tag }) : [message.payload];
  const size = body.reduce((sum, part) => sum + part.length, 0);
  const head = Buffer.alloc(TAG_HEAD_BYTES);
  head[0] = VIDEO_TAG;
  head.writeUIntBE(size, 1, 3);
  head.writeUIntBE(timestampMs & 0xffffff, 4, 3);
  head[7] = (timestampMs >>> 24) & 0xff;
  const tail = Buffer.alloc(4);
  tail.writeUInt32BE(TAG_HEAD_BYTES + size);
  return [head, ...body, tail];
}

/** Enhanced RTMP's `avc1` as FLV has always had it. */
function classicAvc({ message, tag }: TaggedVideo): readonly Uint8Array[] {
  const head = Buffer.alloc(5);
  head[0] = ((tag.keyFrame || tag.kind === 'sequence-header' ? 1 : 2) << 4) | AVC;
  head[1] = tag.kind === 'sequence-header' ? 0 : tag.kind === 'sequence-end' ? 2 : 1;
  head.writeIntBE(tag.compositionMs, 2, 3);
  return [head, message.payload.subarray(tag.bodyOffset)];
}
