import {
  clampGain,
  dbOfTravel,
  GAIN_MAX_DB,
  GAIN_MIN_DB,
  travelOfDb,
} from '../../electron/contract/index.ts';

/** Marks beside a fader, in dB. */
export const MARKS = [10, 5, 0, -5, -10, -20, -30, -40, -60] as const;
/** Close to 0 dB a fader sticks, in dB: nobody wants −0.1 dB by accident. */
const DETENT_DB = 0.35;
/** Lowest step above silence that keys and wheel reach, in dB. */
const FLOOR_DB = -60;

/** Rounded to what can be heard and read: 0.1 dB above −20 dB, 0.5 above −40, 1 below. */
export function tidy(db: number): number {
  if (db <= GAIN_MIN_DB + 0.5) return GAIN_MIN_DB;
  const grain = db > -20 ? 0.1 : db > -40 ? 0.5 : 1;
  return clampGain(Math.round(Math.round(db / grain) * grain * 10) / 10) + 0;
}

/** Gain at a place of the knob (0…1), with the detent at 0 dB. */
export function gainAt(travel: number): number {
  const db = dbOfTravel(travel);
  return Math.abs(db) < DETENT_DB ? 0 : tidy(db);
}

/** Where a knob is dragged to: fine movement is a tenth of the way. */
export const dragTo = (startTravel: number, movedTravel: number, fine: boolean): number =>
  gainAt(Math.max(0, Math.min(1, startTravel + movedTravel * (fine ? 0.1 : 1))));

/** One step up or down: 1 dB, fine 0.1 dB; from silence to the floor of the scale and back. */
export function nudge(db: number, direction: 1 | -1, fine: boolean): number {
  if (db <= GAIN_MIN_DB) return direction > 0 ? FLOOR_DB : GAIN_MIN_DB;
  const next = Math.round((db + direction * (fine ? 0.1 : 1)) * 10) / 10 + 0;
  if (next < FLOOR_DB) return GAIN_MIN_DB;
  return Math.min(GAIN_MAX_DB, next);
}

export { travelOfDb };
