import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { type DeviceStatus } from '../contract/index.ts';
import { GadgetPort } from './delivery/gadget-port.ts';
import { OutputBus, type OutputBusOptions } from './delivery/output-bus.ts';
import { ProgramStream } from './delivery/program-stream.ts';
import { type SwitcherTarget } from './frames/switcher.ts';
import { IngestSource } from './ingest/ingest-source.ts';
import { IngestStream } from './ingest/ingest-stream.ts';
import {
  type GadgetLink,
  type OutputStatus,
  type VideoCounters,
  type VideoDesired,
  type VideoOutputDesired,
  type VideoSourceDesired,
} from './plane.ts';
import { type SourceTools } from './sources/encoded-source.ts';
import { makeCameraSource } from './sources/make-source.ts';
import { type PictureSource } from './sources/picture-source.ts';

export interface RegistryOptions {
  readonly tools: SourceTools;
  readonly bus: Omit<OutputBusOptions, 'onStatus'>;
  readonly onChange: () => void;
}

interface SourceEntry {
  desired: VideoSourceDesired;
  /** What it is made from: another one of these is another source. */
  readonly makings: string;
  readonly pictures: PictureSource;
  readonly stream: IngestStream | undefined;
  /** For those who look at the source itself. */
  readonly bus: OutputBus;
  readonly owned: DisposableStore;
}

interface OutputEntry {
  desired: VideoOutputDesired;
  readonly bus: OutputBus;
  readonly program: ProgramStream | undefined;
}

