import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { messageOf } from '../../contract/index.ts';
import { type BuiltPath, levelMatches, ownIn, rolesOf } from '../graph/built.ts';
import { type Level, sameLevel, SILENCE } from '../graph/levels.ts';
import { type Mixer } from '../graph/mixers.ts';
import { recogniseModule } from '../graph/names.ts';
import { LISTENER, type Misconnection, type Operation } from '../graph/plan.ts';
import { type Wanted, type WantedCrosspoint } from '../graph/wanted.ts';
import { isPulseError, type PulseClient, VOLUME_NORM } from '../pulse/index.ts';
import { type Failures } from './failures.ts';
import { type Pace } from './level-ramps.ts';
import { Loopbacks } from './loopbacks.ts';
import { type ServerMirror } from './mirror.ts';
import { type PathMaker } from './path-maker.ts';

/** What takes a path's place does so while that one fades out: at the pace of a fader there would be a hole. */
const TAKEOVER: Pace = { mostMs: 20 };

/** Carries operations out. What fails is noted in `failures`, by crosspoint key or bus name. */
export class Executor implements Disposable {
  readonly #client: PulseClient;
  readonly #mirror: ServerMirror;
  readonly #failures: Failures;
  readonly #log: Logger;
  readonly #loopbacks: Loopbacks;
  readonly #makers: Readonly<Record<Mixer, PathMaker>>;

  constructor(
    client: PulseClient,
    mirror: ServerMirror,
    { own, failures, log }: { readonly own: PathMaker; readonly failures: Failures; readonly log: Logger },
  ) {
    this.#client = client;
    this.#mirror = mirror;
    this.#failures = failures;
    this.#log = log;
    this.#loopbacks = new Loopbacks(client, mirror, log);
    this.#makers = { loopbacks: this.#loopbacks, own };
  }

  /**
   * Levels of what is built, without waiting for anything: a mute must not stand in line behind other work.
   * @param outdated paths that are about to be replaced
   */
  hurryLevels(wanted: Wanted, outdated: ReadonlySet<number>, pace?: Pace): void {
    const byKey = new Map<string, WantedCrosspoint>(wanted.crosspoints.map((one) => [one.key, one]));
    for (const [key, all] of ownIn(this.#mirror.snapshot).paths) {
      const crosspoint = byKey.get(key);
      if (!crosspoint) {
        for (const path of all)
          if (path.fader && !path.fader.muted) void this.#makers[path.mixer].glide(path, SILENCE);
        continue;
      }
      const { kept, connection, standIn } = rolesOf(crosspoint, all, outdated);
      const path = connection === 'right' ? kept : standIn;
      if (!path?.fader) continue;
      const last = this.assigned(path.fader.index);
      if (last ? !sameLevel(last, crosspoint.level) : !levelMatches(path.fader, crosspoint.level))
        void this.#makers[path.mixer].glide(path, crosspoint.level, pace);
    }
  }

  /** What a fader was last set to. Each of them is in one mixer only. */
  assigned(fader: number): Level | undefined {
    return this.#loopbacks.assigned(fader) ?? this.#makers.own.assigned(fader);
  }

  /** Is the fader moving to a level of ours? */
  isMoving(fader: number): boolean {
    return this.#loopbacks.isMoving(fader) || this.#makers.own.isMoving(fader);
  }

  /** Is any fader moving that is to be looked at again? */
  get isGliding(): boolean {
    return this.#loopbacks.isAnyMoving;
  }

  /** This is what is seen of our paths. */
  observe(paths: Iterable<BuiltPath>): void {
    this.#loopbacks.observe(paths);
  }

  /** Is this being done already? */
  isUnderWay(operation: Operation): boolean {
    return (
      operation.kind === 'set-level' &&
      operation.path.fader !== undefined &&
      this.isBound(operation.path.fader.index, operation.level)
    );
  }

  /** Is the fader on its way to this level? */
  isBound(fader: number, level: Level): boolean {
    return this.#loopbacks.isBound(fader, level) || this.#makers.own.isBound(fader, level);
  }

  /** Rejects only when the connection is gone or the server is stuck. */
  async run(operations: readonly Operation[]): Promise<void> {
    // Each phase needs the one before: a crosspoint its bus.
    const phases: Operation['kind'][][] = [
      // What takes the place of another path becomes loud while that one becomes silent.
      ['retire', 'set-level'],
      ['unload'],
      ['load-bus', 'load-listener'],
      ['load-echo'],
      ['build', 'open-sink', 'open-capture'],
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
        return this.#client.unloadModule(operation.module);
      case 'retire':
        this.#log.debug('retire', { path: operation.path.id, because: operation.because });
        if (operation.failed)
          this.#failures.failed(operation.failed.key, MISCONNECTIONS[operation.failed.how]);
        return this.#makers[operation.path.mixer].retire(operation.path);
      case 'load-bus':
        await this.#client.loadModule('module-null-sink', operation.bus.argument);
        return;
      case 'load-listener':
        await this.#client.loadModule('module-native-protocol-tcp', operation.argument);
        return;
      case 'load-echo':
        await this.#client.loadModule('module-echo-cancel', operation.echo.argument);
        return;
      case 'build':
        return this.#makers[operation.crosspoint.mixer].build(operation.crosspoint, operation.argument);
      case 'set-level':
        void this.#makers[operation.path.mixer].glide(
          operation.path,
          operation.level,
          operation.takesOver ? TAKEOVER : undefined,
        );
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

  dispose(): void {
    this.#loopbacks.dispose();
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
    case 'build':
      return operation.crosspoint.key;
    case 'set-level':
      return operation.key;
    case 'unload':
    case 'retire':
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
