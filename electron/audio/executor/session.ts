import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { connectionOf, isBuilt, LISTENER, ownIn, plan } from '../graph/plan.ts';
import { type Level } from '../graph/levels.ts';
import { type ListenerWiring } from '../graph/names.ts';
import { type ServerSnapshot } from '../graph/snapshot.ts';
import { type Wanted, wantedOf } from '../graph/wanted.ts';
import { type AudioDesired } from '../plane.ts';
import { type PulseClient, type ServerFlavour } from '../pulse/index.ts';
import { Executor } from './executor.ts';
import { type Failures } from './failures.ts';
import { ServerMirror } from './mirror.ts';

/** Events of one change come in a bunch. */
const DEBOUNCE_MS = 8;
/** A plan that was carried out shows what is left; more rounds than this mean that somebody works against us. */
const ROUNDS_MAX = 6;
const MEASURE_MS = 5000;
/** So long a crosspoint may be built but not connected: session managers are slow on busy machines. */
const CONNECT_TIMEOUT_MS = 15_000;
const CONNECTING_POLL_MS = 60;
/** A muted crosspoint stays loaded so long, to be back at once. */
const KEEP_SILENT_MS = 60_000;

export interface SessionOptions {
  readonly client: PulseClient;
  /** Null: nothing is known yet of what is wanted, so nothing is touched. */
  readonly desired: () => AudioDesired | null;
  /** What the server itself shall listen on for gadgets. */
  readonly listener: (flavour: ServerFlavour) => ListenerWiring | null;
  /** The server was read for the first time. */
  readonly onLoaded: (flavour: ServerFlavour) => void;
  /** A muted crosspoint stays loaded so long. Default one minute. */
  readonly keepSilentMs?: number | undefined;
  readonly failures: Failures;
  readonly log: Logger;
  /** Called whenever something was observed. */
  readonly onObserved: () => void;
}

