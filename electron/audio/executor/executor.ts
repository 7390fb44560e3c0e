import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { type CellKey, messageOf } from '../../contract/index.ts';
import { type Level } from '../graph/levels.ts';
import { crosspointStreamId, recogniseModule } from '../graph/names.ts';
import {
  builtOf,
  connectionOf,
  levelMatches,
  LISTENER,
  type Misconnection,
  type Operation,
  ownIn,
} from '../graph/plan.ts';
import { type Wanted, type WantedCrosspoint } from '../graph/wanted.ts';
import { isPulseError, type PulseClient, VOLUME_NORM } from '../pulse/index.ts';
import { type ServerMirror } from './mirror.ts';
import { LevelRamps } from './level-ramps.ts';
import { Slots } from './slots.ts';
import { type Failures } from './failures.ts';

const SILENCE: Level = { raw: 0, muted: true };
/** So many loads are under way at once. More would only delay the levels of the first. */
const LOADS_AT_ONCE = 4;

/** Carries operations out. What fails is noted in `failures`, by crosspoint key or bus name. */
export class Executor implements Disposable {
  readonly #client: PulseClient;
  readonly #mirror: ServerMirror;
  readonly #failures: Failures;
  readonly #log: Logger;
  readonly #slots = new Slots(LOADS_AT_ONCE);
  readonly #ramps: LevelRamps;
  #canPreset = true;
  readonly #levelNow: (key: CellKey) => Level | null;

  /** @param levelNow the level that a crosspoint shall have at this moment; null when it is not wanted any more */
  constructor(
    client: PulseClient,
    mirror: ServerMirror,
    failures: Failures,
    log: Logger,
    levelNow: (key: CellKey) => Level | null,
  ) {
    this.#levelNow = levelNow;
    this.#client = client;
    this.#mirror = mirror;
    this.#failures = failures;
    this.#log = log;
    this.#ramps = new LevelRamps(client, (error) => log.debug('level not set', { error: messageOf(error) }));
  }

  /** Levels of what is built, without waiting for anything: a mute must not stand in line behind other work. */
  hurryLevels(wanted: Wanted): void {
    const { snapshot } = this.#mirror;
    const byKey = new Map<string, WantedCrosspoint>(wanted.crosspoints.map((one) => [one.key, one]));
    for (const [key, all] of ownIn(snapshot).crosspoints)
      for (const built of all) {
        const crosspoint = byKey.get(key);
        if (!built.sinkInput) continue;
        if (!crosspoint) {
          if (!built.sinkInput.muted) void this.#ramps.glide(built.sinkInput, SILENCE);
        } else if (
          connectionOf(crosspoint, built, snapshot) === 'right' &&
          (!levelMatches(built.sinkInput, crosspoint.level) || this.#ramps.isMoving(built.sinkInput.index))
        )
          void this.#ramps.glide(built.sinkInput, crosspoint.level);
      }
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
      ['load-crosspoint', 'set-level', 'open-sink', 'open-capture'],
    ];
    for (const kinds of phases) {
      const phase = operations.filter(({ kind }) => kinds.includes(kind));
      await Promise.all(phase.map((operation) => this.#carryOut(operation)));
    }
    await this.#mirror.refresh();
  }

  async #carryOut(operation: Operation): Promise<void> {
    const subject = subjectOf(operation);
    try {
      await this.#do(operation);
      // A crosspoint has succeeded when it is seen to be connected, not before.
      if (operation.kind === 'load-bus' || operation.kind === 'load-listener')
        this.#failures.succeeded(subjectOf(operation));
    } catch (error) {
      if (!this.#client.isOpen || isPulseError(error, 'timeout')) throw error;
      // What is gone already needs nothing more; the next look at the server tells.
      if (subject === null || isPulseError(error, 'no-entity')) {
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
        return this.#mirror.refresh();
      case 'load-listener':
        await this.#client.loadModule('module-native-protocol-tcp', operation.argument);
        return this.#mirror.refresh();
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

  /**
   * Built silent and then opened. Where it is connected later (PipeWire), the next plan opens it.
   */
  async #loadCrosspoint(crosspoint: WantedCrosspoint, argument: string): Promise<void> {
    await this.#slots.run(async () => {
      // Sent right before it: the stream is silent from its first sample. Where that is not to be had, it is so
      // within the silence that a loopback begins with, unless the machine is very busy.
      if (this.#canPreset)
        this.#client
          .presetSilent(crosspointStreamId(crosspoint.source, crosspoint.destination))
          .catch(() => (this.#canPreset = false));
      const module = await this.#client.loadModule('module-loopback', argument);
      await this.#mirror.refresh();
      const { snapshot } = this.#mirror;
      const built = builtOf(snapshot, module);
      const connected = connectionOf(crosspoint, built, snapshot) === 'right';
      this.#log.debug('crosspoint loaded', { key: crosspoint.key, module, connected });
      const { sinkInput } = built;
      if (!sinkInput) return;
      // From silence, that is: what comes first must not be too loud, and must not click.
      const silent = { ...sinkInput, volumes: sinkInput.volumes.map(() => 0), muted: true };
      await this.#ramps.setNow(sinkInput, { raw: 0, muted: true });
      // The route may have been muted or taken away meanwhile.
      const level = this.#levelNow(crosspoint.key);
      if (connected && level && !level.muted) void this.#ramps.glide(silent, level);
    });
  }

  /** Silent before it is cut off. */
  async #unload(module: number): Promise<void> {
    const { sinkInput } = builtOf(this.#mirror.snapshot, module);
    if (sinkInput && !sinkInput.muted && !sinkInput.corked) await this.#ramps.glide(sinkInput, SILENCE);
    await this.#client.unloadModule(module);
  }

  dispose(): void {
    this.#ramps.dispose();
  }

  /** Unload everything of ours. What is gone already is as good. */
  async removeAll(): Promise<void> {
    const own = (await this.#client.modules()).filter((module) => recogniseModule(module) !== null);
    const crosspointsFirst = own.sort(
      (a, b) => Number(b.name === 'module-loopback') - Number(a.name === 'module-loopback'),
    );
    await Promise.all(
      crosspointsFirst.map(async ({ index }) => {
        try {
          await this.#client.unloadModule(index);
        } catch (error) {
          if (!isPulseError(error, 'no-entity')) throw error;
        }
      }),
    );
  }
}

const uniform = (channels: number, raw: number): number[] => new Array<number>(channels).fill(raw);

function subjectOf(operation: Operation & { kind: 'load-bus' | 'load-listener' }): string;
function subjectOf(operation: Operation): string | null;
function subjectOf(operation: Operation): string | null {
  switch (operation.kind) {
    case 'load-bus':
      return operation.bus.sink;
    case 'load-listener':
      return LISTENER;
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
};
const CROSSPOINT_FAILURE =
  'The sound server could not connect this crosspoint. It may be out of file descriptors, or the device is in use.';

const readable = (operation: Operation, error: unknown): string =>
  isPulseError(error, 'module-init-failed')
    ? (MODULE_FAILURES[operation.kind] ?? CROSSPOINT_FAILURE)
    : messageOf(error);
