import { oncePer } from './once-per.ts';
import { type CellKey, type SourceId } from '../../contract/index.ts';
import { type ModuleInfo, type SinkInputInfo, type SourceOutputInfo, VOLUME_NORM } from '../pulse/index.ts';
import { presentDevices, type WantedEcho } from './echo.ts';
import { type Level, sameLevel, SILENCE } from './levels.ts';
import { echoSinkName, echoSourceName, recogniseModule } from './names.ts';
import { type ServerSnapshot } from './snapshot.ts';
import { type Wanted, type WantedBus, type WantedCrosspoint } from './wanted.ts';

/** One step towards the desired routing. */
export type Operation =
  | {
      readonly kind: 'unload';
      readonly module: number;
      readonly because: string;
      readonly failed?: { readonly key: CellKey; readonly how: Misconnection };
    }
  | { readonly kind: 'load-bus'; readonly bus: WantedBus }
  | { readonly kind: 'load-listener'; readonly argument: string }
  | { readonly kind: 'load-echo'; readonly echo: WantedEcho }
  | { readonly kind: 'load-crosspoint'; readonly crosspoint: WantedCrosspoint; readonly argument: string }
  | {
      readonly kind: 'set-level';
      readonly key: CellKey;
      readonly sinkInput: SinkInputInfo;
      readonly level: Level;
    }
  /** Our own end of a path at full volume: only the crosspoint's stream sets levels. */
  | { readonly kind: 'open-sink'; readonly sink: number; readonly channels: number }
  | { readonly kind: 'open-capture'; readonly sourceOutput: number; readonly channels: number };

/** A crosspoint that is built, and how it is connected. */
export interface BuiltCrosspoint {
  readonly module: number;
  readonly argument: string;
  readonly sinkInput: SinkInputInfo | undefined;
  readonly sourceOutput: SourceOutputInfo | undefined;
}

/** Our own things in the server. */
export interface Own {
  /** Modules by bus (sink name), in the order of their indices. */
  readonly buses: ReadonlyMap<string, readonly number[]>;
  readonly crosspoints: ReadonlyMap<string, readonly BuiltCrosspoint[]>;
  /** By microphone. */
  readonly echoes: ReadonlyMap<SourceId, readonly ModuleInfo[]>;
  readonly listeners: readonly ModuleInfo[];
}

const append = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};

export const ownIn = oncePer((snapshot: ServerSnapshot): Own => {
  const sinkInputs = new Map<number, SinkInputInfo>();
  for (const input of snapshot.sinkInputs.values())
    if (input.module !== null) sinkInputs.set(input.module, input);
  const sourceOutputs = new Map<number, SourceOutputInfo>();
  for (const output of snapshot.sourceOutputs.values())
    if (output.module !== null) sourceOutputs.set(output.module, output);
  const buses = new Map<string, number[]>();
  const crosspoints = new Map<string, BuiltCrosspoint[]>();
  const echoes = new Map<SourceId, ModuleInfo[]>();
  const listeners: ModuleInfo[] = [];
  for (const module of [...snapshot.modules.values()].sort((a, b) => a.index - b.index)) {
    const own = recogniseModule(module);
    if (own?.role === 'bus') append(buses, own.bus, module.index);
    else if (own?.role === 'listener') listeners.push(module);
    else if (own?.role === 'echo') append(echoes, own.microphone, module);
    else if (own?.role === 'crosspoint')
      append(crosspoints, own.key, {
        module: module.index,
        argument: module.argument,
        sinkInput: sinkInputs.get(module.index),
        sourceOutput: sourceOutputs.get(module.index),
      });
  }
  return { buses, crosspoints, echoes, listeners };
});

export const isBuilt = ({ sinkInput, sourceOutput }: BuiltCrosspoint): boolean =>
  sinkInput !== undefined && sourceOutput !== undefined;