/** The work on one connection: look, plan, carry out, and again whenever something changes on either side. */
export class Session implements Disposable {
  readonly client: PulseClient;
  readonly #options: SessionOptions;
  readonly #mirror: ServerMirror;
  readonly #executor: Executor;
  readonly #latencies = new Map<string, number>();
  /** Since when a crosspoint has been silent. */
  readonly #silentSince = new Map<string, number>();
  /** Since when a crosspoint has been built but not connected. */
  readonly #connectingSince = new Map<string, number>();
  #loaded = false;
  #working: Promise<void> | null = null;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = 0;
  #measureTimer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: SessionOptions) {
    this.client = options.client;
    this.#options = options;
    this.#mirror = new ServerMirror(options.client);
    this.#executor = new Executor(
      options.client,
      this.#mirror,
      options.failures,
      options.log,
      (key) => this.wanted?.crosspoints.find((crosspoint) => crosspoint.key === key)?.level ?? null,
    );
    this.#mirror.onStale(() => this.#schedule(DEBOUNCE_MS));
  }

  /** Null until the server was read for the first time. */
  get snapshot(): ServerSnapshot | null {
    return this.#loaded ? this.#mirror.snapshot : null;
  }

  get wanted(): Wanted | null {
    const desired = this.#options.desired();
    if (!desired || !this.#loaded) return null;
    const { flavour } = this.#mirror.snapshot;
    return wantedOf(desired, flavour, this.#options.listener(flavour));
  }

  /** Is the stream on its way to this level? */
  isBound(sinkInput: number, level: Level): boolean {
    return this.#executor.isBound(sinkInput, level);
  }

  /** Milliseconds by crosspoint. */
  get latencies(): ReadonlyMap<string, number> {
    return this.#latencies;
  }

  /** Resolves when the connection is of no use any more. */
  async run(): Promise<void> {
    try {
      await this.#mirror.load();
      this.#loaded = true;
      this.#options.onLoaded(this.#mirror.snapshot.flavour);
      this.converge();
      this.#measureTimer = setTimeout(() => void this.#measure(), 1000);
    } catch (error) {
      this.#fail(error);
    }
    await this.client.closed;
  }

  /** What is wanted has changed: make it so. */
  apply(): void {
    const { wanted } = this;
    if (wanted && !this.#disposed) this.#executor.hurryLevels(wanted);
    this.converge();
  }

  /** Compare, and do what is left to do. */
  converge(): void {
    if (!this.#loaded || this.#disposed) return;
    if (this.#working) {
      this.#again = true;
      return;
    }
    this.#working = this.#work()
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#working = null;
        if (this.#again) {
          this.#again = false;
          this.converge();
        }
      });
  }

  /** Look again in `ms`, or sooner if that was promised already. */
  #schedule(ms: number): void {
    if (this.#disposed || !this.#loaded) return;
    const dueAt = performance.now() + ms;
    if (this.#timer && this.#dueAt <= dueAt) return;
    clearTimeout(this.#timer);
    this.#dueAt = dueAt;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.converge();
    }, ms);
  }

  async #work(): Promise<void> {
    await this.#mirror.refresh();
    const { failures } = this.#options;
    for (let round = 0; round < ROUNDS_MAX && !this.#disposed; round++) {
      const { wanted } = this;
      if (!wanted) break;
      failures.keepOnly(
        new Set([
          LISTENER,
          ...wanted.buses.map(({ sink }) => sink),
          ...wanted.crosspoints.map(({ key }) => key),
        ]),
      );
      const operations = plan(wanted, this.#mirror.snapshot, {
        waiting: failures.waiting(),
        stuck: this.#stuck(wanted),
        idle: this.#idle(wanted),
      }).filter((operation) => !this.#executor.isUnderWay(operation));
      if (operations.length === 0) break;
      await this.#executor.run(operations);
    }
    if (this.#disposed) return;
    this.#options.onObserved();
    const retryMs = failures.nextRetryMs();
    if (retryMs !== null) this.#schedule(retryMs);
    if (this.#connectingSince.size > 0) {
      this.#mirror.noteStreams();
      this.#schedule(CONNECTING_POLL_MS);
    }
  }

  /** Keeps watch over what is being connected. */
  #stuck(wanted: Wanted): ReadonlySet<string> {
    const { snapshot } = this.#mirror;
    const own = ownIn(snapshot);
    const now = performance.now();
    const stuck = new Set<string>();
    for (const crosspoint of wanted.crosspoints) {
      const { key } = crosspoint;
      const built = own.crosspoints.get(key)?.[0];
      const connection = built ? connectionOf(crosspoint, built, snapshot) : null;
      if (connection !== 'connecting') {
        this.#connectingSince.delete(key);
        if (connection === 'right') this.#options.failures.succeeded(key);
        continue;
      }
      const since = this.#connectingSince.get(key) ?? now;
      this.#connectingSince.set(key, since);
      if (now - since > CONNECT_TIMEOUT_MS) stuck.add(key);
    }
    return stuck;
  }

  #idle(wanted: Wanted): ReadonlySet<string> {
    const now = performance.now();
    const silent = new Set<string>(
      wanted.crosspoints.flatMap(({ key, level }) => (level.muted ? [key] : [])),
    );
    for (const key of this.#silentSince.keys()) if (!silent.has(key)) this.#silentSince.delete(key);
    for (const key of silent) if (!this.#silentSince.has(key)) this.#silentSince.set(key, now);
    const { keepSilentMs = KEEP_SILENT_MS } = this.#options;
    return new Set(
      [...this.#silentSince].filter(([, since]) => now - since >= keepSilentMs).map(([key]) => key),
    );
  }

  /** Latency of each crosspoint, where the server tells (PipeWire does not); it also finds out whether the server still answers. */
  async #measure(): Promise<void> {
    try {
      this.#mirror.noteStreams();
      await this.#mirror.refresh();
      const { sinkInputs, sourceOutputs } = this.#mirror.snapshot;
      const total = new Map<number, number>();
      for (const { module, bufferUs, deviceUs } of [...sinkInputs.values(), ...sourceOutputs.values()])
        if (module !== null) total.set(module, (total.get(module) ?? 0) + bufferUs + deviceUs);
      this.#latencies.clear();
      for (const [key, all] of ownIn(this.#mirror.snapshot).crosspoints) {
        const us = total.get(all[0]?.module ?? -1);
        if (us !== undefined && us > 0 && all[0] && isBuilt(all[0]))
          this.#latencies.set(key, Math.round(us / 1000));
      }
      this.#options.onObserved();
      this.converge();
    } catch (error) {
      this.#fail(error);
    }
    if (!this.#disposed) this.#measureTimer = setTimeout(() => void this.#measure(), MEASURE_MS);
  }

  #fail(error: unknown): void {
    if (this.#disposed) return;
    if (this.client.isOpen) this.#options.log.warn('the sound server is stuck', { error: String(error) });
    this.client.dispose();
  }

  /** Unloads everything of ours, for a clean stop. */
  async removeAll(): Promise<void> {
    this.dispose();
    await this.#working;
    if (this.client.isOpen) await this.#executor.removeAll();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#measureTimer);
    this.#executor.dispose();
    this.#mirror.dispose();
  }
}
