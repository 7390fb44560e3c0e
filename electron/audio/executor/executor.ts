import { setTimeout as delay } from 'node:timers/promises';
import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { messageOf } from '../../contract/index.ts';
import { type Level, sameLevel, SILENCE } from '../graph/levels.ts';
import { crosspointStreamId, recogniseModule } from '../graph/names.ts';
import {
  builtOf,
  levelMatches,
  LISTENER,
  type Misconnection,
  type Operation,
  ownIn,
  rolesOf,
} from '../graph/plan.ts';
import { type Wanted, type WantedCrosspoint } from '../graph/wanted.ts';
import { isPulseError, type PulseClient, type SinkInputInfo, VOLUME_NORM } from '../pulse/index.ts';
import { type ServerMirror } from './mirror.ts';
import { LevelRamps, type Pace } from './level-ramps.ts';
import { Slots } from './slots.ts';
import { type Failures } from './failures.ts';

/** So many loads are under way at once: a server does them one after the other anyway, but must not wait for us. */
const LOADS_AT_ONCE = 16;

/** So long after a change WirePlumber has remembered it. */
const WIREPLUMBER_LOOKS_MS = 100;

/** Carries operations out. What fails is noted in `failures`, by crosspoint key or bus name. */
export class Executor implements Disposable {
  readonly #client: PulseClient;
  readonly #mirror: ServerMirror;
  readonly #failures: Failures;
  readonly #log: Logger;
  readonly #slots = new Slots(LOADS_AT_ONCE);
  readonly #ramps: LevelRamps;
  #canPreset = true;

  constructor(client: PulseClient, mirror: ServerMirror, failures: Failures, log: Logger) {
    this.#client = client;
    this.#mirror = mirror;
    this.#failures = failures;
    this.#log = log;
    this.#ramps = new LevelRamps(client, (error) => log.debug('level not set', { error: messageOf(error) }));
  }

  /**
   * Levels of what is built, without waiting for anything: a mute must not stand in line behind other work.
   * @param outdated modules that are about to be replaced
   */
  hurryLevels(wanted: Wanted, outdated: ReadonlySet<number>, pace?: Pace): void {
    const { snapshot } = this.#mirror;
    const byKey = new Map<string, WantedCrosspoint>(wanted.crosspoints.map((one) => [one.key, one]));
    for (const [key, all] of ownIn(snapshot).crosspoints) {
      const crosspoint = byKey.get(key);
      if (!crosspoint) {
        for (const { sinkInput } of all)
          if (sinkInput && !sinkInput.muted) void this.#ramps.glide(sinkInput, SILENCE);
        continue;
      }
      const { kept, connection, standIn } = rolesOf(crosspoint, all, snapshot, outdated);
      const sinkInput = (connection === 'right' ? kept : standIn)?.sinkInput;
      if (!sinkInput) continue;
      const last = this.#ramps.assigned(sinkInput.index);
      if (last ? !sameLevel(last, crosspoint.level) : !levelMatches(sinkInput, crosspoint.level))
        void this.#ramps.glide(sinkInput, crosspoint.level, pace);
    }
  }

  /** What a stream was last set to. */
  assigned(sinkInput: number): Level | undefined {
    return this.#ramps.assigned(sinkInput);
  }

  /** Is the stream moving to a level of ours? */
  isMoving(sinkInput: number): boolean {
    return this.#ramps.isMoving(sinkInput);
  }

  /** Is any stream moving? */
  get isGliding(): boolean {
    return this.#ramps.isAnyMoving;
  }

  /** This is what the server says of a stream of ours. */
  observe(stream: SinkInputInfo): void {
    this.#ramps.observe(stream);
  }

  forgetAllBut(streams: { has(index: number): boolean }): void {
    this.#ramps.forgetAllBut(streams);
  }

  /** Is this being done already? */
  isUnderWay(operation: Operation): boolean {
    return operation.kind === 'set-level' && this.isBound(operation.sinkInput.index, operation.level);
  }

  /** Is the stream on its way to this level? */
  isBound(sinkInput: number, level: Level): boolean {
    return this.#ramps.isBound(sinkInput, level);
  }

