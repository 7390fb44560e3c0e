import { type MatroskaTrack } from '../matroska.ts';
import { type TaggedAudio } from './tagged.ts';

/** What is published, as the decoder is told. */
export interface SoundTrack extends MatroskaTrack {
  /** Sound with another key needs another decoder. */
  readonly key: string;
  /** One channel for certain: it goes to both sides at its level. */
  readonly mono: boolean;
}

const CODECS: Readonly<Record<string, string>> = {
  mp4a: 'A_AAC',
  '.mp3': 'A_MPEG/L3',
  Opus: 'A_OPUS',
  fLaC: 'A_FLAC',
  'ac-3': 'A_AC3',
  'ec-3': 'A_EAC3',
};
/** Their decoders need a configuration, which comes first. */
const CONFIGURED = new Set(['mp4a', 'Opus', 'fLaC']);

/** ISO 14496-3, table 1.18. */
const AAC_RATES = [
  96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350,
] as const;

/** Of a header, or of a packet of sound that has none; undefined when it cannot be decoded, or not yet. */
export function soundTrackOf({ message, tag }: TaggedAudio): SoundTrack | undefined {
  const codecId = CODECS[tag.codec];
  if (codecId === undefined) return undefined;
  if (!CONFIGURED.has(tag.codec)) {
    const mono = !tag.enhanced && ((message.payload[0] ?? 1) & 1) === 0;
    return { key: `${tag.codec} ${mono}`, codecId, audio: { rateHz: 48000, channels: mono ? 1 : 2 }, mono };
  }
  if (tag.kind !== 'sequence-header') return undefined;
  const codecPrivate = Buffer.from(message.payload.subarray(tag.bodyOffset));
  const audio = tag.codec === 'mp4a' ? aacFormat(codecPrivate) : { rateHz: 48000, channels: 2 };
  // At lower rates it may be the core of parametric stereo.
  const mono =
    tag.codec === 'mp4a' && audio.channels === 1 && audio.rateHz > 24000 && aacType(codecPrivate) === LC;
  return { key: `${tag.codec} ${codecPrivate.toString('base64')}`, codecId, codecPrivate, audio, mono };
}

const LC = 2;
const aacType = ([first = 0]: Uint8Array): number => first >> 3;

/** From an AudioSpecificConfig (ISO 14496-3, 1.6.2.1). */
export function aacFormat(config: Uint8Array): { readonly rateHz: number; readonly channels: number } {
  const [first = 0, second = 0] = config;
  const rateHz = AAC_RATES[((first & 7) << 1) | (second >> 7)] ?? 48000;
  const channels = (second >> 3) & 15;
  return { rateHz, channels: channels === 7 ? 8 : Math.max(1, channels) };
}