/** The streams of one module. */
export function builtOf(
  snapshot: ServerSnapshot,
  module: number,
): Pick<BuiltCrosspoint, 'sinkInput' | 'sourceOutput'> {
  const ofModule = (stream: { readonly module: number | null }): boolean => stream.module === module;
  return {
    sinkInput: [...snapshot.sinkInputs.values()].find(ofModule),
    sourceOutput: [...snapshot.sourceOutputs.values()].find(ofModule),
  };
}

/**
 * How it is connected. `connecting`: an end is not there yet (PipeWire's session manager takes its time).
 * `elsewhere`: a server may move streams behind our back.
 */
export type Connection = 'right' | 'connecting' | 'elsewhere';

export function connectionOf(
  wanted: Pick<WantedCrosspoint, 'from' | 'to'>,
  { sinkInput, sourceOutput }: Pick<BuiltCrosspoint, 'sinkInput' | 'sourceOutput'>,
  snapshot: ServerSnapshot,
): Connection {
  const to = sinkInput && snapshot.sinks.get(sinkInput.device)?.name;
  const from = sourceOutput && snapshot.sources.get(sourceOutput.device)?.name;
  if ((to !== undefined && to !== wanted.to) || (from !== undefined && from !== wanted.from))
    return 'elsewhere';
  return to !== undefined && from !== undefined ? 'right' : 'connecting';
}

export const levelMatches = (input: { volumes: readonly number[]; muted: boolean }, level: Level): boolean =>
  input.muted === level.muted && input.volumes.every((raw) => raw === level.raw);

const FULL: Level = { raw: VOLUME_NORM, muted: false };

/** The source and the sink that a crosspoint was built between. */
function wiringOf({ argument }: BuiltCrosspoint): { readonly from: string; readonly to: string } {
  const end = (key: string): string =>
    new RegExp(`(?:^| )${key}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^" ]+))`).exec(argument)?.slice(1).find(Boolean) ??
    '';
  return { from: end('source'), to: end('sink') };
}

/** What each of those that were built for one crosspoint is there for. */
export interface Roles {
  /** As wanted now, if it is built. */
  readonly kept: BuiltCrosspoint | undefined;
  readonly connection: Connection | null;
  /** Built otherwise, but it plays until the one that is wanted does. */
  readonly standIn: BuiltCrosspoint | undefined;
  readonly surplus: readonly { readonly built: BuiltCrosspoint; readonly because: string }[];
}

/** @param outdated modules that shall be built anew although they look right */
export function rolesOf(
  crosspoint: WantedCrosspoint,
  all: readonly BuiltCrosspoint[],
  snapshot: ServerSnapshot,
  outdated: ReadonlySet<number>,
): Roles {
  const right = all.filter(
    ({ argument, module }) =>
      (argument === crosspoint.argument || argument === crosspoint.tolerated) && !outdated.has(module),
  );
  const kept = right.find((built) => connectionOf(crosspoint, built, snapshot) === 'right') ?? right[0];
  const connection = kept ? connectionOf(crosspoint, kept, snapshot) : null;
  const others = all.filter((built) => !right.includes(built));
  const standIn =
    connection === 'right'
      ? undefined
      : others.find((built) => connectionOf(wiringOf(built), built, snapshot) === 'right');
  return {
    kept,
    connection,
    standIn,
    surplus: [
      ...right.filter((built) => built !== kept).map((built) => ({ built, because: 'double' })),
      ...others
        .filter((built) => built !== standIn)
        .map((built) => ({ built, because: outdated.has(built.module) ? 'late' : 'other settings' })),
    ],
  };
}