/** Everything that is configured, made so: sources, outputs, gadgets. */
export class Registry implements Disposable {
  readonly #options: RegistryOptions;
  readonly #log: Logger;
  readonly #sources = new Map<string, SourceEntry>();
  readonly #outputs = new Map<string, OutputEntry>();
  readonly #gadgets = new Map<string, GadgetPort>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#log = options.tools.log;
  }

  apply({ sources, outputs, gadgets }: VideoDesired): void {
    const replaced = this.#applySources(sources);
    this.#applyOutputs(outputs);
    this.#applyGadgets(gadgets, outputs);
    // Only now does nobody show them any more.
    for (const entry of replaced) void entry.owned.dispose();
    this.#options.onChange();
  }

  /** The bus of an output, or one that shows a source. */
  busOf(id: string): OutputBus | undefined {
    return this.#outputs.get(id)?.bus ?? this.#sources.get(id)?.bus;
  }

  gadget(id: string): GadgetPort | undefined {
    return this.#gadgets.get(id);
  }

  program(name: string): ProgramStream | undefined {
    return this.#outputs.get(`program:${name}`)?.program;
  }

  /** The ingest with this stream key. */
  ingest(key: string): { readonly stream: IngestStream; readonly isMuted: () => boolean } | undefined {
    for (const entry of this.#sources.values()) {
      const { stream, desired } = entry;
      if (stream && desired.kind === 'ingest' && key !== '' && desired.key === key)
        return { stream, isMuted: () => entry.desired.muted };
    }
    return undefined;
  }

  status(): {
    readonly sources: Record<string, DeviceStatus>;
    readonly outputs: Record<string, OutputStatus>;
    readonly gadgets: Record<string, GadgetLink>;
  } {
    const byId = <In, Out>(map: ReadonlyMap<string, In>, read: (value: In) => Out): Record<string, Out> =>
      Object.fromEntries([...map].map(([id, value]) => [id, read(value)]));
    return {
      sources: byId(this.#sources, ({ pictures }) => pictures.status),
      outputs: byId(this.#outputs, (output) => this.#outputStatus(output)),
      gadgets: byId(this.#gadgets, ({ link }) => link),
    };
  }

  counters(): Record<string, VideoCounters> {
    const counters: Record<string, VideoCounters> = {};
    for (const [id, { pictures }] of this.#sources) counters[id] = { ...pictures.counters };
    for (const [id, { desired, program }] of this.#outputs) {
      if (program) counters[id] = { ...program.counters };
      const port = desired.kind === 'webcam' ? this.#gadgets.get(desired.gadget) : undefined;
      if (port) counters[id] = { ...port.counters };
    }
    return counters;
  }

  async dispose(): Promise<void> {
    for (const port of this.#gadgets.values()) port.dispose();
    for (const { bus, program } of this.#outputs.values()) {
      program?.dispose();
      bus.dispose();
    }
    await Promise.all([...this.#sources.values()].map(({ owned }) => owned.dispose()));
    this.#gadgets.clear();
    this.#outputs.clear();
    this.#sources.clear();
  }

  #outputStatus({ desired, program }: OutputEntry): OutputStatus {
    if (desired.source === null) return { state: 'off' };
    if (desired.kind === 'program') return program?.status ?? { state: 'off' };
    return (
      this.#gadgets.get(desired.gadget)?.outputStatus ?? {
        state: 'offline',
        reason: 'There is no such gadget.',
      }
    );
  }

  /** Answers what was replaced or removed, still alive. */
  #applySources(desired: readonly VideoSourceDesired[]): readonly SourceEntry[] {
    const gone: SourceEntry[] = [];
    const ids = new Set<string>(desired.map(({ id }) => id));
    for (const [id, entry] of this.#sources) {
      if (ids.has(id)) continue;
      this.#sources.delete(id);
      gone.push(entry);
    }
    for (const source of desired) {
      let entry = this.#sources.get(source.id);
      if (entry?.makings !== makingsOf(source)) {
        if (entry) gone.push(entry);
        entry = this.#make(source);
        this.#sources.set(source.id, entry);
      }
      entry.desired = source;
      entry.pictures.setMuted(source.muted);
      entry.bus.set({
        source: { pictures: entry.pictures, label: source.label, muted: source.muted },
        muted: false,
      });
    }
    return gone;
  }

  #make(source: VideoSourceDesired): SourceEntry {
    const tools = { ...this.#options.tools, log: this.#log.child(source.id) };
    const owned = new DisposableStore();
    const stream = source.kind === 'ingest' ? owned.add(new IngestStream(tools.log)) : undefined;
    const pictures = owned.add(
      source.kind === 'camera'
        ? makeCameraSource(source.id, source.camera, tools)
        : new IngestSource(source.id, stream ?? new IngestStream(tools.log), tools),
    );
    owned.add(pictures.onStatus(() => this.#options.onChange()));
    const bus = owned.add(new OutputBus({ ...this.#options.bus, onStatus: () => undefined }));
    return { desired: source, makings: makingsOf(source), pictures, stream, bus, owned };
  }

  #applyOutputs(desired: readonly VideoOutputDesired[]): void {
    const ids = new Set<string>(desired.map(({ id }) => id));
    for (const [id, { bus, program }] of this.#outputs) {
      if (ids.has(id)) continue;
      program?.dispose();
      bus.dispose();
      this.#outputs.delete(id);
    }
    for (const output of desired) {
      const entry = this.#outputs.get(output.id) ?? this.#makeOutput(output);
      entry.desired = output;
      const target = this.#targetOf(output);
      if (!sameTarget(target, entry.bus.target)) entry.bus.set(target);
      const source = output.source === null ? undefined : this.#sources.get(output.source);
      entry.program?.setIngest(output.muted || source?.desired.muted === true ? undefined : source?.stream);
    }
  }

  #makeOutput(output: VideoOutputDesired): OutputEntry {
    const { tools, onChange } = this.#options;
    const bus = new OutputBus({ ...this.#options.bus, onStatus: onChange });
    const { children, ffmpeg } = tools;
    const program =
      output.kind === 'program'
        ? new ProgramStream({
            name: output.id,
            log: this.#log.child(output.id),
            children,
            ffmpeg,
            bus,
            onChange,
          })
        : undefined;
    const entry: OutputEntry = { desired: output, bus, program };
    this.#outputs.set(output.id, entry);
    return entry;
  }

  #targetOf({ source, muted }: VideoOutputDesired): SwitcherTarget {
    const entry = source === null ? undefined : this.#sources.get(source);
    if (!entry) return { source: null, muted };
    const { label, muted: sourceMuted } = entry.desired;
    return { source: { pictures: entry.pictures, label, muted: sourceMuted }, muted };
  }

  #applyGadgets(desired: VideoDesired['gadgets'], outputs: readonly VideoOutputDesired[]): void {
    const busOf = (gadget: string): OutputBus | undefined => {
      const output = outputs.find((candidate) => candidate.kind === 'webcam' && candidate.gadget === gadget);
      return output && this.#outputs.get(output.id)?.bus;
    };
    const tokens = new Map<string, string>(desired.map(({ id, token }) => [id, token]));
    for (const [id, port] of this.#gadgets) {
      if (tokens.get(id) === port.token && busOf(id) === port.bus) continue;
      port.dispose();
      this.#gadgets.delete(id);
    }
    for (const [id, token] of tokens) {
      const bus = busOf(id);
      if (this.#gadgets.has(id) || !bus) continue;
      this.#gadgets.set(
        id,
        new GadgetPort({ token, bus, log: this.#log.child(id), onChange: this.#options.onChange }),
      );
    }
  }
}

const makingsOf = (source: VideoSourceDesired): string =>
  source.kind === 'camera' ? JSON.stringify(source.camera) : `ingest ${source.key}`;

const sameTarget = (a: SwitcherTarget, b: SwitcherTarget): boolean =>
  a.muted === b.muted &&
  a.source?.pictures === b.source?.pictures &&
  a.source?.label === b.source?.label &&
  a.source?.muted === b.source?.muted;
