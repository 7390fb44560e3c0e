import { ownIn, rolesOf } from './built.ts';
import { type Mixer } from './mixers.ts';
import { type ServerSnapshot } from './snapshot.ts';
import { type Wanted } from './wanted.ts';

/** One look at a crosspoint. */
export interface LatencyReading {
  /** Its id. */
  readonly path: number;
  readonly mixer: Mixer;
  readonly source: string;
  readonly latencyMs: number;
  /** Without the delay that is wanted. */
  readonly baseMs: number;
  readonly delayMs: number;
  readonly muted: boolean;
}

/**
 * How late each path is, by key, where it is told: by the server of a loopback (PipeWire does not), by our own mixer of
 * its paths.
 * @param own by id of the path, in milliseconds
 */
export function latenciesIn(
  wanted: Wanted,
  snapshot: ServerSnapshot,
  outdated: ReadonlySet<number>,
  own: ReadonlyMap<number, number>,
): ReadonlyMap<string, LatencyReading> {
  const loopbackUs = new Map<number, number>();
  for (const { module, bufferUs, deviceUs } of [
    ...snapshot.sinkInputs.values(),
    ...snapshot.sourceOutputs.values(),
  ])
    if (module !== null) loopbackUs.set(module, (loopbackUs.get(module) ?? 0) + bufferUs + deviceUs);
  const { paths } = ownIn(snapshot);
  const readings = new Map<string, LatencyReading>();
  for (const crosspoint of wanted.crosspoints) {
    const { kept, connection } = rolesOf(crosspoint, paths.get(crosspoint.key) ?? [], outdated);
    if (!kept || connection !== 'right') continue;
    const ms = kept.mixer === 'own' ? own.get(kept.id) : (loopbackUs.get(kept.id) ?? 0) / 1000;
    if (ms !== undefined && ms > 0)
      readings.set(crosspoint.key, {
        path: kept.id,
        mixer: kept.mixer,
        source: crosspoint.from,
        latencyMs: Math.round(ms),
        baseMs: crosspoint.latencyMs,
        delayMs: crosspoint.delayMs,
        muted: crosspoint.level.muted,
      });
  }
  return readings;
}
