import { clampGain, GAIN_MIN_DB } from '../../contract/index.ts';
import { rawOfDb } from '../pulse/index.ts';

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

/**
 * One path's level: the gains of source, crosspoint and destination add up (dB), never above +10 so that a feedback
 * loop cannot scream; any of the three silences the path by its mute, or by being at the very bottom.
 */
export function levelOf(source: Channel, crosspoint: Channel, destination: Channel): Level {
  const stages = [source, crosspoint, destination];
  const silent = stages.some(({ gainDb }) => gainDb <= GAIN_MIN_DB);
  const gainDb = silent ? GAIN_MIN_DB : clampGain(stages.reduce((sum, stage) => sum + stage.gainDb, 0));
  return { raw: rawOfDb(gainDb), muted: gainDb <= GAIN_MIN_DB || stages.some(({ muted }) => muted) };
}
