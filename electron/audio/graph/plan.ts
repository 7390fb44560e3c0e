import { type CellKey } from '../../contract/index.ts';
import { type ModuleInfo, type SinkInputInfo, type SourceOutputInfo, VOLUME_NORM } from '../pulse/index.ts';
import { type Level } from './levels.ts';
import { recogniseModule } from './names.ts';
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
  readonly listeners: readonly ModuleInfo[];
}

const append = <K, V>(map: Map<K, V[]>, key: K, value: V): void => {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
};

export function ownIn(snapshot: ServerSnapshot): Own {
  const sinkInputs = new Map<number, SinkInputInfo>();
  for (const input of snapshot.sinkInputs.values())
    if (input.module !== null) sinkInputs.set(input.module, input);
  const sourceOutputs = new Map<number, SourceOutputInfo>();
  for (const output of snapshot.sourceOutputs.values())
    if (output.module !== null) sourceOutputs.set(output.module, output);
  const buses = new Map<string, number[]>();
  const crosspoints = new Map<string, BuiltCrosspoint[]>();
  const listeners: ModuleInfo[] = [];
  for (const module of [...snapshot.modules.values()].sort((a, b) => a.index - b.index)) {
    const own = recogniseModule(module);
    if (own?.role === 'bus') append(buses, own.bus, module.index);
    else if (own?.role === 'listener') listeners.push(module);
    else if (own?.role === 'crosspoint')
      append(crosspoints, own.key, {
        module: module.index,
        argument: module.argument,
        sinkInput: sinkInputs.get(module.index),
        sourceOutput: sourceOutputs.get(module.index),
      });
  }
  return { buses, crosspoints, listeners };
}

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
  wanted: WantedCrosspoint,
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

export interface PlanContext {
  /** Keys of crosspoints and names of buses that wait after a failure: they are not loaded now. */
  readonly waiting: ReadonlySet<string>;
  /** Keys of crosspoints that have been connecting for too long. */
  readonly stuck: ReadonlySet<string>;
  /** Keys of crosspoints that have been silent for a while: they cost as much as open ones, so they are let go. */
  readonly idle: ReadonlySet<string>;
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
  { waiting, stuck, idle }: PlanContext,
): Generator<Operation> {
  const byKey = new Map<string, WantedCrosspoint>(
    wanted.crosspoints.map((crosspoint) => [crosspoint.key, crosspoint]),
  );
  const sinkNames = new Set([...snapshot.sinks.values()].map(({ name }) => name));
  const sourceNames = new Set([...snapshot.sources.values()].map(({ name }) => name));
  const standing = new Set<string>();
  const failed = new Set<string>();
  for (const [key, all] of own.crosspoints) {
    const crosspoint = byKey.get(key);
    for (const built of all) {
      if (!crosspoint) yield { kind: 'unload', module: built.module, because: 'not wanted' };
      else if (crosspoint.level.muted && idle.has(key))
        yield { kind: 'unload', module: built.module, because: 'silent' };
      else if (standing.has(key)) yield { kind: 'unload', module: built.module, because: 'double' };
      else if (built.argument !== crosspoint.argument)
        yield { kind: 'unload', module: built.module, because: 'other settings' };
      else {
        const connection = connectionOf(crosspoint, built, snapshot);
        const how = connection === 'connecting' && stuck.has(key) ? 'stuck' : connection;
        if (how === 'elsewhere' || how === 'stuck') {
          yield { kind: 'unload', module: built.module, because: how, failed: { key: crosspoint.key, how } };
          // It is built again after a while only.
          failed.add(key);
          continue;
        }
        standing.add(key);
        yield* planLevels(crosspoint, built, connection);
      }
    }
  }
  for (const crosspoint of wanted.crosspoints) {
    const { key, argument, level, from, to } = crosspoint;
    if (argument === null || standing.has(key) || failed.has(key) || waiting.has(key)) continue;
    // Silent ones are not built at all: a muted loopback costs as much as an open one.
    if (!level.muted && sourceNames.has(from) && sinkNames.has(to))
      yield { kind: 'load-crosspoint', crosspoint, argument };
  }
}

/** It stays silent until it is known to be connected where it belongs. */
function* planLevels(
  { key, level }: WantedCrosspoint,
  { sinkInput, sourceOutput }: BuiltCrosspoint,
  connection: Connection,
): Generator<Operation> {
  const now = connection === 'right' ? level : { ...level, muted: true };
  if (sinkInput && !levelMatches(sinkInput, now)) yield { kind: 'set-level', key, sinkInput, level: now };
  if (sourceOutput && !levelMatches(sourceOutput, FULL))
    yield { kind: 'open-capture', sourceOutput: sourceOutput.index, channels: sourceOutput.volumes.length };
}
