import { type CellKey } from '../../contract/index.ts';
import { type BuiltPath, type Connection, levelMatches, type Own, ownIn, rolesOf } from './built.ts';
import { presentDevices, type WantedEcho } from './echo.ts';
import { FULL, type Level, sameLevel, SILENCE } from './levels.ts';
import { type Mixer } from './mixers.ts';
import { echoSinkName, echoSourceName } from './names.ts';
import { type ServerSnapshot } from './snapshot.ts';
import { type Wanted, type WantedBus, type WantedCrosspoint } from './wanted.ts';

/** One step towards the desired routing. */
export type Operation =
  | { readonly kind: 'unload'; readonly module: number; readonly because: string }
  | { readonly kind: 'load-bus'; readonly bus: WantedBus }
  | { readonly kind: 'load-listener'; readonly argument: string }
  | { readonly kind: 'load-echo'; readonly echo: WantedEcho }
  | { readonly kind: 'build'; readonly crosspoint: WantedCrosspoint; readonly argument: string }
  | {
      readonly kind: 'retire';
      readonly path: BuiltPath;
      readonly because: string;
      readonly failed?: { readonly key: CellKey; readonly how: Misconnection };
    }
  | {
      readonly kind: 'set-level';
      readonly key: CellKey;
      readonly path: BuiltPath;
      readonly level: Level;
      /** Another path, which was heard until now, becomes silent meanwhile. */
      readonly takesOver: boolean;
    }
  /** Our own end of a path at full volume: only the crosspoint's fader sets levels. */
  | { readonly kind: 'open-sink'; readonly sink: number; readonly channels: number }
  | { readonly kind: 'open-capture'; readonly sourceOutput: number; readonly channels: number };

export interface PlanContext {
  /** Keys of crosspoints and names of buses that wait after a failure: they are not loaded now. */
  readonly waiting: ReadonlySet<string>;
  /** Keys of crosspoints that have been connecting for too long. */
  readonly stuck: ReadonlySet<string>;
  /** Keys of crosspoints that have been silent for a while: they cost as much as open ones, so they are let go. */
  readonly idle: ReadonlySet<string>;
  /** Keys of crosspoints that would send sound round in a circle: never connected. */
  readonly loops: ReadonlySet<string>;
  /** Ids of paths that shall be built anew, for they have fallen behind. */
  readonly outdated: ReadonlySet<number>;
  /** What a fader was last set to by us; what somebody else made of it since is left alone. */
  readonly assigned: (fader: number) => Level | undefined;
  /** Mixers that take paths now. */
  readonly ready: ReadonlySet<Mixer>;
}

/** A crosspoint that is connected elsewhere, or never: it is unloaded, and counts as a failure. */
export type Misconnection = 'elsewhere' | 'stuck';

/**
 * What is to be done so that the server becomes as wanted. Pure. What is right already stays untouched, whoever
 * (an earlier run of Crosspoint) has made it; what carries our mark and is not wanted goes; nothing else is touched.
 */
export function plan(wanted: Wanted, snapshot: ServerSnapshot, context: PlanContext): Operation[] {
  const { waiting } = context;
  const own = ownIn(snapshot);
  const buses = [...planBuses(wanted, snapshot, own, waiting)];
  const crosspoints = [...planCrosspoints(wanted, snapshot, own, context)];
  const ends = ({ kind }: Operation): boolean => kind === 'retire';
  // Crosspoints go before their buses, so that no server has a reason to move their streams elsewhere.
  return [
    ...crosspoints.filter(ends),
    ...planListener(wanted, own, waiting),
    ...planEchoes(wanted, snapshot, own, context),
    ...buses,
    ...crosspoints.filter((operation) => !ends(operation)),
  ];
}

/** Name of the listener among failures. */
export const LISTENER = 'listener';

function* planListener({ listener }: Wanted, own: Own, waiting: ReadonlySet<string>): Generator<Operation> {
  const kept = own.listeners.find(({ argument }) => argument === listener);
  for (const module of own.listeners)
    if (module !== kept) yield { kind: 'unload', module: module.index, because: 'other settings' };
  if (listener !== null && !kept && !waiting.has(LISTENER))
    yield { kind: 'load-listener', argument: listener };
}

/** Modules of echo cancelling that are not as wanted, with the devices that go with them. */
function endingEchoes(
  wanted: Wanted,
  own: Own,
): { readonly module: number; readonly devices: readonly string[] }[] {
  const kept = new Set<string>();
  return [...own.echoes].flatMap(([microphone, modules]) =>
    modules.flatMap(({ index, argument }) => {
      const echo = wanted.echoes.find((candidate) => candidate.microphone === microphone);
      if (echo?.argument === argument && !kept.has(microphone)) {
        kept.add(microphone);
        return [];
      }
      return [{ module: index, devices: [echoSourceName(microphone), echoSinkName(microphone)] }];
    }),
  );
}

