import { DisposableStore, type Disposable } from '../../base/disposable.ts';
import { type OutputStatus } from '../plane.ts';
import { type PictureSource } from '../sources/picture-source.ts';
import { type Frame } from './frame.ts';
import { type Rendition } from './rendition.ts';
import { type SlateKind, type SlateSource } from './slates.ts';

/** What an output shall show. */
export interface SwitcherTarget {
  readonly source: {
    readonly pictures: PictureSource;
    readonly label: string;
    readonly muted: boolean;
  } | null;
  /** The output itself is muted. */
  readonly muted: boolean;
}

export interface SwitcherOptions {
  readonly rendition: Rendition;
  readonly slates: SlateSource;
  /** Gets what is shown from now on: a picture, or a slate (once; whoever needs it repeated repeats it). */
  readonly onFrame: (frame: Frame) => void;
  readonly onStatus: (status: OutputStatus) => void;
  readonly timing: SwitcherTiming;
  /** For somebody who looks on: what is shown so far, in another size maybe, or nothing, is better than a slate. */
  readonly patient?: boolean;
  /** A picture that was being shown may not be seen any more: the privacy slate has taken its place. */
  readonly onConceal?: () => void;
}

/** Shared by all switchers; may change while they work. */
export interface SwitcherTiming {
  /** The slate comes when a source has been silent for so long. */
  slateAfterMs: number;
  /** A new source may take so long to its first picture; the old picture stays meanwhile. */
  firstPictureMs: number;
}

export const DEFAULT_TIMING: SwitcherTiming = { slateAfterMs: 500, firstPictureMs: 3000 };

interface Feed {
  readonly pictures: PictureSource;
  readonly subscriptions: DisposableStore;
  lastFrameMs: number;
  /** How far its pictures are apart; a slow camera is not a silent one. */
  intervalMs: number;
}

type Showing =
  | { readonly kind: 'picture' }
  | { readonly kind: 'slate'; readonly slate: SlateKind; readonly reason: string | undefined };

/**
 * What one output shows in one rendition. Make before break: the old source's pictures go on until the new source
 * has one; only when there is nothing to wait for (offline, error, deadline) comes a slate.
 */
