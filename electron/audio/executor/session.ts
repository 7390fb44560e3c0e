import { isDeepStrictEqual } from 'node:util';
import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { type CellKey } from '../../contract/index.ts';
import { echoStatuses, presentDevices } from '../graph/echo.ts';
import { gadgetStreams } from '../graph/gadgets.ts';
import { loopsIn } from '../graph/loops.ts';
import { type CrosspointContext } from '../graph/observe.ts';
import { latenciesIn } from '../graph/latency.ts';
import { ownIn, rolesOf } from '../graph/built.ts';
import { type Mixer, MIXERS } from '../graph/mixers.ts';
import { LISTENER, plan } from '../graph/plan.ts';
import { listenFor } from '../graph/talk-over.ts';
import { echoSourceName, type ListenerWiring } from '../graph/names.ts';
import { type ServerSnapshot } from '../graph/snapshot.ts';
import { type Wanted, wantedOf } from '../graph/wanted.ts';
import { type AudioDesired } from '../plane.ts';
import { type PulseClient, type ServerFlavour } from '../pulse/index.ts';
import { Executor } from './executor.ts';
import { ConnectingWatch } from './connecting-watch.ts';
import { type Failures } from './failures.ts';
import { EmptyWatch } from './empty-watch.ts';
import { HeardWatch } from './heard-watch.ts';
import { LatencyWatch } from './latency-watch.ts';
import { type Pace } from './level-ramps.ts';
import { MixerChoice } from './mixer-choice.ts';
import { OutdatedPaths } from './outdated-paths.ts';
import { TalkOver } from './talk-over.ts';
import { ServerMirror } from './mirror.ts';
import { untilQuiet } from './quiet-watch.ts';
import { OwnMixer, type OwnMixerOptions } from '../mixer/own-mixer.ts';
import { type MixerHome } from '../mixer/start-mixer.ts';

/** Events of one change come in a bunch. */
const DEBOUNCE_MS = 8;
/** A stream's change while nothing is to be done: rate corrections once a second each, seldom another mixer's hand. */
const CALM_DEBOUNCE_MS = 80;
/** A plan that was carried out shows what is left; more rounds than this mean that somebody works against us. */
const ROUNDS_MAX = 6;
const MEASURE_MS = 1500;
/** What takes a server long is asked of it more seldom: this share of the time at most. */
const MEASURE_SHARE = 1 / 10;
/** A reset that takes longer is not waited for. */
const RESET_TIMEOUT_MS = 5000;
/** Returns go down at once, and come back without haste. */
const DUCK_ATTACK: Pace = { mostMs: 20 };
const DUCK_RELEASE: Pace = { leastMs: 600 };
/** A muted crosspoint stays loaded so long, to be back at once; so does a mixer for many routes when there are few. */
const KEEP_SILENT_MS = 60_000;
/** What is as wanted is compared anew so often even if nothing has told of a change. */
const COMPARE_AGAIN_MS = 10_000;

export interface SessionOptions {
  readonly client: PulseClient;
  /** Null: nothing is known yet of what is wanted, so nothing is touched. */
  readonly desired: () => AudioDesired | null;
  /** What the server itself shall listen on for gadgets. */
  readonly listener: (flavour: ServerFlavour) => ListenerWiring | null;
  /** The server was read for the first time. */
  readonly onLoaded: (flavour: ServerFlavour) => void;
  /** A muted crosspoint stays loaded so long, and a mixer for many routes when there are few. Default one minute. */
  readonly keepSilentMs?: number | undefined;
  /** Of our own mixer. */
  readonly mixer: MixerHome;
  /** What our own mixer hears, after `tellPeaks`. */
  readonly onPeaks: OwnMixerOptions['onPeaks'];
  readonly failures: Failures;
  readonly log: Logger;
  /** Called whenever something was observed. */
  readonly onObserved: () => void;
}

/** What is wanted in the server as it is, and what that was made of. */
interface Look {
  readonly desired: AudioDesired;
  readonly snapshot: ServerSnapshot;
  readonly wiring: ListenerWiring | null;
  readonly ducking: boolean;
  readonly mixer: Mixer;
  /** Revision of the failures. */
  readonly failures: number;
  /** Then something that has failed is to be tried again. */
  readonly validUntil: number;
  readonly wanted: Wanted;
  readonly loops: ReadonlySet<string>;
}

