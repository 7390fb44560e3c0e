import { type Ffmpeg } from '../ffmpeg.ts';
import { matroskaHeader, matroskaPicture } from '../matroska.ts';
import { type EncoderPlan } from '../sources/encoder-args.ts';
import { FLV_HEADER, flvVideoTag } from './flv-writer.ts';
import { type TaggedVideo } from './tagged.ts';

/** How coded video is handed to the decoder. */
export interface DecoderInput {
  /** Decoders with another key need to be started anew. */
  readonly key: string;
  /** The demuxer's name. */
  readonly format: 'flv' | 'matroska';
  /** What comes first. */
  readonly head: readonly Uint8Array[];
  /** A sequence header in the middle; a picture. */
  readonly headerParts: (video: TaggedVideo, timestampMs: number) => readonly Uint8Array[];
  readonly pictureParts: (video: TaggedVideo, timestampMs: number) => readonly Uint8Array[];
}

/** Matroska's names for what Enhanced RTMP adds; FLV readers before ffmpeg 6.1 do not know these. */
const MATROSKA_CODECS: Readonly<Record<string, string>> = {
  hvc1: 'V_MPEGH/ISO/HEVC',
  av01: 'V_AV1',
  vp08: 'V_VP8',
  vp09: 'V_VP9',
};
/** Matroska has no decoder configuration for these, or decoders find it in the pictures. */
const WITHOUT_PRIVATE = new Set(['vp08', 'vp09']);

/** FLV takes a new header, and so another size, on the way. */
const FLV: DecoderInput = {
  key: 'flv',
  format: 'flv',
  head: [FLV_HEADER],
  headerParts: flvVideoTag,
  pictureParts: flvVideoTag,
};

/** For what is published with this sequence header; undefined: none has come yet. */
export function decoderInputFor(header: TaggedVideo | undefined): DecoderInput {
  const codecId = header && MATROSKA_CODECS[header.tag.codec];
  if (!header || codecId === undefined) return FLV;
  const { codec, bodyOffset } = header.tag;
  const codecPrivate = Buffer.from(header.message.payload.subarray(bodyOffset));
  return {
    key: `${codec} ${codecPrivate.toString('base64')}`,
    format: 'matroska',
    head: [matroskaHeader({ codecId, ...(WITHOUT_PRIVATE.has(codec) ? {} : { codecPrivate }) })],
    headerParts: () => [],
    pictureParts: ({ message, tag }, timestampMs) =>
      matroskaPicture(message.payload.subarray(tag.bodyOffset), {
        timestampMs: timestampMs + tag.compositionMs,
        keyFrame: tag.keyFrame,
      }),
  };
}

/** Sliced threads: frame threads would hold pictures back. */
export const decoderPlan = ({ format }: DecoderInput, cachedMs: number): EncoderPlan => ({
  input: [
    ...['-copyts', '-flags', 'low_delay', '-thread_type', 'slice'],
    ...['-probesize', '32', '-analyzeduration', '0', '-f', format, '-i', 'pipe:0'],
  ],
  skipUntilSeconds: cachedMs / 1000,
});

/** Which of ffmpeg's decoders, one of them, this codec needs. */
const DECODERS: Readonly<Record<string, readonly string[]>> = {
  hvc1: ['hevc'],
  av01: ['libdav1d', 'libaom-av1', 'av1'],
  vp08: ['vp8'],
  vp09: ['vp9'],
};

/** Undefined: it can be decoded. */
export function decoderMissing(
  header: TaggedVideo | undefined,
  ffmpeg: Pick<Ffmpeg, 'decoders' | 'version'>,
): string | undefined {
  const names = header && DECODERS[header.tag.codec];
  if (!names || names.some((name) => ffmpeg.decoders.has(name))) return undefined;
  return `ffmpeg ${ffmpeg.version} cannot decode what is published (${header.tag.codec}). Let the publisher send H.264.`;
}
