import { type CrosspointContext } from '../../electron/audio/graph/observe.ts';
import { type PlanContext } from '../../electron/audio/graph/plan.ts';
import { MIXER_SINK, MIXER_SOURCE } from '../../electron/audio/graph/built.ts';
import { type MixerPath, type ServerSnapshot } from '../../electron/audio/graph/snapshot.ts';
import { type WantedContext } from '../../electron/audio/graph/wanted.ts';
import { type ServerFlavour } from '../../electron/audio/pulse/index.ts';

/** Nothing special going on: contexts of the pure parts. */
export const CALM_WANTED: WantedContext = {
  listener: null,
  devices: { sources: new Set(), sinks: new Set(), network: new Set() },
  failed: new Map(),
  ducking: false,
  mixer: 'loopbacks',
};
export const CALM_PLAN: PlanContext = {
  waiting: new Set(),
  stuck: new Set(),
  idle: new Set(),
  loops: new Set(),
  outdated: new Set(),
  assigned: () => undefined,
  ready: new Set(['loopbacks', 'own']),
};
export const CALM_CROSSPOINTS: CrosspointContext = {
  failures: new Map(),
  latencies: new Map(),
  heard: new Map(),
  loops: new Set(),
  outdated: new Set(),
  isBound: () => false,
};

/** Builds what a sound server would show, for tests of the pure parts. */
export class SnapshotBuilder {
  readonly #flavour: ServerFlavour;
  readonly #sinks = new Map<number, { -readonly [K in keyof Sink]: Sink[K] }>();
  readonly #sources = new Map<number, Source>();
  readonly #sinkInputs = new Map<number, Stream>();
  readonly #sourceOutputs = new Map<number, Stream>();
  readonly #modules = new Map<number, { index: number; name: string; argument: string }>();
  readonly #mixerPaths = new Map<number, MixerPath>();
  #next = 1;

  constructor(flavour: ServerFlavour = 'pulseaudio') {
    this.#flavour = flavour;
  }

  sink(name: string, more: Partial<Sink> = {}): number {
    const index = this.#next++;
    const source = this.#next++;
    this.#sinks.set(index, {
      ...device(index, name),
      monitor: source,
      monitorName: `${name}.monitor`,
      ...more,
    });
    this.#sources.set(source, { ...device(source, `${name}.monitor`), monitorOf: index });
    return index;
  }

  source(name: string, more: Partial<Source> = {}): number {
    const index = this.#next++;
    this.#sources.set(index, { ...device(index, name), monitorOf: null, ...more });
    return index;
  }

  module(name: string, argument: string): number {
    const index = this.#next++;
    this.#modules.set(index, { index, name, argument });
    return index;
  }

  sinkInput(sink: string | null, more: Partial<Stream> = {}): number {
    const index = this.#next++;
    this.#sinkInputs.set(index, { ...stream(index, this.#indexOf(this.#sinks, sink)), ...more });
    return index;
  }

  sourceOutput(source: string | null, more: Partial<Stream> = {}): number {
    const index = this.#next++;
    this.#sourceOutputs.set(index, { ...stream(index, this.#indexOf(this.#sources, source)), ...more });
    return index;
  }

  /** A path of our own mixer, and the streams of both its ends, unless they are there. */
  mixerPath(path: Omit<MixerPath, 'id'>): number {
    const id = 2 ** 32 + this.#next++;
    this.#mixerPaths.set(id, { id, ...path });
    if (![...this.#sinkInputs.values()].some(({ properties }) => properties[MIXER_SINK] === path.to))
      this.sinkInput(path.to, { properties: { [MIXER_SINK]: path.to } });
    if (![...this.#sourceOutputs.values()].some(({ properties }) => properties[MIXER_SOURCE] === path.from))
      this.sourceOutput(path.from, { properties: { [MIXER_SOURCE]: path.from } });
    return id;
  }

  #indexOf(devices: ReadonlyMap<number, { readonly name: string }>, name: string | null): number {
    if (name === null) return 0xffffffff;
    for (const [index, one] of devices) if (one.name === name) return index;
    throw new Error(`no device ${name}`);
  }

  get snapshot(): ServerSnapshot {
    return {
      flavour: this.#flavour,
      server: {
        name: 'test',
        version: '1',
        sampleSpec: SPEC,
        defaultSink: null,
        defaultSource: null,
      },
      sinks: this.#sinks,
      sources: this.#sources,
      sinkInputs: this.#sinkInputs,
      sourceOutputs: this.#sourceOutputs,
      modules: this.#modules,
      mixerPaths: this.#mixerPaths,
    };
  }
}

type Value<M> = M extends ReadonlyMap<number, infer V> ? V : never;
type Sink = Value<ServerSnapshot['sinks']>;
type Source = Value<ServerSnapshot['sources']>;
type Stream = Value<ServerSnapshot['sinkInputs']>;

const SPEC = { format: 5, channels: 2, rateHz: 48_000 };
const device = (index: number, name: string) => ({
  index,
  name,
  description: `The ${name}`,
  sampleSpec: SPEC,
  channelMap: [1, 2],
  module: null,
  volumes: [65_536, 65_536],
  muted: false,
  latencyUs: 0,
  flags: 0,
  properties: {},
  state: 0,
});
const stream = (index: number, at: number): Stream => ({
  index,
  name: '',
  module: null,
  client: null,
  device: at,
  sampleSpec: SPEC,
  volumes: [65_536, 65_536],
  muted: false,
  corked: false,
  bufferUs: 0,
  deviceUs: 0,
  properties: {},
});
