import { type Levels } from '../../electron/contract/index.ts';
import { isAtRest, METER_MIN_DB, move, REST, type Needle } from './ballistics.ts';

/** Levels that are older than this are not shown any more. */
const STALE_MS = 400;
/** Needles move 30 times a second: more than levels come, and half the painting of every frame. */
const STEP_MS = 30;

export interface MeterReading {
  /** One needle per channel; empty: nothing is known, the meter is blank. */
  readonly needles: readonly Needle[];
}

type Painter = (reading: MeterReading) => void;

interface Track {
  levels: readonly number[];
  takenAt: number;
  needles: readonly Needle[];
  readonly painters: Set<Painter>;
}

export interface Clock {
  now(): number;
  /** Calls back before the next picture is drawn. */
  frame(callback: () => void): void;
}

export const browserClock: Clock = {
  now: () => performance.now(),
  frame: (callback) => void requestAnimationFrame(callback),
};

const BLANK: MeterReading = { needles: [] };

/** Levels on their way from the engine to canvases, past React: one clock moves every needle that somebody sees. */
export class LevelHub {
  readonly #clock: Clock;
  readonly #tracks = new Map<string, Track>();
  #running = false;
  #lastMs = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Levels of the engine, in dBFS per channel. */
  take(levels: Levels): void {
    const now = this.#clock.now();
    for (const [id, channels] of Object.entries(levels)) {
      const track = this.#tracks.get(id);
      if (!track) continue;
      track.levels = channels;
      track.takenAt = now;
    }
    this.#start();
  }

  /** There is no connection: nothing is known. */
  reset(): void {
    for (const track of this.#tracks.values()) {
      track.levels = [];
      track.needles = [];
      this.#paint(track);
    }
  }

  /** @returns ends it */
  paint(id: string, painter: Painter): () => void {
    let track = this.#tracks.get(id);
    if (!track)
      this.#tracks.set(id, (track = { levels: [], takenAt: -Infinity, needles: [], painters: new Set() }));
    const { painters } = track;
    painters.add(painter);
    painter({ needles: track.needles });
    return () => {
      painters.delete(painter);
      if (painters.size === 0 && this.#tracks.get(id)?.painters === painters) this.#tracks.delete(id);
    };
  }

  /** Take back the clip mark of one meter, or of all. */
  clearClip(id?: string): void {
    for (const [key, track] of this.#tracks) {
      if (id !== undefined && key !== id) continue;
      track.needles = track.needles.map((needle) => ({ ...needle, clipped: false }));
      this.#paint(track);
    }
  }

  #start(): void {
    if (this.#running || this.#tracks.size === 0) return;
    this.#running = true;
    this.#lastMs = this.#clock.now();
    this.#clock.frame(() => this.#frame());
  }

  #frame(): void {
    const now = this.#clock.now();
    if (now - this.#lastMs < STEP_MS) {
      this.#clock.frame(() => this.#frame());
      return;
    }
    const elapsedMs = Math.min(250, now - this.#lastMs);
    this.#lastMs = now;
    let moving = false;
    for (const track of this.#tracks.values()) moving = this.#move(track, now, elapsedMs) || moving;
    this.#running = moving;
    if (moving) this.#clock.frame(() => this.#frame());
  }

  #move(track: Track, now: number, elapsedMs: number): boolean {
    if (now - track.takenAt > STALE_MS) {
      if (track.needles.length === 0) return false;
      track.needles = [];
      this.#paint(track);
      return false;
    }
    const before = track.needles;
    track.needles = track.levels.map((level, channel) => move(before[channel] ?? REST, level, elapsedMs));
    if (before.length > 0 && before.every(isAtRest) && track.needles.every(isAtRest)) return true;
    this.#paint(track);
    return true;
  }

  #paint(track: Track): void {
    const reading = track.needles.length === 0 ? BLANK : { needles: track.needles };
    for (const painter of track.painters) painter(reading);
  }
}

/** The loudest channel as shown now, in dBFS; for tests and screen readers. */
export const loudest = ({ needles }: MeterReading): number =>
  needles.reduce((db, needle) => Math.max(db, needle.db), METER_MIN_DB);
