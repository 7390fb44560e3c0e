/** The comment that `camera.mjs` writes behind the start of the picture: the time in ns, then the camera's number. */
const COMMENT_AT = 2;
const STAMP_AT = 6;

const stamped = (jpeg: Uint8Array): boolean =>
  jpeg[COMMENT_AT] === 0xff && jpeg[COMMENT_AT + 1] === 0xfe && jpeg[4] === 0 && jpeg[5] === 18;
const view = (jpeg: Uint8Array): DataView => new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);

/** When it was written, in ns of the monotonic clock; undefined: it is none of those pictures. */
export const stampOf = (jpeg: Uint8Array): bigint | undefined =>
  stamped(jpeg) ? view(jpeg).getBigUint64(STAMP_AT) : undefined;

/** Which camera wrote it; undefined: none of those. */
export const cameraOf = (jpeg: Uint8Array): number | undefined =>
  stamped(jpeg) ? view(jpeg).getUint32(STAMP_AT + 8) : undefined;