export class Switcher implements Disposable {
  readonly #rendition: Rendition;
  readonly #slates: SlateSource;
  readonly #slateChanges: Disposable | undefined;
  readonly #onFrame: (frame: Frame) => void;
  readonly #onStatus: (status: OutputStatus) => void;
  readonly #timing: SwitcherTiming;
  #patient: boolean;
  readonly #onConceal: () => void;
  #target: SwitcherTarget = { source: null, muted: false };
  #current: Feed | undefined;
  #next: Feed | undefined;
  #showing: Showing | undefined;
  #latest: Frame | undefined;
  #status: OutputStatus = { state: 'off' };
  #deadline: NodeJS.Timeout | undefined;
  #watchdog: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: SwitcherOptions) {
    this.#rendition = options.rendition;
    this.#slates = options.slates;
    this.#onFrame = options.onFrame;
    this.#onStatus = options.onStatus;
    this.#timing = options.timing;
    this.#patient = options.patient ?? false;
    this.#onConceal = options.onConceal ?? (() => undefined);
    this.#slateChanges = this.#slates.onChange?.(() => this.#renewSlate());
  }

  /** What is shown now; undefined as long as a patient one waits for its first picture. */
  get latest(): Frame | undefined {
    return this.#latest;
  }

  get status(): OutputStatus {
    return this.#status;
  }

  set(target: SwitcherTarget): void {
    if (this.#disposed) return;
    this.#target = target;
    const { source, muted } = target;
    if (source === null || muted || source.muted) {
      const conceals = this.#showing?.kind === 'picture' && (muted || source?.muted === true);
      this.#drop('next');
      this.#drop('current');
      this.#showSlate(source === null && !muted ? 'no-signal' : 'muted');
      if (conceals) this.#onConceal();
    } else if (this.#current?.pictures === source.pictures) {
      this.#drop('next');
    } else if (this.#next?.pictures !== source.pictures) {
      this.#drop('next');
      this.#await(source.pictures);
    }
    this.#refresh();
  }

  /** Somebody takes it who needs a picture at once: a slate rather than nothing. */
  hurry(): void {
    this.#patient = false;
    if (this.#showing || !this.#next) return;
    this.#giveUpOld();
    this.#refresh();
  }

  dispose(): void {
    this.#disposed = true;
    void this.#slateChanges?.dispose();
    this.#drop('next');
    this.#drop('current');
  }

  /** Follow a new source; what is shown stays. */
  #await(pictures: PictureSource): void {
    const feed: Feed = {
      pictures,
      subscriptions: new DisposableStore(),
      lastFrameMs: performance.now(),
      intervalMs: 0,
    };
    this.#next = feed;
    feed.subscriptions.add(pictures.onStatus(() => this.#onSourceStatus(feed)));
    feed.subscriptions.add(pictures.onConceal(() => this.#conceal(feed)));
    feed.subscriptions.add(pictures.follow(this.#rendition, (frame) => this.#onPicture(feed, frame)));
    if (this.#next !== feed) return;
    this.#deadline = setTimeout(() => {
      this.#giveUpOld();
      this.#refresh();
    }, this.#timing.firstPictureMs);
    if (!this.#mayWait(pictures)) this.#giveUpOld();
  }

  /** Is there something better to show than a slate, or somebody who can do without? */
  #mayWait({ status }: PictureSource): boolean {
    if (status.state !== 'online') return false;
    return this.#showing ? this.#showing.kind === 'picture' : this.#patient;
  }

  #conceal(feed: Feed): void {
    if (feed !== this.#current || this.#showing?.kind !== 'picture') return;
    this.#showSlate('muted');
    this.#onConceal();
    this.#refresh();
  }

  #onPicture(feed: Feed, frame: Frame): void {
    const now = performance.now();
    if (feed === this.#next) {
      clearTimeout(this.#deadline);
      this.#drop('current');
      this.#current = feed;
      this.#next = undefined;
      this.#watch(feed, this.#timing.slateAfterMs);
    } else if (feed !== this.#current) return;
    else feed.intervalMs = Math.max(now - feed.lastFrameMs, feed.intervalMs * 0.9);
    feed.lastFrameMs = now;
    this.#show(frame, { kind: 'picture' });
    if (this.#status.state !== 'live') this.#refresh();
  }

  #onSourceStatus(feed: Feed): void {
    const { state } = feed.pictures.status;
    if (feed === this.#next) {
      if (!this.#mayWait(feed.pictures)) this.#giveUpOld();
    } else if (feed === this.#current) {
      // An error may be mended before anyone sees it: then the watchdog stays quiet.
      if (this.#showing?.kind === 'slate' || state === 'offline')
        this.#showSlateOf(feed.pictures, 'no-signal');
    } else return;
    this.#refresh();
  }

  /** Nothing but the new source counts now, and it has no picture. */
  #giveUpOld(): void {
    if (!this.#next) return;
    this.#drop('current');
    this.#showSlateOf(this.#next.pictures, 'connecting');
  }

  #watch(feed: Feed, inMs: number): void {
    if (feed.pictures.still) return;
    this.#watchdog = setTimeout(() => {
      // The one that is to take its place has its own deadline: until then the old picture stays.
      if (this.#next && this.#mayWait(this.#next.pictures)) {
        this.#watch(feed, this.#timing.slateAfterMs);
        return;
      }
      const silentMs = performance.now() - feed.lastFrameMs;
      const allowedMs = Math.max(this.#timing.slateAfterMs, feed.intervalMs * 2.5);
      if (silentMs < allowedMs) {
        this.#watch(feed, Math.max(10, allowedMs - silentMs));
        return;
      }
      this.#showSlateOf(feed.pictures, 'no-signal');
      this.#refresh();
      this.#watch(feed, this.#timing.slateAfterMs);
    }, inMs);
  }

  #drop(which: 'current' | 'next'): void {
    const feed = which === 'current' ? this.#current : this.#next;
    if (which === 'current') {
      clearTimeout(this.#watchdog);
      this.#current = undefined;
    } else {
      clearTimeout(this.#deadline);
      this.#next = undefined;
    }
    void feed?.subscriptions.dispose();
  }

  /** The slate that tells why a source has no picture. */
  #showSlateOf({ status }: PictureSource, otherwise: 'connecting' | 'no-signal'): void {
    const slate = status.state === 'online' ? otherwise : status.state;
    this.#showSlate(slate, slate === 'error' ? status.reason : undefined);
  }

  #showSlate(slate: SlateKind, reason?: string): void {
    const showing = this.#showing;
    if (showing?.kind === 'slate' && showing.slate === slate && showing.reason === reason) return;
    this.#show(this.#slates.get(slate, this.#rendition, reason), { kind: 'slate', slate, reason });
  }

  /** The slates look otherwise now, or the one that was asked for is ready. */
  #renewSlate(): void {
    const showing = this.#showing;
    if (showing?.kind !== 'slate') return;
    const frame = this.#slates.get(showing.slate, this.#rendition, showing.reason);
    if (frame !== this.#latest) this.#show(frame, showing);
  }

  #show(frame: Frame, showing: Showing): void {
    this.#showing = showing;
    this.#latest = frame;
    if (!this.#disposed) this.#onFrame(frame);
  }

  #refresh(): void {
    const status = this.#derive();
    if (status.state === this.#status.state && status.reason === this.#status.reason) return;
    this.#status = status;
    if (!this.#disposed) this.#onStatus(status);
  }

  #derive(): OutputStatus {
    const { source, muted } = this.#target;
    if (source === null) return { state: 'off' };
    if (muted) return { state: 'live', reason: 'Muted: the privacy slate is shown.' };
    if (source.muted)
      return { state: 'live', reason: `${source.label} is muted: the privacy slate is shown.` };
    const feed = this.#next ?? this.#current;
    if (feed === this.#current && this.#showing?.kind === 'picture') return { state: 'live' };
    const { state, reason } = source.pictures.status;
    if (state !== 'online') return reason === undefined ? { state } : { state, reason };
    return {
      state: 'pending',
      reason: this.#next
        ? `Waiting for the first picture of ${source.label}.`
        : `${source.label} has stopped sending pictures; waiting for the next one.`,
    };
  }
}
