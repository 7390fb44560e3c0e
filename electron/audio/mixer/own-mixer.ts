import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { Backoff, within } from '../../base/time.ts';
import { CrosspointError, messageOf } from '../../contract/index.ts';
import { type Pace } from '../executor/level-ramps.ts';
import { type PathMaker } from '../executor/path-maker.ts';
import { type BuiltPath, levelMatches } from '../graph/built.ts';
import { FULL, type Level, sameLevel, SILENCE } from '../graph/levels.ts';
import { type MixerPath, type ServerSnapshot } from '../graph/snapshot.ts';
import { type WantedCrosspoint } from '../graph/wanted.ts';
import { type PulseClient, SAMPLE_FORMAT } from '../pulse/index.ts';
import { MixerLink } from './mixer-link.ts';
import { type MixerEvent, type MixerTap, toWord } from './protocol.ts';
import { type MixerHome, mixerSocket, startMixer } from './start-mixer.ts';

/** Indices of sound servers have 32 bits; what the mixer counts is shown above them. */
const IDS_FROM = 2 ** 32;
const GLIDE_MS = 20;
const RETIRE_TIMEOUT_MS = 1000;
const QUIT_TIMEOUT_MS = 1000;
/** So often in a row it may end within so short a time: each of its ends is heard on all paths. */
const SHORT_LIVES_MAX = 3;
const SHORT_LIFE_MS = 5 * 60_000;
/** What does not work now may work later; what fails again and again is tried more and more seldom. */
const TRY_AGAIN = { firstMs: 30_000, maxMs: 15 * 60_000, resetMs: SHORT_LIFE_MS } as const;

export interface OwnMixerOptions {
  readonly home: MixerHome;
  readonly client: PulseClient;
  readonly snapshot: () => ServerSnapshot;
  readonly log: Logger;
  /** Its paths or its state have changed. */
  readonly onChange: () => void;
  /** The highest of both channels since the last time, linear, 25 times a second for each tap, after `tellPeaks`. */
  readonly onPeaks: (tap: MixerTap, peaks: readonly number[]) => void;
  /** A path could not be built. */
  readonly onFailed: (key: string, reason: string) => void;
}

