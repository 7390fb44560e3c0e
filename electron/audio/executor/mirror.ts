import { isDeepStrictEqual } from 'node:util';
import { type Disposable } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import { type MixerPath, type ServerSnapshot } from '../graph/snapshot.ts';
import {
  isPulseError,
  type ModuleInfo,
  type PulseClient,
  type ServerChange,
  type ServerFlavour,
  type ServerInfo,
  type SinkInfo,
  type SinkInputInfo,
  type SourceInfo,
  type SourceOutputInfo,
} from '../pulse/index.ts';

const FACILITIES = ['sink', 'source', 'sinkInput', 'sourceOutput', 'module'] as const;
type Mirrored = (typeof FACILITIES)[number];
const isMirrored = (facility: string): facility is Mirrored =>
  (FACILITIES as readonly string[]).includes(facility);

/** Above so many changes of one kind its whole list is asked for. */
const LIST_THRESHOLD = 12;

/**
 * What a server changes all the time by itself, and no plan depends on: measured latencies, and the rate at which a
 * loopback follows its source (module-loopback corrects it once a second).
 */
const RESTLESS_DEVICE: ReadonlySet<string> = new Set(['latencyUs']);
const RESTLESS_STREAM: ReadonlySet<string> = new Set(['bufferUs', 'deviceUs', 'sampleSpec']);

/** One kind of object: how to ask for one or all, and what is known. */
class Shelf<T extends { readonly index: number }> {
  readonly #one: (index: number) => Promise<T>;
  readonly #all: () => Promise<T[]>;
  readonly #restless: ReadonlySet<string>;
  readonly #items = new Map<number, T>();
  #revision = 0;
  readonly #dirty = new Set<number>();
  /** Removed while an answer was on its way: what it says of them is old. */
  readonly #removed = new Set<number>();
  #allDirty = false;

  constructor(
    one: (index: number) => Promise<T>,
    all: () => Promise<T[]>,
    restless: ReadonlySet<string> = new Set(),
  ) {
    this.#one = one;
    this.#all = all;
    this.#restless = restless;
  }

  get items(): ReadonlyMap<number, T> {
    return this.#items;
  }

  /** Counts changes, except of what is restless. */
  get revision(): number {
    return this.#revision;
  }

  get isDirty(): boolean {
    return this.#allDirty || this.#dirty.size > 0;
  }

  note(kind: ServerChange['kind'], index: number): void {
    if (kind === 'remove') {
      this.#dirty.delete(index);
      this.#removed.add(index);
      this.#remove(index);
    } else {
      this.#removed.delete(index);
      this.#dirty.add(index);
    }
  }

  /** The server does not tell of every change. */
  noteAll(): void {
    this.#allDirty = true;
  }

