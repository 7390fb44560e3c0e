import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { messageOf, type SourceId } from '../../contract/index.ts';
import { type AudioFeeds } from '../plane.ts';
import { type PlaybackStream, type PulseClient } from '../pulse/index.ts';
import { FRAME_BYTES, PcmStretch } from './pcm-stretch.ts';

const PCM = { format: 's16le', channels: 2, rateHz: 48_000 } as const;
const bytesOf = (ms: number): number => PCM.rateHz * (ms / 1000) * FRAME_BYTES;
const msOf = (bytes: number): number => (bytes / FRAME_BYTES / PCM.rateHz) * 1000;

/**
 * So much sound is held on average: as little as goes, for the picture is not held at all. Packets are frames of AAC
 * (21 ms each); where they come less regularly and the sound tears, more is held.
 */
const TARGET_LEAST_MS = 26;
const TARGET_MOST_MS = 60;
const TARGET_STEP_MS = 10;
/** After so long without a gap, less is tried again. */
const CALM_MS = 60_000;
/** A packet that comes so long after a gap was late; later than that, the publisher paused. */
const LATE_MS = 200;
/** The server takes no more than this; more waits here, and what is more than that is dropped. */
const CREDIT_MS = 60;
const WAITING_MS = 40;
/** So much above the target for a while, it is not steered back but cut: a short jump, but the lips fit again. */
const EXCESS_MS = 25;
/** As long as the amount held on average is this near to the target, nothing is done. */
const SLACK_MS = 8;
/** How much faster or slower it plays otherwise: 8 cents are not heard, and more than any two clocks differ. */
const STRETCH = 0.005;
const LOOK_MS = 200;
/** So many looks make an average. */
const LOOKS = 10;
const RETRY_MS = 500;

export interface FeedPlayerOptions {
  readonly client: PulseClient;
  readonly feeds: AudioFeeds;
  readonly ingest: SourceId;
  /** The bus that it is played to. */
  readonly sink: string;
  readonly log: Logger;
}

/** Plays the sound of one ingest into its bus, as soon as possible after it came, whatever its clock does. */
export class FeedPlayer implements Disposable {
  readonly #options: FeedPlayerOptions;
  readonly #stretch = new PcmStretch();
  #stream: PlaybackStream | null = null;
  #feed: Disposable | null = null;
  #waiting = Buffer.alloc(0);
  /** The part of a frame that came with the last chunk. */
  #rest = Buffer.alloc(0);
  #held: number[] = [];
  #targetMs = TARGET_LEAST_MS;
  /** Bytes of what comes next that are not played. */
  #skip = 0;
  #tornAt: number | null = null;
  #calmSince = performance.now();
  #timer: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: FeedPlayerOptions) {
    this.#options = options;
    void this.#open();
  }

  async #open(): Promise<void> {
    const { client, sink, ingest, log } = this.#options;
    try {
      const stream = await client.play({
        ...PCM,
        name: `Sound of ${ingest}`,
        sink,
        targetMs: CREDIT_MS,
        prebufferMs: TARGET_LEAST_MS,
        properties: {
          'application.id': 'dev.crosspoint',
          'crosspoint.feed': ingest,
          'media.role': 'production',
          'module-stream-restore.id': `crosspoint-feed-${ingest}`,
        },
        onWritable: () => this.#write(),
        onUnderrun: () => (this.#tornAt = performance.now()),
      });
      if (this.#disposed) {
        await stream.dispose();
        return;
      }
      this.#stream = stream;
      this.#feed ??= this.#listen();
      this.#timer = setInterval(() => void this.#look(), LOOK_MS);
      await stream.closed;
    } catch (error) {
      log.debug('the sound of an ingest is not played', { ingest, error: messageOf(error) });
    }
    clearInterval(this.#timer);
    this.#stream = null;
    if (!this.#disposed && client.isOpen) this.#retry = setTimeout(() => void this.#open(), RETRY_MS);
  }

  #listen(): Disposable {
    const { feeds, ingest, log } = this.#options;
    try {
      return feeds.open(ingest, (pcm) => this.#take(pcm));
    } catch (error) {
      log.warn('there is no sound of an ingest', { ingest, error: messageOf(error) });
      return toDisposable(() => undefined);
    }
  }

  #take(pcm: Uint8Array): void {
    if (!this.#stream) return;
    this.#judgeGap(performance.now());
    const all = this.#rest.length > 0 ? Buffer.concat([this.#rest, pcm]) : Buffer.from(pcm);
    const whole = all.length - (all.length % FRAME_BYTES);
    this.#rest = all.subarray(whole);
    const skipped = Math.min(this.#skip, whole);
    this.#skip -= skipped;
    this.#waiting = Buffer.concat([this.#waiting, this.#stretch.process(all.subarray(skipped, whole))]);
    this.#write();
    // Newest wins: what could not be played in time is not worth being late for.
    if (this.#waiting.length > bytesOf(WAITING_MS))
      this.#waiting = this.#waiting.subarray(this.#waiting.length - bytesOf(this.#targetMs / 2));
  }

  /** A gap that a packet has just ended: does more sound have to be held? */
  #judgeGap(now: number): void {
    if (this.#tornAt !== null) {
      if (now - this.#tornAt < LATE_MS)
        this.#targetMs = Math.min(TARGET_MOST_MS, this.#targetMs + TARGET_STEP_MS);
      // In the gap nobody hears how it grows; later it would take seconds.
      this.#waiting = Buffer.alloc(bytesOf(this.#targetMs - TARGET_LEAST_MS));
      this.#tornAt = null;
      this.#calmSince = now;
    } else if (now - this.#calmSince > CALM_MS) {
      this.#targetMs = Math.max(TARGET_LEAST_MS, this.#targetMs - TARGET_STEP_MS / 2);
      this.#calmSince = now;
    }
  }

  #write(): void {
    const stream = this.#stream;
    if (stream && this.#waiting.length > 0)
      this.#waiting = this.#waiting.subarray(stream.write(this.#waiting));
  }

  /** Steers towards the target by playing slightly faster or slower. */
  async #look(): Promise<void> {
    const stream = this.#stream;
    if (!stream) return;
    try {
      this.#held = [...this.#held, (await stream.queuedMs()) + msOf(this.#waiting.length)].slice(-LOOKS);
    } catch {
      return;
    }
    if (this.#held.length < LOOKS) return;
    const least = Math.min(...this.#held);
    if (least > this.#targetMs + EXCESS_MS) {
      this.#skip = bytesOf(Math.round(least - this.#targetMs));
      this.#held = [];
      return;
    }
    const mean = this.#held.reduce((sum, ms) => sum + ms, 0) / LOOKS;
    const off = mean - this.#targetMs;
    // Once it steers, it steers until it is there.
    const enough = this.#stretch.rate === 1 ? SLACK_MS : SLACK_MS / 4;
    this.#stretch.rate = Math.abs(off) <= enough ? 1 : 1 + Math.sign(off) * STRETCH;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    clearInterval(this.#timer);
    clearTimeout(this.#retry);
    await this.#feed?.dispose();
    await this.#stream?.dispose();
  }
}
