import { GAIN_MIN_DB } from '../../contract/index.ts';
import { rawOfDb, VOLUME_NORM } from '../pulse/index.ts';

interface Channel {
  readonly gainDb: number;
  readonly muted: boolean;
}

/** What a crosspoint's stream shall be set to. */
export interface Level {
  /** PulseAudio's raw volume. */
  readonly raw: number;
  readonly muted: boolean;
}

export const SILENCE: Level = { raw: 0, muted: true };
export const FULL: Level = { raw: VOLUME_NORM, muted: false };

export const sameLevel = (a: Level, b: Level): boolean => a.raw === b.raw && a.muted === b.muted;

export interface LevelLimits {
  /** The sum of all gains is never above this, so that a feedback loop cannot scream. */
  readonly ceilingDb: number;
  /** Talk-over, on top of everything: 0 or less. */
  readonly duckDb?: number;
  /** Silenced whatever its mutes say: the headphones carry only what is soloed. */
  readonly cut?: boolean;
}

/**
 * One path's level: the gains of source, crosspoint and destination add up (dB), never above the ceiling; any of the
 * three silences the path by its mute, or by being at the very bottom.
 */
export function levelOf(
  source: Channel,
  crosspoint: Channel,
  destination: Channel,
  { ceilingDb, duckDb = 0, cut = false }: LevelLimits,
): Level {
  const stages = [source, crosspoint, destination];
  const silent = stages.some(({ gainDb }) => gainDb <= GAIN_MIN_DB);
  const sumDb = stages.reduce((sum, stage) => sum + stage.gainDb, 0);
  const gainDb = silent ? GAIN_MIN_DB : Math.max(GAIN_MIN_DB, Math.min(sumDb, ceilingDb) + duckDb);
  return { raw: rawOfDb(gainDb), muted: cut || gainDb <= GAIN_MIN_DB || stages.some(({ muted }) => muted) };
}
