import { encodeMjpegFrame } from '../rtmp/ex-video.ts';

/** One picture on its way: a whole JPEG, never changed after it was made. */
export interface Frame {
  readonly jpeg: Uint8Array;
  /** The same bytes behind the head of an Enhanced RTMP video message: all viewers send this one buffer. */
  readonly payload: Uint8Array;
}

const HEAD = encodeMjpegFrame(new Uint8Array(0));

/** Room for a JPEG of `sizeBytes`, to be filled through `jpeg` before anyone else sees it. */
export function allocateFrame(sizeBytes: number): Frame {
  const payload = Buffer.allocUnsafe(HEAD.length + sizeBytes);
  HEAD.copy(payload);
  return { payload, jpeg: payload.subarray(HEAD.length) };
}

export function frameOf(jpeg: Uint8Array): Frame {
  const frame = allocateFrame(jpeg.length);
  frame.jpeg.set(jpeg);
  return frame;
}
