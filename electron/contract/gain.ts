import { z } from 'zod';

/** At and below this gain a path is silent: the "−∞" end of every fader. In dB. */
export const GAIN_MIN_DB = -100;
/** The loudest that a path may be made. In dB. */
export const GAIN_MAX_DB = 10;

/** A gain in dB, −100 (silence, shown as −∞) to +10. */
export const GainDb = z.number().min(GAIN_MIN_DB).max(GAIN_MAX_DB);

export const clampGain = (db: number): number => Math.min(GAIN_MAX_DB, Math.max(GAIN_MIN_DB, db));

/** "−6.0 dB", "+3.5 dB", "−∞ dB". */
export function formatDb(db: number, digits = 1): string {
  if (db <= GAIN_MIN_DB) return '−∞ dB';
  const text = Math.abs(db).toFixed(digits);
  const sign = Number(text) === 0 ? '' : db < 0 ? '−' : '+';
  return `${sign}${text} dB`;
}

/** Break points of the fader: [travel 0…1, dB]. 0 dB sits at three quarters of the travel. */
const SCALE: readonly (readonly [number, number])[] = [
  [0, GAIN_MIN_DB],
  [0.04, -60],
  [0.2, -40],
  [0.4, -20],
  [0.55, -10],
  [0.75, 0],
  [1, GAIN_MAX_DB],
];

function interpolate(points: readonly (readonly [number, number])[], x: number): number {
  let previous = points[0];
  for (const point of points) {
    if (previous && x <= point[0]) {
      const span = point[0] - previous[0];
      return span === 0 ? point[1] : previous[1] + ((x - previous[0]) / span) * (point[1] - previous[1]);
    }
    previous = point;
  }
  return previous ? previous[1] : 0;
}

/** Fader travel (0…1) of a gain in dB. */
export const travelOfDb = (db: number): number =>
  interpolate(
    SCALE.map(([travel, gain]) => [gain, travel] as const),
    clampGain(db),
  );

/** Gain in dB at a fader travel (0…1). */
export const dbOfTravel = (travel: number): number => interpolate(SCALE, Math.min(1, Math.max(0, travel)));
