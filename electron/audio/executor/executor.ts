import { type Logger } from '../../base/logger.ts';
import { messageOf } from '../../contract/index.ts';
import { type Level } from '../graph/levels.ts';
import { recogniseModule } from '../graph/names.ts';
import { builtOf, connectionOf, LISTENER, type Misconnection, type Operation } from '../graph/plan.ts';
import { type WantedCrosspoint } from '../graph/wanted.ts';
import { isPulseError, type PulseClient, type SinkInputInfo, VOLUME_NORM } from '../pulse/index.ts';
import { type ServerMirror } from './mirror.ts';
import { Slots } from './slots.ts';
import { type Failures } from './failures.ts';

/** So many loads are under way at once. More would only delay the levels of the first. */
const LOADS_AT_ONCE = 4;

/** Carries operations out. What fails is noted in `failures`, by crosspoint key or bus name. */
export class Executor {
  readonly #client: PulseClient;
  readonly #mirror: ServerMirror;
  readonly #failures: Failures;
  readonly #log: Logger;
  readonly #slots = new Slots(LOADS_AT_ONCE);

  constructor(client: PulseClient, mirror: ServerMirror, failures: Failures, log: Logger) {
    this.#client = client;
    this.#mirror = mirror;
    this.#failures = failures;
    this.#log = log;
  }

  /** Rejects only when the connection is gone or the server is stuck. */
  async run(operations: readonly Operation[]): Promise<void> {
    // Each phase needs the one before: a crosspoint its bus, a level its stream.
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
        return this.#client.unloadModule(operation.module);
      case 'load-bus':
        await this.#slots.run(() => this.#client.loadModule('module-null-sink', operation.bus.argument));
        return this.#mirror.refresh();
      case 'load-listener':
        await this.#client.loadModule('module-native-protocol-tcp', operation.argument);
        return this.#mirror.refresh();
      case 'load-crosspoint':
        return this.#loadCrosspoint(operation.crosspoint, operation.argument);
      case 'set-level':
        return this.#setLevel(operation.sinkInput, operation.level);
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
   * A loopback starts with silence as long as its latency: within it, its level is set. Where it is connected later
   * (PipeWire), it is muted, and the next plan opens it.
   */
  async #loadCrosspoint(crosspoint: WantedCrosspoint, argument: string): Promise<void> {
    await this.#slots.run(async () => {
      const module = await this.#client.loadModule('module-loopback', argument);
      await this.#mirror.refresh();
      const { snapshot } = this.#mirror;
      const built = builtOf(snapshot, module);
      const connected = connectionOf(crosspoint, built, snapshot) === 'right';
      this.#log.debug('crosspoint loaded', { key: crosspoint.key, module, connected });
      if (!built.sinkInput) return;
      const { level } = crosspoint;
      await this.#setLevel(built.sinkInput, connected ? level : { ...level, muted: true });
    });
  }

  /** The server takes them in this order: silent first, or loud last. */
  async #setLevel(
    { index, volumes }: Pick<SinkInputInfo, 'index' | 'volumes'>,
    { raw, muted }: Level,
  ): Promise<void> {
    const volume = (): Promise<void> => this.#client.setSinkInputVolume(index, uniform(volumes.length, raw));
    const mute = (): Promise<void> => this.#client.setSinkInputMuted(index, muted);
    await Promise.all(muted ? [mute(), volume()] : [volume(), mute()]);
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