/** Is there no such program, or does it hang? Paths would wait for the next tries in vain. */
const isHopeless = (error: unknown): boolean =>
  error instanceof CrosspointError &&
  (error.code === 'timeout' || (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT');

/** What is measured of a path. */
interface Measured {
  readonly latencyMs: number;
  readonly xruns: number;
}

/** Paths in our own mixer: a process that is found or started, watched over, and told what to do. */
export class OwnMixer implements PathMaker, Disposable {
  readonly #options: OwnMixerOptions;
  readonly #paths = new Map<number, MixerPath>();
  readonly #measured = new Map<number, Measured>();
  readonly #gone = new Map<number, () => void>();
  readonly #backoff = new Backoff({ firstMs: 30, maxMs: 1000, resetMs: SHORT_LIFE_MS });
  readonly #tryAgain = new Backoff(TRY_AGAIN);
  #link: MixerLink | null = null;
  #opening: Promise<void> | null = null;
  #wanted = false;
  #tellsPeaks = false;
  #trouble: string | null = null;
  #shortLives = 0;
  #startedAt = 0;
  #nextNumber = 1;
  #revision = 0;
  #timer: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: OwnMixerOptions) {
    this.#options = options;
  }

  /** By id. */
  get paths(): ReadonlyMap<number, MixerPath> {
    return this.#paths;
  }

  /** Counts changes of paths and of the state. */
  get revision(): number {
    return this.#revision;
  }

  /** Does it take paths? */
  get isReady(): boolean {
    return this.#link !== null;
  }

  /** Why it cannot be used; null: it can, or will in a moment. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** In milliseconds, by id. */
  get latencies(): ReadonlyMap<number, number> {
    return new Map([...this.#measured].map(([id, { latencyMs }]) => [id, latencyMs]));
  }

  /** Takes over what an earlier engine left running. Resolves when it is known whether there is any. */
  adopt(): Promise<void> {
    return this.#open(false);
  }

  /** Shall it run? It ends when it is not wanted any more and has no paths left. */
  want(wanted: boolean): void {
    this.#wanted = wanted;
    if (wanted) {
      this.#openIfWanted();
      return;
    }
    this.#trouble = null;
    // Wanted again, it is tried at once: until then nothing says that paths wait for it in vain.
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#link && this.#paths.size === 0) this.#letEnd(this.#link);
  }

  /** Nothing is built in it while it fades out; the next one is started when it has gone. */
  #letEnd(link: MixerLink): void {
    this.#link = null;
    link.say('quit');
    this.#opening = within(QUIT_TIMEOUT_MS, 'the end of the mixer', link.closed)
      .catch(() => link.dispose())
      .finally(() => {
        this.#opening = null;
        this.#openIfWanted();
      });
  }

  #openIfWanted(): void {
    if (this.#wanted && !this.#link && !this.#timer) void this.#open(true);
  }

  #open(start: boolean): Promise<void> {
    if (this.#disposed || this.#link) return Promise.resolve();
    this.#opening ??= this.#connect(start).finally(() => {
      this.#opening = null;
      // Somebody may have thought otherwise, and back, meanwhile.
      this.#openIfWanted();
    });
    return this.#opening;
  }

  async #connect(start: boolean): Promise<void> {
    const { home, log } = this.#options;
    const onEvent = (event: MixerEvent): void => this.#take(event);
    this.#startedAt = performance.now();
    try {
      let link = await MixerLink.open(mixerSocket(home), home.server, onEvent);
      // It may have told of some before it broke off.
      if (!link) this.#paths.clear();
      if (!link && start && !this.#disposed) {
        await startMixer(home);
        link = await MixerLink.open(mixerSocket(home), home.server, onEvent);
        if (!link) this.#lost('it ended at once');
        else log.info('the mixer has been started');
      }
      if (!link) return;
      if (this.#disposed) {
        link.dispose();
        return;
      }
      this.#link = link;
      this.#trouble = null;
      if (this.#tellsPeaks) link.say('meters 1');
      void link.closed.then(() => {
        if (this.#link !== link) return;
        this.#link = null;
        this.#lost('it ended unexpectedly');
      });
      this.#change();
    } catch (error) {
      this.#lost(messageOf(error), isHopeless(error));
    }
  }

  /** It has ended, or did not start. @param hopeless there is no use in trying again soon */
  #lost(why: string, hopeless = false): void {
    this.#paths.clear();
    this.#measured.clear();
    for (const wake of [...this.#gone.values()]) wake();
    if (this.#disposed) return;
    if (this.#wanted) {
      const ranMs = performance.now() - this.#startedAt;
      this.#shortLives = ranMs < SHORT_LIFE_MS ? this.#shortLives + 1 : 0;
      this.#options.log.warn('the mixer does not run', { reason: why });
      const givesUp = hopeless || this.#shortLives > SHORT_LIVES_MAX;
      if (givesUp)
        this.#trouble = `Crosspoint’s own mixer cannot be used: ${why}. Loopbacks of the sound server mix instead.`;
      clearTimeout(this.#timer);
      this.#timer = setTimeout(
        () => {
          this.#timer = undefined;
          if (this.#wanted) void this.#open(true);
        },
        (givesUp ? this.#tryAgain : this.#backoff).next(ranMs),
      );
    }
    this.#change();
  }

  #change(): void {
    this.#revision++;
    this.#options.onChange();
  }

  #take(event: MixerEvent): void {
    switch (event.kind) {
      case 'path': {
        const { number, key, from, to, latencyMs, delayMs, level, live } = event;
        this.#put({ id: IDS_FROM + number, key, from, to, latencyMs, delayMs, level, live });
        this.#nextNumber = Math.max(this.#nextNumber, number + 1);
        return;
      }
      case 'live': {
        const path = this.#paths.get(IDS_FROM + event.number);
        if (!path) return;
        this.#put({ ...path, live: true });
        this.#options.onChange();
        return;
      }
      case 'failed':
      case 'gone':
        this.#remove(IDS_FROM + event.number, event.kind === 'failed' ? event.reason : null);
        return;
      case 'late':
        this.#measure(IDS_FROM + event.number, event);
        return;
      case 'refused':
        this.#options.log.warn('the mixer does not understand', { reason: event.reason });
        return;
      case 'peak':
        this.#options.onPeaks(event, event.peaks);
        return;
      case 'mixer':
      case 'ready':
        return;
    }
  }

  #put(path: MixerPath): void {
    this.#paths.set(path.id, path);
    this.#revision++;
  }

  #remove(id: number, failure: string | null): void {
    const path = this.#paths.get(id);
    this.#paths.delete(id);
    this.#measured.delete(id);
    this.#gone.get(id)?.();
    if (!path) return;
    if (failure !== null)
      this.#options.onFailed(path.key, `The sound server could not connect this crosspoint: ${failure}.`);
    this.#change();
  }

  #measure(id: number, { latencyMs, xruns }: Measured): void {
    const path = this.#paths.get(id);
    if (!path) return;
    const before = this.#measured.get(id)?.xruns ?? 0;
    if (xruns > before) this.#options.log.debug('a path ran empty', { key: path.key, times: xruns - before });
    this.#measured.set(id, { latencyMs, xruns });
  }

  build({ key, from, to, latencyMs, delayMs }: WantedCrosspoint): Promise<void> {
    // It has ended since this was planned.
    if (!this.#link) return Promise.resolve();
    const number = this.#nextNumber++;
    const { sources, sinks } = this.#options.snapshot();
    const formatOf = (
      devices: ReadonlyMap<
        number,
        { readonly name: string; readonly sampleSpec: { readonly format: number } }
      >,
      device: string,
    ): string => {
      for (const { name, sampleSpec } of devices.values())
        if (name === device) return sampleSpec.format === SAMPLE_FORMAT.s16le ? 's16' : 'f32';
      return 'f32';
    };
    this.#put({ id: IDS_FROM + number, key, from, to, latencyMs, delayMs, level: SILENCE, live: false });
    const ends = [toWord(from), formatOf(sources, from), toWord(to), formatOf(sinks, to)];
    this.#link.say(`path ${number} ${toWord(key)} ${ends.join(' ')} ${latencyMs} ${delayMs}`);
    return Promise.resolve();
  }

  retire({ id }: BuiltPath): Promise<void> {
    if (!this.#paths.has(id) || !this.#link) return Promise.resolve();
    const link = this.#link;
    return new Promise((resolve) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.#gone.delete(id);
        resolve();
      };
      const timer = setTimeout(finish, RETIRE_TIMEOUT_MS);
      this.#gone.set(id, finish);
      link.say(`retire ${id - IDS_FROM}`);
    });
  }

  /** Sent at once; the mixer glides, and is silent within 10 ms. */
  glide(
    { id, sinkInput }: BuiltPath,
    level: Level,
    { leastMs = 0, mostMs = Number.POSITIVE_INFINITY }: Pace = {},
  ): Promise<void> {
    const path = this.#paths.get(id);
    if (!path || !this.#link) return Promise.resolve();
    const rampMs = Math.round(Math.min(mostMs, Math.max(leastMs, GLIDE_MS)));
    this.#put({ ...path, level });
    this.#link.say(`level ${id - IDS_FROM} ${level.raw} ${level.muted ? 1 : 0} ${rampMs}`);
    // What another mixer did to the stream of the whole destination ends with our next change.
    if (sinkInput && !levelMatches(sinkInput, FULL)) {
      const { client, log } = this.#options;
      const ignore = (error: unknown): void => log.debug('level not set', { error: messageOf(error) });
      const { index, volumes } = sinkInput;
      client
        .setSinkInputVolume(
          index,
          volumes.map(() => FULL.raw),
        )
        .catch(ignore);
      client.setSinkInputMuted(index, false).catch(ignore);
    }
    return Promise.resolve();
  }

  assigned(fader: number): Level | undefined {
    return this.#paths.get(fader)?.level;
  }

  isMoving(): boolean {
    return false;
  }

  isBound(fader: number, level: Level): boolean {
    const path = this.#paths.get(fader);
    return path !== undefined && sameLevel(path.level, level);
  }

  /** Shall it tell peaks? */
  tellPeaks(on: boolean): void {
    if (on === this.#tellsPeaks) return;
    this.#tellsPeaks = on;
    this.#link?.say(`meters ${on ? 1 : 0}`);
  }

  /** Ends it, for a clean stop. Resolves when it has gone. */
  async quit(): Promise<void> {
    this.#wanted = false;
    const ended = (async () => {
      await this.#opening;
      this.#link?.say('quit');
      await this.#link?.closed;
    })();
    await within(QUIT_TIMEOUT_MS, 'the end of the mixer', ended).catch((error: unknown) =>
      this.#options.log.warn('the mixer does not end', { error: messageOf(error) }),
    );
  }

  /** Lets go of it. */
  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#timer);
    for (const wake of [...this.#gone.values()]) wake();
    this.#link?.dispose();
    this.#link = null;
  }
}
