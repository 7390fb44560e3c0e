import { type ChildRunner } from '../../base/child-process.ts';
import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import { type Logger } from '../../base/logger.ts';
import { Backoff } from '../../base/time.ts';
import { type DeviceStatus, messageOf, type PictureSettings } from '../../contract/index.ts';
import { type Ffmpeg } from '../ffmpeg.ts';
import { type Frame } from '../frames/frame.ts';
import { type FrameLimits, limitsOf, type Rendition, renditionKey } from '../frames/rendition.ts';
import { type CameraFinder } from '../v4l2/camera-finder.ts';
import { EncoderRun } from './encoder-run.ts';
import { PLAIN_PICTURE, samePicture } from './picture-filters.ts';
import { type PictureSource, type SourceCounters } from './picture-source.ts';

/** What every source needs to work. */
export interface SourceTools {
  readonly log: Logger;
  readonly children: ChildRunner;
  /** Undefined: none was found. */
  readonly ffmpeg: Ffmpeg | undefined;
  readonly limits: FrameLimits;
  /** A source goes on for so long after the last one who followed it. Default 3000 ms. */
  readonly lingerMs?: number;
  /** The cameras of this machine; undefined: they are not looked for. */
  readonly cameras?: CameraFinder;
}

export interface EncodedSourceOptions extends SourceTools {
  readonly name: string;
  /** Called for each start of ffmpeg. May throw: the source is then in error. */
  readonly prepare: (wanted: Wanted) => Preparation;
  /** Restart an ffmpeg that gives nothing. Default true. */
  readonly watchdog?: boolean;
}

/** What an ffmpeg shall make. */
export interface Wanted {
  readonly ffmpeg: Ffmpeg;
  /** Its outputs, in this order. */
  readonly renditions: readonly Rendition[];
  readonly picture: PictureSettings;
  /** Why the last one ended without a picture. */
  readonly failure: string | undefined;
}

export interface Preparation {
  readonly args: readonly string[];
  /** Feeds stdin. What it answers is disposed when that ffmpeg ends. */
  readonly begin?: (run: EncoderRun) => Disposable;
}

interface Feed {
  readonly rendition: Rendition;
  readonly followers: Set<(frame: Frame) => void>;
  latest: { readonly frame: Frame; readonly atMs: number } | undefined;
  linger: NodeJS.Timeout | undefined;
}

interface Slot {
  readonly run: EncoderRun;
  readonly picture: PictureSettings;
  readonly feeding: Disposable | undefined;
}

const FIRST_FRAME_MS = 10_000;
const STALL_MS = 5000;
const CHECK_MS = 1000;
/** A picture that is older is not handed to a newcomer. */
const FRESH_MS = 1000;

/**
 * A source whose pictures one supervised ffmpeg makes, in all the renditions that are wanted. When that set changes, a
 * second ffmpeg is started and takes over with its first pictures.
 */
export class EncodedSource implements PictureSource {
  readonly still = false;
  readonly counters: SourceCounters = { frames: 0, bytes: 0, dropped: 0 };
  readonly #options: EncodedSourceOptions;
  readonly #feeds = new Map<string, Feed>();
  readonly #changed = new Emitter<DeviceStatus>();
  readonly #concealed = new Emitter<void>();
  readonly #backoff = new Backoff({ firstMs: 100, maxMs: 5000, resetMs: 4000 });
  #status: DeviceStatus = { state: 'online' };
  /** Why it cannot work at all now, e.g. no publisher. */
  #unavailable: DeviceStatus | undefined;
  #failure: string | undefined;
  #format: { readonly width?: number; readonly height?: number; readonly fps?: number } = {};
  #earlyEnds = 0;
  #muted = false;
  #picture: PictureSettings = PLAIN_PICTURE;
  #current: Slot | undefined;
  #next: Slot | undefined;
  #retry: NodeJS.Timeout | undefined;
  #check: NodeJS.Timeout | undefined;
  #poked = false;
  #disposed = false;

  constructor(options: EncodedSourceOptions) {
    this.#options = options;
    this.#status = this.#derive();
  }

  get status(): DeviceStatus {
    return this.#status;
  }

  get onStatus(): Emitter<DeviceStatus>['event'] {
    return this.#changed.event;
  }