  async loadAll(): Promise<void> {
    this.#allDirty = false;
    this.#dirty.clear();
    this.#removed.clear();
    const items = (await this.#all()).filter(({ index }) => !this.#removed.has(index));
    const there = new Set(items.map(({ index }) => index));
    for (const index of this.#items.keys()) if (!there.has(index)) this.#remove(index);
    for (const item of items) this.#put(item);
  }

  #put(item: T): void {
    const before = this.#items.get(item.index);
    this.#items.set(item.index, item);
    if (!before || this.#differs(before, item)) this.#revision++;
  }

  #remove(index: number): void {
    if (this.#items.delete(index)) this.#revision++;
  }

  #differs(before: T, item: T): boolean {
    return Object.entries(item).some(
      ([key, value]) => !this.#restless.has(key) && !isDeepStrictEqual(before[key as keyof T], value),
    );
  }

  async refresh(): Promise<void> {
    if (this.#allDirty || this.#dirty.size > LIST_THRESHOLD) return this.loadAll();
    const indices = [...this.#dirty];
    this.#dirty.clear();
    this.#removed.clear();
    await Promise.all(indices.map((index) => this.#refreshOne(index)));
  }

  async #refreshOne(index: number): Promise<void> {
    try {
      const item = await this.#one(index);
      if (!this.#removed.has(index)) this.#put(item);
    } catch (error) {
      if (!isPulseError(error, 'no-entity')) throw error;
      this.#remove(index);
    }
  }
}

/** What the mirror asks the server. */
type MirrorClient = Pick<
  PulseClient,
  | 'onChange'
  | 'subscribe'
  | 'serverInfo'
  | 'sinks'
  | 'sink'
  | 'sources'
  | 'source'
  | 'sinkInputs'
  | 'sinkInput'
  | 'sourceOutputs'
  | 'sourceOutput'
  | 'modules'
  | 'module'
>;

/** Paths of our own mixer, which are shown with what is in the server. */
export interface MixerPaths {
  readonly paths: ReadonlyMap<number, MixerPath>;
  readonly revision: number;
}
const NO_PATHS: MixerPaths = { paths: new Map(), revision: 0 };

/** What is in the server, kept up to date by its events. */
export class ServerMirror implements Disposable {
  readonly #client: MirrorClient;
  readonly #mixer: MixerPaths;
  readonly #shelves: {
    readonly sink: Shelf<SinkInfo>;
    readonly source: Shelf<SourceInfo>;
    readonly sinkInput: Shelf<SinkInputInfo>;
    readonly sourceOutput: Shelf<SourceOutputInfo>;
    readonly module: Shelf<ModuleInfo>;
  };
  readonly #stale = new Emitter<ServerChange>();
  readonly #subscription: Disposable;
  #server: ServerInfo | null = null;
  #refreshing: Promise<void> | null = null;
  #snapshot: { readonly revision: number; readonly of: ServerSnapshot } | null = null;

  /** Something has changed in the server; `refresh` will tell what. */
  readonly onStale: Event<ServerChange> = this.#stale.event;

  constructor(client: MirrorClient, mixer = NO_PATHS) {
    this.#client = client;
    this.#mixer = mixer;
    this.#shelves = {
      sink: new Shelf(
        (index) => client.sink(index),
        () => client.sinks(),
        RESTLESS_DEVICE,
      ),
      source: new Shelf(
        (index) => client.source(index),
        () => client.sources(),
        RESTLESS_DEVICE,
      ),
      sinkInput: new Shelf(
        (index) => client.sinkInput(index),
        () => client.sinkInputs(),
        RESTLESS_STREAM,
      ),
      sourceOutput: new Shelf(
        (index) => client.sourceOutput(index),
        () => client.sourceOutputs(),
        RESTLESS_STREAM,
      ),
      module: new Shelf(
        (index) => client.module(index),
        () => client.modules(),
      ),
    };
    this.#subscription = client.onChange((change) => {
      const { facility, kind, index } = change;
      if (!isMirrored(facility)) return;
      this.#shelves[facility].note(kind, index);
      this.#stale.fire(change);
    });
  }

  /** First reading. */
  async load(): Promise<void> {
    await this.#client.subscribe(FACILITIES);
    const server = await this.#client.serverInfo();
    // One after the other: PulseAudio moves no client's sound while it answers, 2 ms for each of these lists.
    for (const shelf of Object.values(this.#shelves)) await shelf.loadAll();
    this.#server = server;
  }

  /** Have all streams read again: PipeWire does not tell when it connects one, nor how late they are. */
  noteStreams(): void {
    this.#shelves.sinkInput.noteAll();
    this.#shelves.sourceOutput.noteAll();
  }

  /** Ask for what has changed. Several callers share one round. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refreshAll().finally(() => (this.#refreshing = null));
    return this.#refreshing;
  }

  /** Resolves at the next change in the server, or after `ms`. */
  nextChange(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        void listener.dispose();
        resolve();
      };
      const timer = setTimeout(finish, ms);
      const listener = this.#stale.event(finish);
    });
  }

  async #refreshAll(): Promise<void> {
    const shelves = Object.values(this.#shelves);
    while (shelves.some((shelf) => shelf.isDirty)) await Promise.all(shelves.map((shelf) => shelf.refresh()));
  }

  /**
   * The same object as long as nothing but measured values has changed, so that what is made of it can be kept. Its
   * maps are the mirror's own: they follow.
   * @throws Error before `load`
   */
  get snapshot(): ServerSnapshot {
    if (!this.#server) throw new Error('the mirror is not loaded');
    const revision = Object.values(this.#shelves).reduce(
      (sum, shelf) => sum + shelf.revision,
      this.#mixer.revision,
    );
    if (this.#snapshot?.revision === revision) return this.#snapshot.of;
    const { sink, source, sinkInput, sourceOutput, module } = this.#shelves;
    const of: ServerSnapshot = {
      flavour: flavourOf(this.#server),
      server: this.#server,
      sinks: sink.items,
      sources: source.items,
      sinkInputs: sinkInput.items,
      sourceOutputs: sourceOutput.items,
      modules: module.items,
      mixerPaths: this.#mixer.paths,
    };
    this.#snapshot = { revision, of };
    return of;
  }

  dispose(): void {
    void this.#subscription.dispose();
    this.#stale.dispose();
  }
}

export const flavourOf = ({ name }: ServerInfo): ServerFlavour =>
  /pipewire/i.test(name) ? 'pipewire' : 'pulseaudio';