  /** Rejects only when the connection is gone or the server is stuck. */
  async run(operations: readonly Operation[]): Promise<void> {
    // Each phase needs the one before: a crosspoint its bus.
    const phases: Operation['kind'][][] = [
      ['unload'],
      ['load-bus', 'load-listener'],
      ['load-echo'],
      ['load-crosspoint', 'set-level', 'open-sink', 'open-capture'],
    ];
    for (const kinds of phases) {
      const phase = operations.filter(({ kind }) => kinds.includes(kind));
      await Promise.all(phase.map((operation) => this.#carryOut(operation)));
    }
    // An answer may be here before the event of what it made; one more question, and both are.
    await this.#client.serverInfo();
    await this.#mirror.refresh();
  }

  async #carryOut(operation: Operation): Promise<void> {
    const subject = subjectOf(operation);
    try {
      await this.#do(operation);
      // A crosspoint has succeeded when it is seen to be connected, not before.
      if (
        operation.kind === 'load-bus' ||
        operation.kind === 'load-listener' ||
        operation.kind === 'load-echo'
      )
        this.#failures.succeeded(subjectOf(operation));
    } catch (error) {
      if (!this.#client.isOpen || isPulseError(error, 'timeout')) throw error;
      // What is gone already needs nothing more; the next look at the server tells.
      if (subject === null || (isPulseError(error, 'no-entity') && operation.kind !== 'load-echo')) {
        this.#log.debug('operation failed', { operation: operation.kind, error: messageOf(error) });
        return;
      }
      this.#log.warn('operation failed', { operation: operation.kind, subject, error: messageOf(error) });
      this.#failures.failed(subject, readable(operation, error));
    }
  }

  async #do(operation: Operation): Promise<void> {
    switch (operation.kind) {
      case 'unload':
        this.#log.debug('unload', { module: operation.module, because: operation.because });
        if (operation.failed)
          this.#failures.failed(operation.failed.key, MISCONNECTIONS[operation.failed.how]);
        return this.#unload(operation.module);
      case 'load-bus':
        await this.#slots.run(() => this.#client.loadModule('module-null-sink', operation.bus.argument));
        return;
      case 'load-listener':
        await this.#client.loadModule('module-native-protocol-tcp', operation.argument);
        return;
      case 'load-echo':
        await this.#client.loadModule('module-echo-cancel', operation.echo.argument);
        return;
      case 'load-crosspoint':
        return this.#loadCrosspoint(operation.crosspoint, operation.argument);
      case 'set-level':
        void this.#ramps.glide(operation.sinkInput, operation.level);
        return;
      case 'open-sink':
        await Promise.all([
          this.#client.setSinkVolume(operation.sink, uniform(operation.channels, VOLUME_NORM)),
          this.#client.setSinkMuted(operation.sink, false),
        ]);
        return;
      case 'open-capture':
        await Promise.all([
          this.#client.setSourceOutputVolume(
            operation.sourceOutput,
            uniform(operation.channels, VOLUME_NORM),
          ),
          this.#client.setSourceOutputMuted(operation.sourceOutput, false),
        ]);
        return;
    }
  }

  /** Built silent; the next plan opens it, when it is seen where it belongs. */
  async #loadCrosspoint(crosspoint: WantedCrosspoint, argument: string): Promise<void> {
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
      const { sinkInput } = builtOf(this.#mirror.snapshot, module);
      if (sinkInput) await this.#ramps.setNow(sinkInput, SILENCE);
    });
  }

  /**
   * A crosspoint is silent before it is cut off. Streams of anything else are not touched: PulseAudio 16 crashes when
   * those of echo cancelling are muted and then end.
   */
  async #unload(module: number): Promise<void> {
    const { snapshot } = this.#mirror;
    const info = snapshot.modules.get(module);
    const { sinkInput } = builtOf(snapshot, module);
    if (
      info &&
      recogniseModule(info)?.role === 'crosspoint' &&
      sinkInput &&
      !sinkInput.muted &&
      !sinkInput.corked
    ) {
      await this.#ramps.glide(sinkInput, SILENCE);
      // What it sees last it gives to the next stream of this name, before that is connected: a step on the way down.
      if (snapshot.flavour === 'pipewire') await delay(WIREPLUMBER_LOOKS_MS);
    }
    await this.#client.unloadModule(module);
  }

  dispose(): void {
    this.#ramps.dispose();
  }

  /** Unload everything of ours. What is gone already is as good. */
  async removeAll(): Promise<void> {
    const own = (await this.#client.modules()).filter((module) => recogniseModule(module) !== null);
    const unload = async ({ index }: { readonly index: number }): Promise<void> => {
      try {
        await this.#client.unloadModule(index);
      } catch (error) {
        if (!isPulseError(error, 'no-entity')) throw error;
      }
    };
    // Each before what it is connected to; of a chain of echo cancelling the last first.
    const isEcho = ({ name }: { readonly name: string }): boolean => name === 'module-echo-cancel';
    const isCrosspoint = ({ name }: { readonly name: string }): boolean => name === 'module-loopback';
    await Promise.all(own.filter(isCrosspoint).map(unload));
    for (const echo of own.filter(isEcho).reverse()) await unload(echo);
    await Promise.all(own.filter((module) => !isCrosspoint(module) && !isEcho(module)).map(unload));
  }
}

const uniform = (channels: number, raw: number): number[] => new Array<number>(channels).fill(raw);

function subjectOf(operation: Operation & { kind: 'load-bus' | 'load-listener' | 'load-echo' }): string;
function subjectOf(operation: Operation): string | null;
function subjectOf(operation: Operation): string | null {
  switch (operation.kind) {
    case 'load-bus':
      return operation.bus.sink;
    case 'load-listener':
      return LISTENER;
    case 'load-echo':
      return operation.echo.source;
    case 'load-crosspoint':
      return operation.crosspoint.key;
    case 'set-level':
      return operation.key;
    case 'unload':
    case 'open-sink':
    case 'open-capture':
      return null;
  }
}

const MISCONNECTIONS: Readonly<Record<Misconnection, string>> = {
  elsewhere: 'The sound server connected this crosspoint to another device.',
  stuck: 'The sound server took this crosspoint but does not connect it.',
};

/** What it means when the server could not start a module. */
const MODULE_FAILURES: Partial<Record<Operation['kind'], string>> = {
  'load-bus': 'The sound server could not make a device for this gadget.',
  'load-listener': 'The sound server could not listen for gadgets there: the port may be in use.',
  'load-echo': 'This sound server could not start echo cancelling with these devices.',
};
const NO_ECHO = 'Echo cancelling (module-echo-cancel with webrtc) is not available on this sound server.';
const CROSSPOINT_FAILURE =
  'The sound server could not connect this crosspoint. It may be out of file descriptors, or the device is in use.';

function readable(operation: Operation, error: unknown): string {
  if (isPulseError(error, 'module-init-failed')) return MODULE_FAILURES[operation.kind] ?? CROSSPOINT_FAILURE;
  return operation.kind === 'load-echo' && isPulseError(error, 'no-entity') ? NO_ECHO : messageOf(error);
}