/** The work on one connection: look, plan, carry out, and again whenever something changes on either side. */
export class Session implements Disposable {
  readonly client: PulseClient;
  readonly #options: SessionOptions;
  readonly #mirror: ServerMirror;
  readonly #executor: Executor;
  readonly #own: OwnMixer;
  readonly #latencies: LatencyWatch;
  readonly #talkOver: TalkOver;
  readonly #heard = new HeardWatch();
  readonly #empties = new EmptyWatch();
  readonly #outdated = new OutdatedPaths();
  /** Since when a crosspoint has been silent. */
  readonly #silentSince = new Map<string, number>();
  readonly #connecting = new ConnectingWatch();
  readonly #choice: MixerChoice;
  #loaded = false;
  #lastLook: Look | null = null;
  /** For this look nothing is left to do, until then. */
  #settled: { readonly look: Look; readonly until: number } | null = null;
  #working: Promise<void> | null = null;
  #again = false;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = 0;
  #measureTimer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: SessionOptions) {
    this.client = options.client;
    this.#options = options;
    const { client, failures, log } = options;
    this.#choice = new MixerChoice(this.#keepSilentMs);
    this.#own = new OwnMixer({
      home: options.mixer,
      client,
      snapshot: () => this.#mirror.snapshot,
      log,
      onChange: () => this.#schedule(0),
      onPeaks: options.onPeaks,
      onFailed: (key, reason) => failures.failed(key, reason),
    });
    this.#mirror = new ServerMirror(client, this.#own);
    this.#executor = new Executor(client, this.#mirror, { own: this.#own, failures, log });
    this.#latencies = new LatencyWatch(client, (paths) => this.#rebuild(paths));
    this.#talkOver = new TalkOver(options.client, () => {
      this.#hurry(this.#talkOver.speaking ? DUCK_ATTACK : DUCK_RELEASE);
      this.converge();
      options.onObserved();
    });
    this.#mirror.onStale(({ facility, kind }) => {
      const isCalm = kind === 'change' && (facility === 'sinkInput' || facility === 'sourceOutput');
      const look = isCalm ? this.#look() : null;
      this.#schedule(look && this.#isSettled(look) ? CALM_DEBOUNCE_MS : DEBOUNCE_MS);
    });
  }

  /** Null until the server was read for the first time. */
  get snapshot(): ServerSnapshot | null {
    return this.#loaded ? this.#mirror.snapshot : null;
  }

  get wanted(): Wanted | null {
    return this.#look()?.wanted ?? null;
  }

  /** Which mixer is asked for, whether it can be used or not. */
  #asked({ mixer, routes }: AudioDesired): Mixer {
    return this.#choice.of(mixer, routes.filter(({ muted }) => !muted).length);
  }

  /** What is wanted in the server as it is: the same object until one of the two changes. */
  #look(): Look | null {
    const { desired, listener, failures } = this.#options;
    const now = desired();
    if (!now || !this.#loaded) return null;
    const { snapshot } = this.#mirror;
    const wiring = listener(snapshot.flavour);
    const ducking = this.#talkOver.speaking;
    const mixer = this.#asked(now) === 'own' && this.#own.trouble === null ? 'own' : 'loopbacks';
    const at = performance.now();
    const last = this.#lastLook;
    if (
      last?.desired === now &&
      last.snapshot === snapshot &&
      last.ducking === ducking &&
      last.mixer === mixer &&
      last.failures === failures.revision &&
      at < last.validUntil &&
      isDeepStrictEqual(last.wiring, wiring)
    )
      return last;
    const retryMs = failures.nextRetryMs(at);
    const wanted = wantedOf(now, snapshot.flavour, {
      listener: wiring,
      devices: presentDevices(snapshot),
      failed: failures.recent(at),
      ducking,
      mixer,
    });
    this.#lastLook = {
      desired: now,
      snapshot,
      ducking,
      mixer,
      failures: failures.revision,
      wiring,
      validUntil: retryMs === null ? Number.POSITIVE_INFINITY : at + retryMs,
      wanted,
      loops: loopsIn(wanted, snapshot),
    };
    return this.#lastLook;
  }

  /** What is seen of the crosspoints beside the server's own lists. */
  crosspointContext(): CrosspointContext {
    return {
      failures: this.#options.failures.reasons,
      latencies: this.#latencies.latencies,
      heard: this.#heard.heard(),
      loops: this.#look()?.loops ?? new Set(),
      outdated: this.#outdated.ids,
      isBound: (fader, level) => this.#executor.isBound(fader, level),
    };
  }

  /** What mixes now, or will in a moment; null: nothing is known yet of what is wanted. */
  get mixer(): Mixer | null {
    return this.#look()?.mixer ?? null;
  }

  /** Why our own mixer is wanted and cannot be used. */
  get mixerTrouble(): string | null {
    return this.#own.trouble;
  }

  /** Shall our own mixer tell peaks? */
  tellPeaks(on: boolean): void {
    this.#own.tellPeaks(on);
  }

  /** By microphone. */
  echo(wanted: Wanted): ReturnType<typeof echoStatuses> {
    return echoStatuses(wanted, this.#options.failures.reasons, this.#mirror.snapshot);
  }

  /** How often a stream of somebody else was seen empty, by index. */
  get empties(): ReadonlyMap<number, number> {
    return this.#empties.counts;
  }

  get ducking(): boolean {
    return this.#talkOver.speaking;
  }

  /** Resolves when nobody is heard on any path. @throws the signal's reason when it is aborted */
  untilQuiet(signal: AbortSignal): Promise<void> {
    return untilQuiet(this.client, () => this.#sourcesOnAir(), signal);
  }

  /** Sources of paths that carry sound now. */
  #sourcesOnAir(): ReadonlySet<string> {
    const look = this.#look();
    if (!look || this.#disposed) return new Set();
    const { paths } = ownIn(look.snapshot);
    return new Set(
      look.wanted.crosspoints.flatMap(({ key, from, level }) =>
        !level.muted && paths.has(key) ? [from] : [],
      ),
    );
  }

  /** Build these anew, one after the other being heard. Resolves when it is done. */
  async resetLatency(keys: ReadonlySet<CellKey>): Promise<void> {
    if (!this.#loaded || this.#disposed) return;
    const { paths } = ownIn(this.#mirror.snapshot);
    const old = [...keys].flatMap((key) => (paths.get(key) ?? []).map(({ id }) => id));
    if (old.length === 0) return;
    this.#rebuild(new Set(old));
    await this.#outdated.replaced(old, RESET_TIMEOUT_MS);
  }

  #rebuild(paths: ReadonlySet<number>): void {
    this.#outdated.add(paths);
    this.#settled = null;
    this.converge();
  }

  /** Resolves when the connection is of no use any more. */
  async run(): Promise<void> {
    try {
      await Promise.all([this.#mirror.load(), this.#own.adopt()]);
      if (this.#own.paths.size > 0) this.#choice.found('own');
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
    this.#hurry();
    this.converge();
  }

  #hurry(pace?: Pace): void {
    const { wanted } = this;
    if (wanted && !this.#disposed) this.#executor.hurryLevels(wanted, this.#outdated.ids, pace);
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

  /** Servers tell of changes all the time that change nothing for us. */
  #isSettled(look: Look): boolean {
    return this.#settled?.look === look && performance.now() < this.#settled.until;
  }

  /** Nothing was left to do: for how long, unless something changes? */
  #settle(look: Look): void {
    const silentUntil = Math.min(...this.#silentSince.values()) + this.#keepSilentMs;
    const now = performance.now();
    this.#settled = {
      look,
      until: Math.min(
        look.validUntil,
        now + COMPARE_AGAIN_MS,
        silentUntil > now ? silentUntil : Number.POSITIVE_INFINITY,
      ),
    };
  }

  async #work(): Promise<void> {
    const desired = this.#options.desired();
    this.#own.want(desired !== null && this.#asked(desired) === 'own');
    await this.#mirror.refresh();
    const before = this.#look();
    if (before && this.#isSettled(before)) return;
    const { failures } = this.#options;
    for (let round = 0; round < ROUNDS_MAX && !this.#disposed; round++) {
      const look = this.#look();
      if (!look) break;
      const { wanted, loops } = look;
      failures.keepOnly(
        new Set([
          LISTENER,
          ...wanted.buses.map(({ sink }) => sink),
          ...wanted.echoes.map(({ source }) => source),
          ...[...wanted.echoAbsent.keys()].map(echoSourceName),
          ...wanted.crosspoints.map(({ key }) => key),
        ]),
      );
      const operations = plan(wanted, this.#mirror.snapshot, {
        waiting: failures.waiting(),
        stuck: this.#stuck(wanted),
        idle: this.#idle(wanted),
        loops,
        outdated: this.#outdated.ids,
        assigned: (fader) => this.#executor.assigned(fader),
        ready: new Set(this.#own.isReady ? MIXERS : ['loopbacks']),
      }).filter((operation) => !this.#executor.isUnderWay(operation));
      if (operations.length === 0) {
        if (this.#connecting.pollMs() === null && !this.#executor.isGliding) this.#settle(look);
        break;
      }
      await this.#executor.run(operations);
    }
    if (this.#disposed) return;
    this.#watch();
    this.#options.onObserved();
    const retryMs = failures.nextRetryMs();
    if (retryMs !== null) this.#schedule(retryMs);
    const pollMs = this.#connecting.pollMs();
    if (pollMs !== null) {
      this.#mirror.noteStreams();
      this.#schedule(pollMs);
    }
  }

  /** What others do with our streams, who speaks, and what is replaced by now. */
  #watch(): void {
    const { snapshot } = this.#mirror;
    const desired = this.#options.desired();
    const { wanted } = this;
    const paths = [...ownIn(snapshot).paths.values()].flat();
    this.#outdated.keepOnly(new Set(paths.map(({ id }) => id)));
    this.#executor.observe(paths);
    const dueMs = this.#heard.note(
      paths.flatMap(({ fader }) => (fader ? [fader] : [])),
      (fader) => (this.#executor.isMoving(fader) ? undefined : this.#executor.assigned(fader)),
    );
    if (dueMs !== null) {
      this.#settled = null;
      this.#mirror.noteStreams();
      this.#schedule(dueMs);
    }
    if (desired && wanted) this.#talkOver.listen(listenFor(desired, wanted));
  }

  /** Those that have been connecting for too long. What is connected has succeeded. */
  #stuck(wanted: Wanted): ReadonlySet<string> {
    const { paths } = ownIn(this.#mirror.snapshot);
    const connections = new Map(
      wanted.crosspoints.map((crosspoint) => {
        const { key } = crosspoint;
        return [key, rolesOf(crosspoint, paths.get(key) ?? [], this.#outdated.ids).connection] as const;
      }),
    );
    for (const [key, connection] of connections)
      if (connection === 'right') this.#options.failures.succeeded(key);
    return this.#connecting.note(connections);
  }

  get #keepSilentMs(): number {
    return this.#options.keepSilentMs ?? KEEP_SILENT_MS;
  }

  #idle(wanted: Wanted): ReadonlySet<string> {
    const now = performance.now();
    const silent = new Set<string>(
      wanted.crosspoints.flatMap(({ key, level }) => (level.muted ? [key] : [])),
    );
    for (const key of this.#silentSince.keys()) if (!silent.has(key)) this.#silentSince.delete(key);
    for (const key of silent) if (!this.#silentSince.has(key)) this.#silentSince.set(key, now);
    return new Set(
      [...this.#silentSince].filter(([, since]) => now - since >= this.#keepSilentMs).map(([key]) => key),
    );
  }

  /** Latency of each crosspoint, where the server tells (PipeWire does not); it also finds out whether the server still answers. */
  async #measure(): Promise<void> {
    const began = performance.now();
    let tookMs = 0;
    try {
      // A list may take long; a server that does not answer even this is stuck.
      await this.client.serverInfo();
      this.#mirror.noteStreams();
      await this.#mirror.refresh();
      tookMs = performance.now() - began;
      const { wanted } = this;
      if (wanted)
        this.#latencies.note(
          latenciesIn(wanted, this.#mirror.snapshot, this.#outdated.ids, this.#own.latencies),
        );
      const { gadgets = [] } = this.#options.desired() ?? {};
      this.#empties.note(gadgets.flatMap(({ id }) => gadgetStreams(id, this.#mirror.snapshot).return));
      this.#options.onObserved();
      this.converge();
    } catch (error) {
      this.#fail(error);
    }
    if (this.#disposed) return;
    this.#measureTimer = setTimeout(() => void this.#measure(), Math.max(MEASURE_MS, tookMs / MEASURE_SHARE));
  }

  #fail(error: unknown): void {
    if (this.#disposed) return;
    if (this.client.isOpen) this.#options.log.warn('the sound server is stuck', { error: String(error) });
    this.client.dispose();
  }

  /** Unloads everything of ours, for a clean stop. */
  async removeAll(): Promise<void> {
    this.#end();
    await this.#working;
    await this.#own.quit();
    this.#own.dispose();
    if (this.client.isOpen) await this.#executor.removeAll();
  }

  /** Lets go of the server; what was built goes on. */
  dispose(): void {
    this.#end();
    this.#own.dispose();
  }

  #end(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#measureTimer);
    this.#outdated.dispose();
    this.#latencies.dispose();
    this.#talkOver.dispose();
    this.#executor.dispose();
    this.#mirror.dispose();
  }
}