/** It ends only when nothing of ours is connected to it any more. */
function* planEchoes(
  wanted: Wanted,
  snapshot: ServerSnapshot,
  own: Own,
  { waiting }: PlanContext,
): Generator<Operation> {
  const { sinks, sources } = presentDevices(snapshot);
  const used = new Set([...own.paths.values()].flat().flatMap(({ built: { from, to } }) => [from, to]));
  const ending = endingEchoes(wanted, own);
  // The last of a chain goes first: the others are what it plays to.
  const chained = new Set(
    [...own.echoes.values()].flat().map(({ argument }) => /(?:^| )sink_master=([^" ]+)/.exec(argument)?.[1]),
  );
  for (const { module, devices } of ending)
    if (!devices.some((name) => used.has(name) || chained.has(name)))
      yield { kind: 'unload', module, because: 'other settings' };
  const gone = new Set(ending.map(({ module }) => module));
  for (const echo of wanted.echoes) {
    const standing = own.echoes.get(echo.microphone)?.some(({ index }) => !gone.has(index)) ?? false;
    const leaving = ending.some(({ devices }) => devices.includes(echo.source));
    if (!standing && !leaving && !waiting.has(echo.source) && sources.has(echo.from) && sinks.has(echo.to))
      yield { kind: 'load-echo', echo };
  }
}

function* planBuses(
  wanted: Wanted,
  snapshot: ServerSnapshot,
  own: Own,
  waiting: ReadonlySet<string>,
): Generator<Operation> {
  const sinks = new Map([...snapshot.sinks.values()].map((sink) => [sink.module, sink] as const));
  const names = new Set([...snapshot.sinks.values()].map(({ name }) => name));
  const wantedNames = new Set(wanted.buses.map(({ sink }) => sink));
  for (const [name, modules] of own.buses) {
    // A second one with the same mark has got another name from the server.
    const kept = wantedNames.has(name)
      ? modules.find((module) => sinks.get(module)?.name === name)
      : undefined;
    for (const module of modules)
      if (module !== kept)
        yield { kind: 'unload', module, because: wantedNames.has(name) ? 'double' : 'not wanted' };
    const sink = kept === undefined ? undefined : sinks.get(kept);
    if (sink && !levelMatches(sink, FULL))
      yield { kind: 'open-sink', sink: sink.index, channels: sink.volumes.length };
  }
  for (const bus of wanted.buses)
    if (!names.has(bus.sink) && !waiting.has(bus.sink)) yield { kind: 'load-bus', bus };
}

function* planCrosspoints(
  wanted: Wanted,
  snapshot: ServerSnapshot,
  own: Own,
  context: PlanContext,
): Generator<Operation> {
  const byKey = new Map<string, WantedCrosspoint>(
    wanted.crosspoints.map((crosspoint) => [crosspoint.key, crosspoint]),
  );
  const sinkNames = new Set([...snapshot.sinks.values()].map(({ name }) => name));
  const sourceNames = new Set([...snapshot.sources.values()].map(({ name }) => name));
  for (const [key, all] of own.paths) {
    const crosspoint = byKey.get(key);
    const because = !crosspoint
      ? 'not wanted'
      : context.loops.has(key)
        ? 'goes round'
        : crosspoint.level.muted && context.idle.has(key)
          ? 'silent'
          : null;
    if (because !== null) for (const path of all) yield { kind: 'retire', path, because };
  }
  // Devices that are taken away to come back otherwise: nothing may be connected to them meanwhile.
  const leaving = new Set(endingEchoes(wanted, own).flatMap(({ devices }) => devices));
  for (const crosspoint of wanted.crosspoints) {
    const { key, argument, level, from, to } = crosspoint;
    if (context.loops.has(key) || (level.muted && context.idle.has(key))) continue;
    if (leaving.has(from) || leaving.has(to)) {
      for (const path of own.paths.get(key) ?? []) yield { kind: 'retire', path, because: 'other settings' };
      continue;
    }
    const roles = rolesOf(crosspoint, own.paths.get(key) ?? [], context.outdated);
    for (const { path, because } of roles.surplus) yield { kind: 'retire', path, because };
    const { kept, connection, standIn } = roles;
    if (standIn) {
      // Silent, it has nothing to stand in for.
      if (level.muted) yield { kind: 'retire', path: standIn, because: 'other settings' };
      else yield* planLevels(crosspoint, standIn, 'right', context);
    }
    if (kept && connection) {
      const how = connection === 'connecting' && context.stuck.has(key) ? 'stuck' : connection;
      // It is built again after a while only.
      if (how === 'elsewhere' || how === 'stuck')
        yield { kind: 'retire', path: kept, because: how, failed: { key, how } };
      else {
        const takesOver = roles.surplus.some(({ path: { fader } }) => fader?.muted === false);
        yield* planLevels(crosspoint, kept, connection, context, takesOver);
      }
    } else if (argument !== null && !context.waiting.has(key) && !level.muted)
      // Silent ones are not built at all: a muted loopback costs as much as an open one.
      if (context.ready.has(crosspoint.mixer) && sourceNames.has(from) && sinkNames.has(to))
        yield { kind: 'build', crosspoint, argument };
  }
}

/**
 * It stays silent until it is known to be connected where it belongs. Its volume as well: before it connects a stream,
 * WirePlumber sets it to what it remembers, and pipewire-pulse, which does not know yet, would take our volume for the
 * one that is set already.
 */
function* planLevels(
  { key, level }: WantedCrosspoint,
  path: BuiltPath,
  connection: Connection,
  { assigned }: PlanContext,
  takesOver = false,
): Generator<Operation> {
  const now = connection === 'right' ? level : SILENCE;
  const { fader, sourceOutput } = path;
  if (fader) {
    const last = assigned(fader.index);
    if (last ? !sameLevel(last, now) : !levelMatches(fader, now))
      yield { kind: 'set-level', key, path, level: now, takesOver };
  }
  if (sourceOutput && !levelMatches(sourceOutput, FULL))
    yield { kind: 'open-capture', sourceOutput: sourceOutput.index, channels: sourceOutput.volumes.length };
}
