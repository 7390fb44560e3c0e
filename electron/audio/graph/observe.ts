import { type AudioDesired, type AudioStatus, type CrosspointStatus, type SoundDevice } from '../plane.ts';
import { APPLICATION_ID } from '../pulse/index.ts';
import { type Level } from './levels.ts';
import { busName, monitorName, OWN_PREFIX, recogniseModule } from './names.ts';
import { connectionOf, levelMatches, type Own, ownIn } from './plan.ts';
import { type ServerSnapshot } from './snapshot.ts';
import { type Wanted, type WantedCrosspoint } from './wanted.ts';

/** So many times its latency a crosspoint may be late; a server that raised it does not lower it again. */
const LATENCY_ALARM = 3;

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
export function devicesIn(snapshot: ServerSnapshot): NonNullable<AudioStatus['devices']> {
  const foreign = ({ name }: { readonly name: string }): boolean =>
    !name.startsWith(OWN_PREFIX) && !DUMMIES.has(name);
  return {
    microphones: toDevices(
      [...snapshot.sources.values()].filter((source) => source.monitorOf === null && foreign(source)),
    ),
    speakers: toDevices([...snapshot.sinks.values()].filter(foreign)),
  };
}

/** A gadget is connected when somebody else's stream is on one of its buses. */
export function gadgetsIn(desired: AudioDesired, snapshot: ServerSnapshot): AudioStatus['gadgets'] {
  const foreign = (stream: {
    readonly module: number | null;
    readonly properties: Readonly<Record<string, string>>;
  }): boolean => {
    if (stream.properties['application.id'] === APPLICATION_ID) return false;
    const module = stream.module === null ? undefined : snapshot.modules.get(stream.module);
    // A client's stream belongs to the module that listens for clients, which may be ours.
    return module === undefined || recogniseModule(module)?.role !== 'crosspoint';
  };
  const used = new Set<string>();
  for (const input of snapshot.sinkInputs.values()) {
    const sink = snapshot.sinks.get(input.device);
    if (sink && foreign(input)) used.add(sink.name);
  }
  for (const output of snapshot.sourceOutputs.values()) {
    const source = snapshot.sources.get(output.device);
    if (source && foreign(output)) used.add(source.name);
  }
  return Object.fromEntries(
    desired.gadgets.map(({ id }) => [
      id,
      {
        connected:
          used.has(busName({ gadget: id, kind: 'return' })) ||
          used.has(monitorName(busName({ gadget: id, kind: 'mic' }))),
      },
    ]),
  );
}

export interface CrosspointContext {
  /** Readable reasons by key (crosspoints) or sink name (buses). */
  readonly failures: ReadonlyMap<string, string>;
  readonly latencies: ReadonlyMap<string, number>;
  /** Is the stream on its way to this level? */
  readonly isBound: (sinkInput: number, level: Level) => boolean;
}

export function crosspointsIn(
  wanted: Wanted,
  snapshot: ServerSnapshot,
  context: CrosspointContext,
): Readonly<Record<string, CrosspointStatus>> {
  const own = ownIn(snapshot);
  const names = {
    sinks: new Set([...snapshot.sinks.values()].map(({ name }) => name)),
    sources: new Set([...snapshot.sources.values()].map(({ name }) => name)),
  };
  return Object.fromEntries(
    wanted.crosspoints.map((crosspoint) => [
      crosspoint.key,
      crosspointStatus(crosspoint, own, names, snapshot, context),
    ]),
  );
}

function crosspointStatus(
  crosspoint: WantedCrosspoint,
  own: Own,
  names: { readonly sinks: ReadonlySet<string>; readonly sources: ReadonlySet<string> },
  snapshot: ServerSnapshot,
  { failures, latencies, isBound }: CrosspointContext,
): CrosspointStatus {
  const { key, argument, level, from, to, offline } = crosspoint;
  const failure = failures.get(key) ?? failures.get(to) ?? failures.get(from.replace(/\.monitor$/, ''));
  if (failure !== undefined) return { state: 'error', reason: failure };
  if (argument === null) return { state: 'error', reason: 'The name of the device cannot be used.' };
  if (!names.sources.has(from)) return { state: 'offline', reason: offline.source };
  if (!names.sinks.has(to)) return { state: 'offline', reason: offline.destination };
  const built = own.crosspoints
    .get(key)
    ?.find((candidate) => connectionOf(crosspoint, candidate, snapshot) === 'right');
  // A silent path that is not built is as asked.
  if (!built) return level.muted ? { state: 'live' } : { state: 'pending' };
  const { sinkInput } = built;
  if (sinkInput && !levelMatches(sinkInput, level) && !isBound(sinkInput.index, level))
    return { state: 'pending' };
  const latencyMs = latencies.get(key);
  if (latencyMs === undefined) return { state: 'live' };
  if (latencyMs <= crosspoint.latencyMs * LATENCY_ALARM) return { state: 'live', latencyMs };
  return {
    state: 'degraded',
    latencyMs,
    reason: `The sound is ${latencyMs} ms late instead of ${crosspoint.latencyMs}: the machine was too busy. Switch the crosspoint off and on when nobody speaks.`,
  };
}
