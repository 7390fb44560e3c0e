import { setTimeout as delay } from 'node:timers/promises';
import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { messageOf } from '../../contract/index.ts';
import { type BuiltPath } from '../graph/built.ts';
import { type Level, SILENCE } from '../graph/levels.ts';
import { crosspointStreamId } from '../graph/names.ts';
import { type WantedCrosspoint } from '../graph/wanted.ts';
import { type PulseClient, type SinkInputInfo } from '../pulse/index.ts';
import { LevelRamps, type Pace } from './level-ramps.ts';
import { type ServerMirror } from './mirror.ts';
import { type PathMaker } from './path-maker.ts';
import { Slots } from './slots.ts';

/** So many loads are under way at once: a server does them one after the other anyway, but must not wait for us. */
const LOADS_AT_ONCE = 16;
/** So long after a change WirePlumber has remembered it. */
const WIREPLUMBER_LOOKS_MS = 100;

/** Paths as loopbacks of the sound server: a module and its stream's volume for each. */
export class Loopbacks implements PathMaker, Disposable {
  readonly #client: PulseClient;
  readonly #mirror: ServerMirror;
  readonly #log: Logger;
  readonly #slots = new Slots(LOADS_AT_ONCE);
  readonly #ramps: LevelRamps;
  #canPreset = true;

  constructor(client: PulseClient, mirror: ServerMirror, log: Logger) {
    this.#client = client;
    this.#mirror = mirror;
    this.#log = log;
    this.#ramps = new LevelRamps(client, (error) => log.debug('level not set', { error: messageOf(error) }));
  }

  async build(crosspoint: WantedCrosspoint, argument: string): Promise<void> {
    await this.#slots.run(async () => {
      // Sent right before it: the stream is silent from its first sample. Where that is not to be had, it is so
      // within the silence that a loopback begins with, unless the machine is very busy.
      const preset = this.#canPreset
        ? this.#client.presetSilent(crosspointStreamId(crosspoint)).then(
            () => true,
            () => false,
          )
        : false;
      const module = await this.#client.loadModule('module-loopback', argument);
      this.#log.debug('crosspoint loaded', { key: crosspoint.key, module });
      if (await preset) return;
      this.#canPreset = false;
      await this.#mirror.refresh();
      const sinkInput = this.#streamOf(module);
      if (sinkInput) await this.#ramps.setNow(sinkInput, SILENCE);
    });
  }

  #streamOf(module: number): SinkInputInfo | undefined {
    return [...this.#mirror.snapshot.sinkInputs.values()].find((stream) => stream.module === module);
  }

  async retire({ id }: BuiltPath): Promise<void> {
    const sinkInput = this.#streamOf(id);
    if (sinkInput && !sinkInput.muted && !sinkInput.corked) {
      await this.#ramps.glide(sinkInput, SILENCE);
      // What it sees last it gives to the next stream of this name, before that is connected: a step on the way down.
      if (this.#mirror.snapshot.flavour === 'pipewire') await delay(WIREPLUMBER_LOOKS_MS);
    }
    await this.#client.unloadModule(id);
  }

  glide({ sinkInput }: BuiltPath, level: Level, pace?: Pace): Promise<void> {
    return sinkInput ? this.#ramps.glide(sinkInput, level, pace) : Promise.resolve();
  }

  assigned(fader: number): Level | undefined {
    return this.#ramps.assigned(fader);
  }

  isMoving(fader: number): boolean {
    return this.#ramps.isMoving(fader);
  }

  get isAnyMoving(): boolean {
    return this.#ramps.isAnyMoving;
  }

  isBound(fader: number, level: Level): boolean {
    return this.#ramps.isBound(fader, level);
  }

  /** This is what the server says of its streams now. */
  observe(paths: Iterable<BuiltPath>): void {
    this.#ramps.forgetAllBut(this.#mirror.snapshot.sinkInputs);
    for (const { mixer, sinkInput } of paths)
      if (mixer === 'loopbacks' && sinkInput) this.#ramps.observe(sinkInput);
  }

  dispose(): void {
    this.#ramps.dispose();
  }
}
