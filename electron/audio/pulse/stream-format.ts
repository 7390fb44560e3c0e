import { MAX_CHANNELS, POSITION, SAMPLE_BYTES, SAMPLE_FORMAT, type SampleFormat } from './constants.ts';
import { PulseError } from './errors.ts';
import { type SampleSpec } from './tagstruct.ts';

export interface PcmFormat {
  readonly format: SampleFormat;
  readonly channels: number;
  readonly rateHz: number;
}

export const frameBytes = ({ format, channels }: PcmFormat): number => SAMPLE_BYTES[format] * channels;

/** Bytes of `ms` of sound, whole frames. */
export const bytesOfMs = (pcm: PcmFormat, ms: number): number =>
  Math.round((pcm.rateHz * ms) / 1000) * frameBytes(pcm);

/** @throws PulseError `invalid` */
export function wireSpec(pcm: PcmFormat): SampleSpec {
  if (!Number.isInteger(pcm.channels) || pcm.channels < 1 || pcm.channels > MAX_CHANNELS)
    throw new PulseError('invalid', `A stream has 1 to ${MAX_CHANNELS} channels, not ${pcm.channels}.`);
  return { format: SAMPLE_FORMAT[pcm.format], channels: pcm.channels, rateHz: pcm.rateHz };
}

/** Mono, stereo, or channels without a place. */
export function channelMap(channels: number): number[] {
  if (channels === 1) return [POSITION.mono];
  if (channels === 2) return [POSITION.frontLeft, POSITION.frontRight];
  return Array.from({ length: channels }, (_, index) => POSITION.aux0 + index);
}
