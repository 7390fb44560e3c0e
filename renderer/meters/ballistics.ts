/** Bottom of every meter, in dBFS. */
export const METER_MIN_DB = -60;
export const AMBER_DB = -20;
export const RED_DB = -9;
/** From here on a signal counts as clipped, in dBFS. */
export const CLIP_DB = -0.5;
/** How fast a meter falls back (IEC 60268-10 type I: 20 dB in 1.7 s). */
export const FALL_DB_PER_SECOND = 11.76;
export const HOLD_MS = 2000;

/** One channel of a meter as it stands. */
export interface Needle {
  /** What the bar shows, in dBFS. */
  readonly db: number;
  readonly holdDb: number;
  /** Time for which the hold mark still stands. */
  readonly holdLeftMs: number;
  /** Latched until it is reset. */
  readonly clipped: boolean;
}

export const REST: Needle = { db: METER_MIN_DB, holdDb: METER_MIN_DB, holdLeftMs: 0, clipped: false };

/** Rises at once, falls slowly; the mark of the highest peak stands for a while, then falls as fast. */
export function move(needle: Needle, levelDb: number, elapsedMs: number): Needle {
  const fallDb = (FALL_DB_PER_SECOND * elapsedMs) / 1000;
  const level = Math.max(METER_MIN_DB, Math.min(0, levelDb));
  const db = Math.max(level, needle.db - fallDb, METER_MIN_DB);
  const clipped = needle.clipped || levelDb >= CLIP_DB;
  if (level >= needle.holdDb && level > METER_MIN_DB)
    return { db, holdDb: level, holdLeftMs: HOLD_MS, clipped };
  const holdLeftMs = Math.max(0, needle.holdLeftMs - elapsedMs);
  const holdDb = holdLeftMs > 0 ? needle.holdDb : Math.max(db, needle.holdDb - fallDb, METER_MIN_DB);
  return { db, holdDb, holdLeftMs, clipped };
}

/** Height of a level in the meter, 0…1. */
export const heightOf = (db: number): number => Math.max(0, Math.min(1, (db - METER_MIN_DB) / -METER_MIN_DB));

export const isAtRest = (needle: Needle): boolean =>
  needle.db <= METER_MIN_DB && needle.holdDb <= METER_MIN_DB;
