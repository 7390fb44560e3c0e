import { oncePer } from './once-per.ts';
import { type SourceId } from '../../contract/index.ts';
import {
  amplitudeOfRaw,
  type ModuleInfo,
  rawOfAmplitude,
  type SinkInputInfo,
  type SourceOutputInfo,
  VOLUME_NORM,
} from '../pulse/index.ts';
import { type Level } from './levels.ts';
import { type Mixer } from './mixers.ts';
import { mixerArgument, recogniseModule } from './names.ts';
import { type MixerPath, type ServerSnapshot } from './snapshot.ts';
import { type WantedCrosspoint } from './wanted.ts';

/** What sets the level of a path, and where it is now. */
export interface Fader {
  /** Names it among all: the index of a loopback's stream, the id of a path of our own mixer. */
  readonly index: number;
  /** Raw, per channel. */
  readonly volumes: readonly number[];
  readonly muted: boolean;
}

interface Ends {
  readonly from: string;
  readonly to: string;
}

/** A path that is built, by whichever mixer. */
export interface BuiltPath {
  /** Names it among all: the index of a loopback's module, the id of a path of our own mixer. */
  readonly id: number;
  readonly mixer: Mixer;
  /** What it was built as. */
  readonly argument: string;
  /** The devices that it was built between. */
  readonly built: Ends;
  /** The devices that it is connected to; undefined: not yet. */
  readonly connected: { readonly from: string | undefined; readonly to: string | undefined };
  /** Undefined: there is none yet. */
  readonly fader: Fader | undefined;
  readonly sinkInput: SinkInputInfo | undefined;
  readonly sourceOutput: SourceOutputInfo | undefined;
}

/** Our own things in the server. */
export interface Own {
  /** Modules by bus (sink name), in the order of their indices. */
  readonly buses: ReadonlyMap<string, readonly number[]>;
  /** By key of the crosspoint. */
  readonly paths: ReadonlyMap<string, readonly BuiltPath[]>;
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
  const loopbackOf = loopbacksIn(snapshot);
  const ownPathOf = mixerPathsIn(snapshot);
  const buses = new Map<string, number[]>();
  const paths = new Map<string, BuiltPath[]>();
  const echoes = new Map<SourceId, ModuleInfo[]>();
  const listeners: ModuleInfo[] = [];
  for (const module of [...snapshot.modules.values()].sort((a, b) => a.index - b.index)) {
    const own = recogniseModule(module);
    if (own?.role === 'bus') append(buses, own.bus, module.index);
    else if (own?.role === 'listener') listeners.push(module);
    else if (own?.role === 'echo') append(echoes, own.microphone, module);
    else if (own?.role === 'crosspoint') append(paths, own.key, loopbackOf(module));
  }
  for (const path of snapshot.mixerPaths.values()) append(paths, path.key, ownPathOf(path));
  return { buses, paths, echoes, listeners };
});

function loopbacksIn({
  sinkInputs,
  sourceOutputs,
  sinks,
  sources,
}: ServerSnapshot): (module: ModuleInfo) => BuiltPath {
  const byModule = <T extends { readonly module: number | null }>(streams: ReadonlyMap<number, T>) =>
    new Map([...streams.values()].map((stream) => [stream.module, stream] as const));
  const inputs = byModule(sinkInputs);
  const outputs = byModule(sourceOutputs);
  return ({ index, argument }) => {
    const sinkInput = inputs.get(index);
    const sourceOutput = outputs.get(index);
    return {
      id: index,
      mixer: 'loopbacks',
      argument,
      built: { from: endIn(argument, 'source'), to: endIn(argument, 'sink') },
      connected: {
        from: sourceOutput && sources.get(sourceOutput.device)?.name,
        to: sinkInput && sinks.get(sinkInput.device)?.name,
      },
      fader: sinkInput,
      sinkInput,
      sourceOutput,
    };
  };
}

/** An end that a loopback was built with. */
const endIn = (argument: string, key: 'source' | 'sink'): string =>
  new RegExp(`(?:^| )${key}=(?:"((?:[^"\\\\]|\\\\.)*)"|([^" ]+))`).exec(argument)?.slice(1).find(Boolean) ??
  '';

