import { oncePer } from './once-per.ts';
import { type AudioStatus, type CrosspointStatus, type SoundDevice } from '../plane.ts';
import { formatDb } from '../../contract/index.ts';
import { dbOfRaw } from '../pulse/index.ts';
import { type BuiltPath, levelMatches, type Own, ownIn, rolesOf } from './built.ts';
import { type Devices, presentDevices } from './echo.ts';
import { heardSinks } from './loops.ts';
import { type Level } from './levels.ts';
import { type Mixer } from './mixers.ts';
import { OWN_PREFIX } from './names.ts';
import { type ServerSnapshot } from './snapshot.ts';
import { type Wanted, type WantedCrosspoint } from './wanted.ts';

/** Dummy devices that servers make when there is no real one. */
const DUMMIES = new Set(['auto_null']);

const toDevices = (
  devices: readonly { readonly name: string; readonly description: string }[],
): SoundDevice[] => {
  const byName = new Map<string, SoundDevice>();
  for (const { name, description } of devices)
    if (!byName.has(name)) byName.set(name, { name, description: description.trim() || name });
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
};

/** Microphones are the sources that are no monitors, speakers the sinks; without ours and dummies. */
export const devicesIn = oncePer((snapshot: ServerSnapshot): NonNullable<AudioStatus['devices']> => {
  const foreign = ({ name }: { readonly name: string }): boolean =>
    !name.startsWith(OWN_PREFIX) && !DUMMIES.has(name);
  const heardBy = heardSinks(snapshot);
  return {
    microphones: toDevices(
      [...snapshot.sources.values()].filter((source) => source.monitorOf === null && foreign(source)),
    ).map((device) => {
      const hears = heardBy(device.name);
      return hears === undefined ? device : { ...device, hears };
    }),
    speakers: toDevices([...snapshot.sinks.values()].filter(foreign)),
  };
});

/** What the sound is late by, against what it aims at. */
export interface Lateness {
  readonly latencyMs: number;
  /** Well above its aim, for some time. */
  readonly late: boolean;
}

export interface CrosspointContext {
  /** Readable reasons by key (crosspoints) or sink name (buses). */
  readonly failures: ReadonlyMap<string, string>;
  readonly latencies: ReadonlyMap<string, Lateness>;
  /** Levels that something else has given our faders, by index. */
  readonly heard: ReadonlyMap<number, Level>;
  /** Keys of crosspoints that are not connected because sound would go round. */
  readonly loops: ReadonlySet<string>;
  readonly outdated: ReadonlySet<number>;
  /** Is the fader on its way to this level? */
  readonly isBound: (fader: number, level: Level) => boolean;
}

/** Of the routes of the document; listening in is not shown. */
export function crosspointsIn(
  wanted: Wanted,
  snapshot: ServerSnapshot,
  context: CrosspointContext,
): Readonly<Record<string, CrosspointStatus>> {
  const own = ownIn(snapshot);
  const names = presentDevices(snapshot);
  return Object.fromEntries(
    wanted.crosspoints
      .filter(({ role }) => role === 'route')
      .map((crosspoint) => [crosspoint.key, crosspointStatus(crosspoint, own, names, context)]),
  );
}

const LOOP =
  'This would send the sound round in a circle: the destination is heard by the source. It stays unconnected.';

function crosspointStatus(
  crosspoint: WantedCrosspoint,
  own: Own,
  names: Devices,
  context: CrosspointContext,
): CrosspointStatus {
  const { failures, loops, outdated } = context;
  const { key, argument, level, from, to, offline } = crosspoint;
  if (loops.has(key)) return { state: 'error', reason: LOOP };
  const failure = failures.get(key) ?? failures.get(to) ?? failures.get(from.replace(/\.monitor$/, ''));
  if (failure !== undefined) return { state: 'error', reason: failure };
  if (argument === null) return { state: 'error', reason: 'The name of the device cannot be used.' };
  const { kept, connection, standIn } = rolesOf(crosspoint, own.paths.get(key) ?? [], outdated);
  const built = connection === 'right' ? kept : standIn;
  if (!built) {
    if (!names.sources.has(from)) return away(offline.source);
    if (!names.sinks.has(to)) return away(offline.destination);
    // A silent path that is not built is as asked.
    return level.muted ? { state: 'live' } : { state: 'pending' };
  }
  return builtStatus(crosspoint, built, context);
}

/** How a path gets its latency back that was not kept up with. */
const RECOVERY: Readonly<Record<Mixer, string>> = {
  loopbacks:
    'for the machine was too busy. It is brought back as soon as nobody speaks, or by a latency reset.',
  own: 'for the machine is busy, or a device takes so long. It becomes less by itself as soon as it can.',
};

const away = (reason: string | null): CrosspointStatus =>
  reason === null ? { state: 'pending' } : { state: 'offline', reason };

function builtStatus(
  { key, level, latencyMs: baseMs, delayMs }: WantedCrosspoint,
  { fader, mixer }: BuiltPath,
  { latencies, heard, isBound }: CrosspointContext,
): CrosspointStatus {
  const targetMs = baseMs + delayMs;
  const other = fader && heard.get(fader.index);
  if (fader && !other && !levelMatches(fader, level) && !isBound(fader.index, level))
    return { state: 'pending', targetMs };
  const lateness = latencies.get(key);
  const measured = { targetMs, ...(lateness ? { latencyMs: lateness.latencyMs } : {}) };
  if (other) {
    const gain = Math.round(dbOfRaw(other.raw) * 10) / 10;
    return {
      state: 'live',
      ...measured,
      heard: { gain, muted: other.muted },
      reason: `Another program ${other.muted ? 'muted this path' : `set this path to ${formatDb(gain)}`}; the next change here counts again.`,
    };
  }
  if (!lateness?.late) return { state: 'live', ...measured };
  return {
    state: 'degraded',
    ...measured,
    reason: `The sound is ${lateness.latencyMs} ms late instead of ${targetMs}, ${RECOVERY[mixer]}`,
  };
}
