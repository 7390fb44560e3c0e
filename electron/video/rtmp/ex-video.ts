/**
 * Heads of FLV video and audio tag bodies: the classic ones (FLV 10.1, annex E.4) and Enhanced RTMP's (veovera
 * enhanced-rtmp v2, ExVideoTagHeader and ExAudioTagHeader).
 */

/** Four characters such as `avc1`, `hvc1`, `av01`, `mjpg`, `mp4a`, `Opus`; classic codecs have theirs here too. */
export type FourCc = string;

/** What a tag's body is. `other`: metadata, commands, and what this reader does not know. */
export type TagKind = 'frame' | 'sequence-header' | 'sequence-end' | 'other';

export interface VideoTag {
  readonly codec: FourCc;
  readonly kind: TagKind;
  readonly keyFrame: boolean;
  /** Presentation time minus decoding time, in milliseconds. */
  readonly compositionMs: number;
  /** Where the codec's own data starts. */
  readonly bodyOffset: number;
  /** Written with an ExVideoTagHeader. */
  readonly enhanced: boolean;
}

export interface AudioTag {
  readonly codec: FourCc;
  readonly kind: TagKind;
  readonly bodyOffset: number;
  readonly enhanced: boolean;
}

const KEY_FRAME = 1;
const GENERATED_KEY_FRAME = 4;
const COMMAND_FRAME = 5;
const EX_HEADER = 0x80;
const EX_AUDIO = 9;
const AAC = 10;
const AVC = 7;

const SEQUENCE_START = 0;
const CODED_FRAMES = 1;
const SEQUENCE_END = 2;
const CODED_FRAMES_X = 3;
const VIDEO_MPEG2TS_SEQUENCE_START = 5;
const AUDIO_MULTITRACK = 5;
const VIDEO_MULTITRACK = 6;
const MOD_EX = 7;

const CLASSIC_VIDEO: Readonly<Record<number, FourCc>> = {
  2: 'h263',
  3: 'scrn',
  4: 'vp6f',
  5: 'vp6a',
  6: 'scr2',
  7: 'avc1',
  // Not in any specification, but what Chinese encoders and old ffmpeg builds send.
  12: 'hvc1',
};
const CLASSIC_AUDIO: Readonly<Record<number, FourCc>> = {
  0: 'pcm ',
  1: 'adpc',
  2: '.mp3',
  3: 'pcml',
  4: 'nell',
  5: 'nell',
  6: 'nell',
  7: 'alaw',
  8: 'ulaw',
  10: 'mp4a',
  11: 'spex',
  14: '.mp3',
};

/** AVCPacketType. */
const AVC_PACKETS: Readonly<Record<number, TagKind>> = {
  0: 'sequence-header',
  1: 'frame',
  2: 'sequence-end',
};
const EX_AUDIO_PACKETS: Readonly<Record<number, TagKind>> = {
  [SEQUENCE_START]: 'sequence-header',
  [CODED_FRAMES]: 'frame',
  [SEQUENCE_END]: 'sequence-end',
};

const fourCcAt = (body: Uint8Array, offset: number): FourCc =>
  String.fromCharCode(...body.subarray(offset, offset + 4));

const signed24 = (body: Uint8Array, offset: number): number =>
  (((body[offset] ?? 0) << 24) | ((body[offset + 1] ?? 0) << 16) | ((body[offset + 2] ?? 0) << 8)) >> 8;

/** Where the head goes on after ModEx packets, and the type of the packet itself; undefined when it is cut short. */
function skipModEx(body: Uint8Array, packetType: number): { type: number; offset: number } | undefined {
  let type = packetType;
  let offset = 1;
  while (type === MOD_EX) {
    let size = (body[offset++] ?? 0) + 1;
    if (size === 256) {
      size = (((body[offset] ?? 0) << 8) | (body[offset + 1] ?? 0)) + 1;
      offset += 2;
    }
    offset += size;
    const next = body[offset++];
    if (next === undefined) return undefined;
    type = next & 0x0f;
  }
  return { type, offset };
}

