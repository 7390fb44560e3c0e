/** Just enough Matroska (RFC 9559) to hand live tracks to a decoder, with their timestamps, block by block. */

const EBML = 0x1a45dfa3;
const EBML_VERSION = 0x4286;
const EBML_READ_VERSION = 0x42f7;
const EBML_MAX_ID_LENGTH = 0x42f2;
const EBML_MAX_SIZE_LENGTH = 0x42f3;
const DOC_TYPE = 0x4282;
const DOC_TYPE_VERSION = 0x4287;
const DOC_TYPE_READ_VERSION = 0x4285;
const SEGMENT = 0x18538067;
const INFO = 0x1549a966;
const TIMESTAMP_SCALE = 0x2ad7b1;
const MUXING_APP = 0x4d80;
const WRITING_APP = 0x5741;
const TRACKS = 0x1654ae6b;
const TRACK_ENTRY = 0xae;
const TRACK_NUMBER = 0xd7;
const TRACK_UID = 0x73c5;
const TRACK_TYPE = 0x83;
const FLAG_LACING = 0x9c;
const CODEC_ID = 0x86;
const CODEC_PRIVATE = 0x63a2;
const VIDEO = 0xe0;
const AUDIO = 0xe1;
const SAMPLING_FREQUENCY = 0xb5;
const CHANNELS = 0x9f;
const PIXEL_WIDTH = 0xb0;
const PIXEL_HEIGHT = 0xba;
const CLUSTER = 0x1f43b675;
const TIMESTAMP = 0xe7;
const SIMPLE_BLOCK = 0xa3;

const VIDEO_TRACK = 1;
const AUDIO_TRACK = 2;
const KEY_FRAME = 0x80;
/** "Goes on to the end", in one byte. */
const UNKNOWN_SIZE = Buffer.of(0xff);

function idBytes(id: number): Buffer {
  const size = id > 0xffffff ? 4 : id > 0xffff ? 3 : id > 0xff ? 2 : 1;
  const bytes = Buffer.alloc(size);
  bytes.writeUIntBE(id, 0, size);
  return bytes;
}

/** In four bytes: up to 256 MB. */
function sizeBytes(size: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(0x10000000 + size);
  return bytes;
}

const element = (id: number, ...parts: readonly Uint8Array[]): Buffer =>
  Buffer.concat([idBytes(id), sizeBytes(parts.reduce((sum, { length }) => sum + length, 0)), ...parts]);

function float(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleBE(value);
  return element(id, bytes);
}

function unsigned(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(6);
  bytes.writeUIntBE(value, 0, 6);
  return element(id, bytes);
}

const text = (id: number, value: string): Buffer => element(id, Buffer.from(value, 'latin1'));

export interface MatroskaTrack {
  /** `V_MJPEG`, `V_MPEGH/ISO/HEVC`, `V_AV1`, `A_AAC` … */
  readonly codecId: string;
  readonly codecPrivate?: Uint8Array;
  /** Decoders find the true size by themselves. */
  readonly width?: number;
  readonly height?: number;
  /** It is sound. */
  readonly audio?: { readonly rateHz: number; readonly channels: number };
}

function trackEntry(
  { codecId, codecPrivate, width = 16, height = 16, audio }: MatroskaTrack,
  index: number,
): Buffer {
  return element(
    TRACK_ENTRY,
    unsigned(TRACK_NUMBER, index + 1),
    unsigned(TRACK_UID, index + 1),
    unsigned(TRACK_TYPE, audio ? AUDIO_TRACK : VIDEO_TRACK),
    unsigned(FLAG_LACING, 0),
    text(CODEC_ID, codecId),
    ...(codecPrivate ? [element(CODEC_PRIVATE, codecPrivate)] : []),
    audio
      ? element(AUDIO, float(SAMPLING_FREQUENCY, audio.rateHz), unsigned(CHANNELS, audio.channels))
      : element(VIDEO, unsigned(PIXEL_WIDTH, width), unsigned(PIXEL_HEIGHT, height)),
  );
}

/** What comes before the first block. Tracks are numbered from 1. */
export function matroskaHeader(...tracks: readonly MatroskaTrack[]): Buffer {
  return Buffer.concat([
    element(
      EBML,
      unsigned(EBML_VERSION, 1),
      unsigned(EBML_READ_VERSION, 1),
      unsigned(EBML_MAX_ID_LENGTH, 4),
      unsigned(EBML_MAX_SIZE_LENGTH, 8),
      text(DOC_TYPE, 'matroska'),
      unsigned(DOC_TYPE_VERSION, 4),
      unsigned(DOC_TYPE_READ_VERSION, 2),
    ),
    idBytes(SEGMENT),
    UNKNOWN_SIZE,
    element(
      INFO,
      unsigned(TIMESTAMP_SCALE, 1_000_000),
      text(MUXING_APP, 'crosspoint'),
      text(WRITING_APP, 'crosspoint'),
    ),
    element(TRACKS, ...tracks.map(trackEntry)),
  ]);
}

/** One picture or sound, in a cluster of its own so that its time (presentation, milliseconds) has no limits. */
export function matroskaPicture(
  picture: Uint8Array,
  {
    timestampMs,
    keyFrame,
    track = 1,
  }: { readonly timestampMs: number; readonly keyFrame: boolean; readonly track?: number },
): readonly Uint8Array[] {
  const blockHead = Buffer.of(0x80 | track, 0, 0, keyFrame ? KEY_FRAME : 0);
  const blockSize = blockHead.length + picture.length;
  const block = [idBytes(SIMPLE_BLOCK), sizeBytes(blockSize), blockHead];
  const time = unsigned(TIMESTAMP, Math.max(0, Math.round(timestampMs)));
  const clusterSize = time.length + block.reduce((sum, { length }) => sum + length, 0) + picture.length;
  return [Buffer.concat([idBytes(CLUSTER), sizeBytes(clusterSize), time, ...block]), picture];
}
