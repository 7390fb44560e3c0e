import { type Disposable } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import { type ServerSnapshot } from '../graph/snapshot.ts';
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

/** One kind of object: how to ask for one or all, and what is known. */
class Shelf<T extends { readonly index: number }> {
  readonly #one: (index: number) => Promise<T>;
  readonly #all: () => Promise<T[]>;
  #items = new Map<number, T>();
  readonly #dirty = new Set<number>();
  /** Removed while an answer was on its way: what it says of them is old. */
  readonly #removed = new Set<number>();
  #allDirty = false;

  constructor(one: (index: number) => Promise<T>, all: () => Promise<T[]>) {
    this.#one = one;
    this.#all = all;
  }

  get items(): ReadonlyMap<number, T> {
    return this.#items;
  }

  get isDirty(): boolean {
    return this.#allDirty || this.#dirty.size > 0;
  }

  note(kind: ServerChange['kind'], index: number): void {
    if (kind === 'remove') {
      this.#dirty.delete(index);
      this.#removed.add(index);
      this.#items.delete(index);
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
    const items = await this.#all();
    this.#items = new Map(
      items.filter(({ index }) => !this.#removed.has(index)).map((item) => [item.index, item]),
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
      if (!this.#removed.has(index)) this.#items.set(index, item);
    } catch (error) {
      if (!isPulseError(error, 'no-entity')) throw error;
      this.#items.delete(index);
    }
  }
}

/** What is in the server, kept up to date by its events. */
export class ServerMirror implements Disposable {
  readonly #client: PulseClient;
  readonly #shelves: {
    readonly sink: Shelf<SinkInfo>;
    readonly source: Shelf<SourceInfo>;
    readonly sinkInput: Shelf<SinkInputInfo>;
    readonly sourceOutput: Shelf<SourceOutputInfo>;
    readonly module: Shelf<ModuleInfo>;
  };
  readonly #stale = new Emitter<void>();
  readonly #subscription: Disposable;
  #server: ServerInfo | null = null;
  #refreshing: Promise<void> | null = null;

  /** Something has changed in the server; `refresh` will tell what. */
  readonly onStale: Event<void> = this.#stale.event;

  constructor(client: PulseClient) {
    this.#client = client;
    this.#shelves = {
      sink: new Shelf(
        (index) => client.sink(index),
        () => client.sinks(),
      ),
      source: new Shelf(
        (index) => client.source(index),
        () => client.sources(),
      ),
      sinkInput: new Shelf(
        (index) => client.sinkInput(index),
        () => client.sinkInputs(),
      ),
      sourceOutput: new Shelf(
        (index) => client.sourceOutput(index),
        () => client.sourceOutputs(),
      ),
      module: new Shelf(
        (index) => client.module(index),
        () => client.modules(),
      ),
    };
    this.#subscription = client.onChange(({ facility, kind, index }) => {
      if (!isMirrored(facility)) return;
      this.#shelves[facility].note(kind, index);
      this.#stale.fire();
    });
  }

  /** First reading. */
  async load(): Promise<void> {
    await this.#client.subscribe(FACILITIES);
    const [server] = await Promise.all([
      this.#client.serverInfo(),
      ...Object.values(this.#shelves).map((shelf) => shelf.loadAll()),
    ]);
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

  /** @throws Error before `load` */
  get snapshot(): ServerSnapshot {
    if (!this.#server) throw new Error('the mirror is not loaded');
    const { sink, source, sinkInput, sourceOutput, module } = this.#shelves;
    return {
      flavour: flavourOf(this.#server),
      server: this.#server,
      sinks: sink.items,
      sources: source.items,
      sinkInputs: sinkInput.items,
      sourceOutputs: sourceOutput.items,
      modules: module.items,
    };
  }

  dispose(): void {
    void this.#subscription.dispose();
    this.#stale.dispose();
  }
}

export const flavourOf = ({ name }: ServerInfo): ServerFlavour =>
  /pipewire/i.test(name) ? 'pipewire' : 'pulseaudio';