export interface PlanContext {
  /** Keys of crosspoints and names of buses that wait after a failure: they are not loaded now. */
  readonly waiting: ReadonlySet<string>;
  /** Keys of crosspoints that have been connecting for too long. */
  readonly stuck: ReadonlySet<string>;
  /** Keys of crosspoints that have been silent for a while: they cost as much as open ones, so they are let go. */
  readonly idle: ReadonlySet<string>;
  /** Keys of crosspoints that would send sound round in a circle: never connected. */
  readonly loops: ReadonlySet<string>;
  /** Modules of crosspoints that shall be built anew, for they have fallen behind. */
  readonly outdated: ReadonlySet<number>;
  /** What a stream was last set to by us; what somebody else made of it since is left alone. */
  readonly assigned: (sinkInput: number) => Level | undefined;
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
  const unloads = (operation: Operation): boolean => operation.kind === 'unload';
  // Crosspoints go before their buses, so that no server has a reason to move their streams elsewhere.
  return [
    ...crosspoints.filter(unloads),
    ...planListener(wanted, own, waiting),
    ...planEchoes(wanted, snapshot, own, context),
    ...buses,
    ...crosspoints.filter((operation) => !unloads(operation)),
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
  const used = new Set(
    [...own.crosspoints.values()].flat().flatMap((built) => Object.values(wiringOf(built))),
  );
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
  for (const [key, all] of own.crosspoints) {
    const crosspoint = byKey.get(key);
    const because = !crosspoint
      ? 'not wanted'
      : context.loops.has(key)
        ? 'goes round'
        : crosspoint.level.muted && context.idle.has(key)
          ? 'silent'
          : null;
    if (because !== null) for (const { module } of all) yield { kind: 'unload', module, because };
  }
  // Devices that are taken away to come back otherwise: nothing may be connected to them meanwhile.
  const leaving = new Set(endingEchoes(wanted, own).flatMap(({ devices }) => devices));
  for (const crosspoint of wanted.crosspoints) {
    const { key, argument, level, from, to } = crosspoint;
    if (context.loops.has(key) || (level.muted && context.idle.has(key))) continue;
    if (leaving.has(from) || leaving.has(to)) {
      for (const { module } of own.crosspoints.get(key) ?? [])
        yield { kind: 'unload', module, because: 'other settings' };
      continue;
    }
    const roles = rolesOf(crosspoint, own.crosspoints.get(key) ?? [], snapshot, context.outdated);
    for (const { built, because } of roles.surplus) yield { kind: 'unload', module: built.module, because };
    const { kept, connection, standIn } = roles;
    if (standIn) {
      // Silent, it has nothing to stand in for.
      if (level.muted) yield { kind: 'unload', module: standIn.module, because: 'other settings' };
      else yield* planLevels(crosspoint, standIn, 'right', context);
    }
    if (kept && connection) {
      const how = connection === 'connecting' && context.stuck.has(key) ? 'stuck' : connection;
      // It is built again after a while only.
      if (how === 'elsewhere' || how === 'stuck')
        yield { kind: 'unload', module: kept.module, because: how, failed: { key, how } };
      else yield* planLevels(crosspoint, kept, connection, context);
    } else if (argument !== null && !context.waiting.has(key) && !level.muted)
      // Silent ones are not built at all: a muted loopback costs as much as an open one.
      if (sourceNames.has(from) && sinkNames.has(to)) yield { kind: 'load-crosspoint', crosspoint, argument };
  }
}

/**
 * It stays silent until it is known to be connected where it belongs. Its volume as well: before it connects a stream,
 * WirePlumber sets it to what it remembers, and pipewire-pulse, which does not know yet, would take our volume for the
 * one that is set already.
 */
function* planLevels(
  { key, level }: WantedCrosspoint,
  { sinkInput, sourceOutput }: BuiltCrosspoint,
  connection: Connection,
  { assigned }: PlanContext,
): Generator<Operation> {
  const now = connection === 'right' ? level : SILENCE;
  if (sinkInput) {
    const last = assigned(sinkInput.index);
    if (last ? !sameLevel(last, now) : !levelMatches(sinkInput, now))
      yield { kind: 'set-level', key, sinkInput, level: now };
  }
  if (sourceOutput && !levelMatches(sourceOutput, FULL))
    yield { kind: 'open-capture', sourceOutput: sourceOutput.index, channels: sourceOutput.volumes.length };
}
