import { GAIN_MIN_DB } from '../../contract/index.ts';
import { VOLUME_NORM } from './constants.ts';

/** No sum of gains gets past this. */
const LOUDEST_DB = 20;

/** PulseAudio's raw volume of a gain: cubic, 0 dB = 65536, silence = 0. */
export const rawOfDb = (db: number): number =>
  db <= GAIN_MIN_DB ? 0 : Math.round(VOLUME_NORM * 10 ** (Math.min(db, LOUDEST_DB) / 60));

/** Gain in dB of a raw volume; −100 for silence. */
export const dbOfRaw = (raw: number): number =>
  raw <= 0 ? GAIN_MIN_DB : Math.max(GAIN_MIN_DB, 60 * Math.log10(raw / VOLUME_NORM));

/** Linear amplitude (0 dB = 1) of a raw volume, and back. */
export const amplitudeOfRaw = (raw: number): number => (raw / VOLUME_NORM) ** 3;
export const rawOfAmplitude = (amplitude: number): number =>
  Math.round(VOLUME_NORM * Math.cbrt(Math.max(0, amplitude)));