  get onConceal(): Emitter<void>['event'] {
    return this.#concealed.event;
  }

  /** Is an ffmpeg at work? */
  get running(): boolean {
    return (this.#current ?? this.#next) !== undefined;
  }

  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable {
    const key = renditionKey(rendition);
    const feed: Feed = this.#feeds.get(key) ?? {
      rendition,
      followers: new Set(),
      latest: undefined,
      linger: undefined,
    };
    this.#feeds.set(key, feed);
    clearTimeout(feed.linger);
    const follower = (frame: Frame): void => onFrame(frame);
    feed.followers.add(follower);
    this.#poke();
    if (feed.latest && performance.now() - feed.latest.atMs < FRESH_MS) onFrame(feed.latest.frame);
    return toDisposable(() => this.#unfollow(key, feed, follower));
  }

  setMuted(muted: boolean): void {
    if (muted === this.#muted) return;
    this.#muted = muted;
    this.#backoff.reset();
    this.#reconcile();
  }

  setPicture(picture: PictureSettings): void {
    if (samePicture(picture, this.#picture)) return;
    const conceals = picture.blur && !this.#picture.blur;
    this.#picture = picture;
    if (conceals) this.conceal();
    this.#reconcile();
  }

  /** Nothing of what was made so far is given any more, but what is blurred. */
  conceal(): void {
    for (const which of ['current', 'next'] as const) {
      const slot = which === 'current' ? this.#current : this.#next;
      if (slot?.picture.blur === false) void this.#stop(which);
    }
    for (const feed of this.#feeds.values()) feed.latest = undefined;
    this.#concealed.fire();
    this.#poke();
  }

  /** It cannot work for now, and why; undefined: it can again. Nothing runs meanwhile. */
  setUnavailable(status: DeviceStatus | undefined): void {
    this.#unavailable = status;
    if (status) {
      this.#failure = undefined;
      this.#earlyEnds = 0;
    } else this.#backoff.reset();
    this.#reconcile();
    this.#refresh();
  }

  /** The input is another one: start a new ffmpeg, which takes over with its first pictures. */
  restart(): void {
    if (!this.running) return;
    void this.#stop('next');
    this.#start();
  }

  /** What is known of the picture as it comes in. */
  setFormat(format: { readonly width?: number; readonly height?: number; readonly fps?: number }): void {
    this.#format = format;
    this.#refresh();
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    for (const { linger } of this.#feeds.values()) clearTimeout(linger);
    this.#feeds.clear();
    await this.#stopAll();
    this.#changed.dispose();
    this.#concealed.dispose();
  }

  #unfollow(key: string, feed: Feed, follower: (frame: Frame) => void): void {
    feed.followers.delete(follower);
    if (feed.followers.size > 0 || this.#disposed) return;
    clearTimeout(feed.linger);
    feed.linger = setTimeout(() => {
      this.#feeds.delete(key);
      this.#reconcile();
    }, this.#options.lingerMs ?? 3000);
  }

  /** Those who come in the same turn of the event loop get one ffmpeg. */
  #poke(): void {
    if (this.#poked) return;
    this.#poked = true;
    setImmediate(() => {
      this.#poked = false;
      this.#reconcile();
    });
  }

  #reconcile(): void {
    if (this.#disposed) return;
    if (this.#feeds.size === 0 || this.#muted || this.#unavailable || !this.#options.ffmpeg) {
      void this.#stopAll();
      return;
    }
    const newest = this.#next ?? this.#current;
    const complete =
      newest?.run.keys.size === this.#feeds.size &&
      [...this.#feeds.keys()].every((key) => newest.run.keys.has(key));
    // One that is being started may come first: settings that change all the time must not keep each from its picture.
    const satisfied = complete && (newest === this.#next || samePicture(newest.picture, this.#picture));
    if (satisfied || this.#retry !== undefined) return;
    void this.#stop('next');
    this.#start();
  }

  #start(): void {
    const { children, ffmpeg, prepare, log, name } = this.#options;
    if (!ffmpeg) return;
    try {
      const renditions = [...this.#feeds.values()].map(({ rendition }) => rendition);
      const picture = this.#picture;
      const { args, begin } = prepare({ ffmpeg, renditions, picture, failure: this.#failure });
      const run = new EncoderRun({
        children,
        ffmpeg,
        name,
        args,
        stdin: begin !== undefined,
        keys: renditions.map(renditionKey),
        onFrame: (from, key, frame) => this.#onFrame(from, key, frame),
        onEnd: (from, sentence) => this.#onEnd(from, sentence),
      });
      this.#next = { run, picture, feeding: begin?.(run) };
      log.debug('ffmpeg started', { source: name, pid: run.pid, outputs: [...run.keys] });
    } catch (error) {
      this.#fail(messageOf(error));
      this.#retryIn(5000);
    }
    this.#check ??= setInterval(() => this.#checkStall(), CHECK_MS);
  }

  #onFrame(run: EncoderRun, key: string, frame: Frame): void {
    const isNext = run === this.#next?.run;
    if (!isNext && (run !== this.#current?.run || this.#next?.run.hasStarted(key) === true)) return;
    if (isNext && run.complete) this.#promote(run);
    this.#deliver(key, frame);
  }

  /** The new ffmpeg has all its first pictures: it takes over. */
  #promote(run: EncoderRun): void {
    const slot = this.#next;
    this.#next = undefined;
    void this.#stop('current');
    this.#current = slot;
    this.#failure = undefined;
    this.#format = { ...run.inputFormat, ...this.#format };
    this.#refresh();
    this.#poke();
  }

  #deliver(key: string, frame: Frame): void {
    const feed = this.#feeds.get(key);
    if (!feed) return;
    if (frame.sizeBytes > limitsOf(feed.rendition, this.#options.limits).hardBytes) {
      this.counters.dropped++;
      return;
    }
    this.counters.frames++;
    this.counters.bytes += frame.sizeBytes;
    feed.latest = { frame, atMs: performance.now() };
    for (const follower of [...feed.followers]) follower(frame);
  }

  #onEnd(run: EncoderRun, sentence: string): void {
    const which = run === this.#next?.run ? 'next' : 'current';
    void this.#stop(which);
    const ranMs = performance.now() - run.startedMs;
    this.#earlyEnds = run.hasFrames && ranMs > 4000 ? 0 : this.#earlyEnds + 1;
    // One that worked and broke is likely to work again at once, and the old one may still be at work: nobody needs to
    // hear of it yet.
    if (!this.#current && (!run.hasFrames || this.#earlyEnds > 2)) this.#fail(sentence);
    const waitMs = this.#backoff.next(ranMs);
    this.#options.log.warn('ffmpeg ended', { source: this.#options.name, pid: run.pid, sentence, waitMs });
    this.#retryIn(waitMs);
  }

  #fail(sentence: string): void {
    this.#failure = sentence;
    this.#refresh();
  }

  #retryIn(ms: number): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#reconcile();
    }, ms);
  }

  #checkStall(): void {
    if (this.#options.watchdog === false) return;
    for (const slot of [this.#current, this.#next]) {
      if (!slot) continue;
      const { run } = slot;
      if (run.silentMs > (run.hasFrames ? STALL_MS : FIRST_FRAME_MS))
        run.abort(run.hasFrames ? 'It has stopped sending pictures.' : 'It does not answer.');
    }
  }

  #stop(which: 'current' | 'next'): Promise<void> | undefined {
    const slot = which === 'current' ? this.#current : this.#next;
    if (which === 'current') this.#current = undefined;
    else this.#next = undefined;
    void slot?.feeding?.dispose();
    return slot?.run.stop();
  }

  async #stopAll(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    clearInterval(this.#check);
    this.#check = undefined;
    for (const feed of this.#feeds.values()) feed.latest = undefined;
    await Promise.all([this.#stop('next'), this.#stop('current')]);
  }

  #refresh(): void {
    const status = this.#derive();
    const same = (Object.keys({ ...status, ...this.#status }) as (keyof DeviceStatus)[]).every(
      (key) => status[key] === this.#status[key],
    );
    if (same || this.#disposed) return;
    this.#status = status;
    this.#changed.fire(status);
  }

  #derive(): DeviceStatus {
    if (this.#unavailable) return this.#unavailable;
    if (!this.#options.ffmpeg) return { state: 'error', reason: 'ffmpeg was not found on this machine.' };
    if (this.#failure !== undefined) return { state: 'error', reason: this.#failure };
    return { state: 'online', ...this.#format };
  }
}