/** How our own mixer marks the one stream that it has for a device. */
export const MIXER_SINK = 'crosspoint.mixer.sink';
export const MIXER_SOURCE = 'crosspoint.mixer.source';

function mixerPathsIn({
  sinkInputs,
  sourceOutputs,
  sinks,
  sources,
}: ServerSnapshot): (path: MixerPath) => BuiltPath {
  const marked = (streams: ReadonlyMap<number, SinkInputInfo>, mark: string) =>
    new Map([...streams.values()].map((stream) => [stream.properties[mark], stream] as const));
  const inputs = marked(sinkInputs, MIXER_SINK);
  const outputs = marked(sourceOutputs, MIXER_SOURCE);
  return (path) => {
    const { id, from, to, level, live } = path;
    const sinkInput = inputs.get(to);
    const sourceOutput = outputs.get(from);
    return {
      id,
      mixer: 'own',
      argument: mixerArgument(path),
      built: { from, to },
      connected: {
        from: live && sourceOutput ? sources.get(sourceOutput.device)?.name : undefined,
        to: live && sinkInput ? sinks.get(sinkInput.device)?.name : undefined,
      },
      fader: { index: id, ...behind(level, sinkInput) },
      sinkInput,
      sourceOutput,
    };
  };
}

/** What a path's level is heard as behind its destination's stream, which other mixers may have turned. */
function behind({ raw, muted }: Level, stream: SinkInputInfo | undefined): Omit<Fader, 'index'> {
  const loudest = Math.max(0, ...(stream?.volumes ?? [VOLUME_NORM]));
  return {
    volumes: [loudest === VOLUME_NORM ? raw : rawOfAmplitude(amplitudeOfRaw(raw) * amplitudeOfRaw(loudest))],
    muted: muted || (stream?.muted ?? false),
  };
}

/**
 * How it is connected. `connecting`: an end is not there yet (PipeWire's session manager takes its time).
 * `elsewhere`: a server may move streams behind our back.
 */
export type Connection = 'right' | 'connecting' | 'elsewhere';

export function connectionOf(wanted: Ends, { from, to }: BuiltPath['connected']): Connection {
  if ((to !== undefined && to !== wanted.to) || (from !== undefined && from !== wanted.from))
    return 'elsewhere';
  return to !== undefined && from !== undefined ? 'right' : 'connecting';
}

export const levelMatches = (
  { volumes, muted }: { readonly volumes: readonly number[]; readonly muted: boolean },
  level: Level,
): boolean => muted === level.muted && volumes.every((raw) => raw === level.raw);

/** What each of those that were built for one crosspoint is there for. */
export interface Roles {
  /** As wanted now, if it is built. */
  readonly kept: BuiltPath | undefined;
  readonly connection: Connection | null;
  /** Built otherwise, but it plays until the one that is wanted does. */
  readonly standIn: BuiltPath | undefined;
  readonly surplus: readonly { readonly path: BuiltPath; readonly because: string }[];
}

/** @param outdated ids of paths that shall be built anew although they look right */
export function rolesOf(
  crosspoint: WantedCrosspoint,
  all: readonly BuiltPath[],
  outdated: ReadonlySet<number>,
): Roles {
  const right = all.filter(
    ({ argument, id }) =>
      (argument === crosspoint.argument || argument === crosspoint.tolerated) && !outdated.has(id),
  );
  const kept = right.find(({ connected }) => connectionOf(crosspoint, connected) === 'right') ?? right[0];
  const connection = kept ? connectionOf(crosspoint, kept.connected) : null;
  const others = all.filter((path) => !right.includes(path));
  const standIn =
    connection === 'right'
      ? undefined
      : others.find(({ built, connected }) => connectionOf(built, connected) === 'right');
  return {
    kept,
    connection,
    standIn,
    surplus: [
      ...right.filter((path) => path !== kept).map((path) => ({ path, because: 'double' })),
      ...others
        .filter((path) => path !== standIn)
        .map((path) => ({ path, because: outdated.has(path.id) ? 'late' : 'other settings' })),
    ],
  };
}
