import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { type DeviceStatus } from '../contract/index.ts';
import { GadgetPort } from './delivery/gadget-port.ts';
import { OutputBus, type OutputBusOptions } from './delivery/output-bus.ts';
import { ProgramStream } from './delivery/program-stream.ts';
import { type SwitcherTarget } from './frames/switcher.ts';
import { IngestSound } from './ingest/ingest-sound.ts';
import { IngestSource } from './ingest/ingest-source.ts';
import { IngestStream } from './ingest/ingest-stream.ts';
import { LiveRelay } from './ingest/live-relay.ts';
import {
  type GadgetLink,
  type OutputStatus,
  type VideoCounters,
  type VideoDesired,
  type VideoOutputDesired,
  type VideoSourceDesired,
} from './plane.ts';
import { ComposedSource } from './sources/composed-source.ts';
import { type SourceTools } from './sources/encoded-source.ts';
import { makeCameraSource } from './sources/make-source.ts';
import { isPlain } from './sources/picture-filters.ts';
import { type PictureSource } from './sources/picture-source.ts';
import { V4l2Source } from './sources/v4l2-source.ts';

export interface RegistryOptions {
  readonly tools: SourceTools;
  readonly bus: Omit<OutputBusOptions, 'onStatus'>;
  readonly onChange: () => void;
}

type WebcamDesired = Extract<VideoOutputDesired, { kind: 'webcam' }>;

interface SourceEntry {
  desired: VideoSourceDesired;
  /** What it is made from: another one of these is another source. */
  readonly makings: string;
  readonly pictures: PictureSource;
  readonly stream: IngestStream | undefined;
  /** Those who play what is published. */
  readonly relay: LiveRelay | undefined;
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
  /** By ingest id. Those who listen stay when its key is another one. */
  readonly #sounds = new Map<string, IngestSound>();

  constructor(options: RegistryOptions) {
    this.#options = options;
    this.#log = options.tools.log;
  }

  apply({ sources, outputs, gadgets }: VideoDesired): void {
    const replaced = this.#applySources(sources);
    this.#applyOutputs(outputs);
    this.#applyGadgets(gadgets, outputs);
    // Only now does nobody show them any more.
    for (const { desired, owned } of replaced) {
      const ended = owned.dispose();
      const successor = this.#sources.get(desired.id)?.pictures;
      if (successor instanceof V4l2Source) successor.waitFor(ended);
    }
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
  ingest(key: string): { readonly stream: IngestStream; readonly relay: LiveRelay } | undefined {
    for (const { stream, relay, desired } of this.#sources.values())
      if (stream && relay && desired.kind === 'ingest' && key !== '' && desired.key === key)
        return { stream, relay };
    return undefined;
  }

  /** The sound of an ingest; undefined: there is no such ingest. */
  sound(id: string): IngestSound | undefined {
    const stream = this.#sources.get(id)?.stream;
    if (!stream) return undefined;
    let sound = this.#sounds.get(id);
    if (!sound) {
      const { log, children, ffmpeg } = this.#options.tools;
      sound = new IngestSound({ name: id, log: log.child(id), children, ffmpeg });
      sound.setStream(stream);
      this.#sounds.set(id, sound);
    }
    return sound;
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
    await Promise.all([...this.#sounds.values()].map((sound) => sound.dispose()));
    this.#sounds.clear();
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
        if (entry) {
          // Its pictures are shown until there are new ones.
          if (source.picture.blur) entry.pictures.setPicture(source.picture);
          gone.push(entry);
        }
        entry = this.#make(source);
        this.#sources.set(source.id, entry);
      }
      entry.desired = source;
      entry.pictures.setMuted(source.muted);
      entry.pictures.setPicture(source.picture);
      if (entry.stream && source.kind === 'ingest') entry.stream.takeOver = source.takeOver;
      if (entry.pictures instanceof V4l2Source && source.kind === 'camera' && source.camera.kind === 'v4l2')
        entry.pictures.setControls(source.camera.controls);
      entry.bus.set({
        source: { pictures: entry.pictures, label: source.label, muted: source.muted },
        muted: false,
      });
    }
    for (const { pictures } of this.#sources.values())
      if (pictures instanceof ComposedSource) pictures.setMembers((id) => this.#memberOf(id));
    for (const [id, sound] of this.#sounds) sound.setStream(this.#sources.get(id)?.stream);
    return gone;
  }

  /** What a composed picture shows of a source. It may not contain another one, nor itself. */
  #memberOf(id: string): SwitcherTarget {
    const entry = this.#sources.get(id);
    if (!entry || entry.pictures instanceof ComposedSource) return { source: null, muted: false };
    const { label, muted } = entry.desired;
    return { source: { pictures: entry.pictures, label, muted }, muted: false };
  }

  #make(source: VideoSourceDesired): SourceEntry {
    const tools = { ...this.#options.tools, log: this.#log.child(source.id) };
    const owned = new DisposableStore();
    const stream = source.kind === 'ingest' ? owned.add(new IngestStream(tools.log)) : undefined;
    const pictures = owned.add(this.#makePictures(source, stream, tools));
    owned.add(pictures.onStatus(() => this.#options.onChange()));
    const bus = owned.add(new OutputBus({ ...this.#options.bus, onStatus: () => undefined }));
    const relay = stream && new LiveRelay(stream, () => entry.desired.muted || entry.desired.picture.blur);
    const entry: SourceEntry = {
      ...{ desired: source, makings: makingsOf(source), pictures, stream, relay, bus, owned },
    };
    return entry;
  }

  #makePictures(
    source: VideoSourceDesired,
    stream: IngestStream | undefined,
    tools: SourceTools,
  ): PictureSource {
    if (source.kind === 'ingest')
      return new IngestSource(
        source.id,
        stream ?? new IngestStream(tools.log),
        tools,
        () => this.#sounds.get(source.id)?.isHeard ?? false,
      );
    if (source.camera.kind === 'composed')
      return new ComposedSource(source.id, source.camera, tools, this.#options.bus);
    return makeCameraSource(source.id, source.camera, tools);
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
      const relayed = !output.muted && source && !source.desired.muted && isPlain(source.desired.picture);
      entry.program?.setIngest(relayed ? source.stream : undefined, {
        conceal: source?.desired.picture.blur === true,
      });
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
    const webcamOf = (gadget: string): WebcamDesired | undefined =>
      outputs.find((output): output is WebcamDesired => output.kind === 'webcam' && output.gadget === gadget);
    const busOf = (gadget: string): OutputBus | undefined => {
      const output = webcamOf(gadget);
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
      const { tools, onChange } = this.#options;
      if (!this.#gadgets.has(id) && bus)
        this.#gadgets.set(
          id,
          new GadgetPort({ token, bus, limits: tools.limits, log: this.#log.child(id), onChange }),
        );
      const webcam = webcamOf(id);
      if (webcam) this.#gadgets.get(id)?.setMaxFrameBytes(webcam.maxFrameBytes);
    }
  }
}

/** A camera's controls are set while it runs. */
const makingsOf = (source: VideoSourceDesired): string =>
  source.kind === 'camera'
    ? JSON.stringify({ ...source.camera, controls: undefined })
    : `ingest ${source.key}`;

const sameTarget = (a: SwitcherTarget, b: SwitcherTarget): boolean =>
  a.muted === b.muted &&
  a.source?.pictures === b.source?.pictures &&
  a.source?.label === b.source?.label &&
  a.source?.muted === b.source?.muted;