/** The head of a video message's payload; undefined when it is empty or cut short. */
export function parseVideoTag(body: Uint8Array): VideoTag | undefined {
  const first = body[0];
  if (first === undefined) return undefined;
  const frameType = (first >> 4) & 0x07;
  const keyFrame = frameType === KEY_FRAME || frameType === GENERATED_KEY_FRAME;
  if ((first & EX_HEADER) !== 0) return parseExVideo(body, first & 0x0f, frameType, keyFrame);

  const id = first & 0x0f;
  const codec = CLASSIC_VIDEO[id] ?? `flv${id.toString(16)}`;
  if (frameType === COMMAND_FRAME)
    return { codec, kind: 'other', keyFrame: false, compositionMs: 0, bodyOffset: 1, enhanced: false };
  if (id !== AVC && codec !== 'hvc1')
    return { codec, kind: 'frame', keyFrame, compositionMs: 0, bodyOffset: 1, enhanced: false };
  if (body.length < 5) return undefined;
  const kind = AVC_PACKETS[body[1] ?? -1] ?? 'other';
  return { codec, kind, keyFrame, compositionMs: signed24(body, 2), bodyOffset: 5, enhanced: false };
}

function parseExVideo(
  body: Uint8Array,
  packetType: number,
  frameType: number,
  keyFrame: boolean,
): VideoTag | undefined {
  const head = skipModEx(body, packetType);
  if (!head) return undefined;
  const { type, offset } = head;
  if (body.length < offset + 4 && frameType !== COMMAND_FRAME) return undefined;
  const codec = fourCcAt(body, offset);
  const tag = (kind: TagKind, extra = 0, compositionMs = 0): VideoTag => ({
    codec,
    kind,
    keyFrame,
    compositionMs,
    bodyOffset: offset + 4 + extra,
    enhanced: true,
  });
  if (frameType === COMMAND_FRAME) return { ...tag('other'), keyFrame: false, bodyOffset: offset };
  switch (type) {
    case SEQUENCE_START:
    case VIDEO_MPEG2TS_SEQUENCE_START:
      return tag('sequence-header');
    case SEQUENCE_END:
      return tag('sequence-end');
    case CODED_FRAMES_X:
      return tag('frame');
    case CODED_FRAMES:
      // Only these carry a composition time.
      if (codec !== 'avc1' && codec !== 'hvc1' && codec !== 'vvc1') return tag('frame');
      return body.length < offset + 7 ? undefined : tag('frame', 3, signed24(body, offset + 4));
    case VIDEO_MULTITRACK:
      return { ...tag('other'), codec: 'mult', bodyOffset: offset };
    default:
      return tag('other');
  }
}

/** The head of an audio message's payload; undefined when it is empty or cut short. */
export function parseAudioTag(body: Uint8Array): AudioTag | undefined {
  const first = body[0];
  if (first === undefined) return undefined;
  const format = first >> 4;
  if (format !== EX_AUDIO) {
    const codec = CLASSIC_AUDIO[format] ?? `flv${format.toString(16)}`;
    if (format !== AAC) return { codec, kind: 'frame', bodyOffset: 1, enhanced: false };
    if (body.length < 2) return undefined;
    return { codec, kind: body[1] === 0 ? 'sequence-header' : 'frame', bodyOffset: 2, enhanced: false };
  }
  const head = skipModEx(body, first & 0x0f);
  if (!head) return undefined;
  const { type, offset } = head;
  if (type === AUDIO_MULTITRACK) return { codec: 'mult', kind: 'other', bodyOffset: offset, enhanced: true };
  if (body.length < offset + 4) return undefined;
  const kind = EX_AUDIO_PACKETS[type] ?? 'other';
  return { codec: fourCcAt(body, offset), kind, bodyOffset: offset + 4, enhanced: true };
}

/** The bytes before a whole JPEG in an Enhanced RTMP video message: CodedFramesX, key frame, FourCC `mjpg`. */
export const MJPEG_HEAD: Uint8Array = Buffer.from([
  EX_HEADER | (KEY_FRAME << 4) | CODED_FRAMES_X,
  0x6d,
  0x6a,
  0x70,
  0x67,
]);

/** The JPEG of such a payload, as a view; undefined for any other video. */
export function parseMjpegFrame(payload: Uint8Array): Uint8Array | undefined {
  const tag = parseVideoTag(payload);
  if (tag?.codec !== 'mjpg' || tag.kind !== 'frame') return undefined;
  return payload.subarray(tag.bodyOffset);
}
