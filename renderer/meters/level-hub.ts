import { type Levels } from '../../electron/contract/index.ts';
import { isAtRest, METER_MIN_DB, move, REST, type Needle } from './ballistics.ts';

/** Levels that are older than this are not shown any more. */
const STALE_MS = 400;
/** Needles move 30 times a second: more than levels come, and half the painting of every frame. */
const STEP_MS = 30;

/**
 * Meters take turns: the browser draws again all that lies between what has changed, so meters along the left and the
 * top edge that change in one frame cost the whole matrix, and one edge at a time costs a strip.
 */
export type Turn = 0 | 1;

export interface MeterReading {
  /** One needle per channel; empty: nothing is known, the meter is blank. */
  readonly needles: readonly Needle[];
}

type Painter = (reading: MeterReading) => void;

interface Track {
  levels: readonly number[];
  takenAt: number;
  needles: readonly Needle[];
  movedAt: number;
  /** By turn: silence is drawn already. */
  readonly rested: [boolean, boolean];
  readonly painters: Map<Painter, Turn>;
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
  /** When the meters of each turn were drawn last. */
  readonly #drawnAt: [number, number] = [0, 0];

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
      track.rested.fill(false);
      this.#paint(track);
    }
  }

  /** @returns ends it */
  paint(id: string, painter: Painter, turn: Turn = 0): () => void {
    let track = this.#tracks.get(id);
    if (!track)
      this.#tracks.set(
        id,
        (track = {
          levels: [],
          takenAt: -Infinity,
          needles: [],
          movedAt: 0,
          rested: [false, false],
          painters: new Map(),
        }),
      );
    const { painters } = track;
    painters.set(painter, turn);
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
    const now = this.#clock.now();
    for (const track of this.#tracks.values()) track.movedAt = now;
    this.#drawnAt.fill(now);
    this.#clock.frame(() => this.#frame());
  }

  #frame(): void {
    const now = this.#clock.now();
    const turn = this.#drawnAt[0] <= this.#drawnAt[1] ? 0 : 1;
    if (now - this.#drawnAt[turn] >= STEP_MS) {
      this.#drawnAt[turn] = now;
      this.#running = false;
      for (const track of this.#tracks.values())
        this.#running = this.#move(track, now, turn) || this.#running;
    }
    if (this.#running) this.#clock.frame(() => this.#frame());
  }

  /** @returns whether it will move again */
  #move(track: Track, now: number, turn: Turn): boolean {
    if (now - track.takenAt > STALE_MS) {
      if (track.needles.length === 0) return false;
      track.needles = [];
      track.rested.fill(false);
      this.#paint(track);
      return false;
    }
    const elapsedMs = Math.min(250, now - track.movedAt);
    track.movedAt = now;
    const before = track.needles;
    track.needles = track.levels.map((level, channel) => move(before[channel] ?? REST, level, elapsedMs));
    const resting = track.needles.every(isAtRest);
    if (!resting || !track.rested[turn]) this.#paint(track, turn);
    track.rested[turn] = resting;
    return true;
  }

  /** @param turn whose; all of them where it is not said */
  #paint(track: Track, turn?: Turn): void {
    const reading = track.needles.length === 0 ? BLANK : { needles: track.needles };
    for (const [painter, own] of track.painters) if (turn === undefined || own === turn) painter(reading);
  }
}

/** The loudest channel as shown now, in dBFS; for tests and screen readers. */
export const loudest = ({ needles }: MeterReading): number =>
  needles.reduce((db, needle) => Math.max(db, needle.db), METER_MIN_DB);
