/**
 * Timestamps for those who watch: they never go back, and go on in real time when the publisher is another one or its
 * clock leaps.
 */
export class RelayClock {
  #offsetMs: number | undefined;
  #lastOutMs: number;
  #lastAtMs: number | undefined;

  /** @param startMs what the first timestamp becomes */
  constructor(startMs = 0) {
    this.#lastOutMs = startMs;
  }

  /** The last timestamp that was given. */
  get lastMs(): number {
    return this.#lastOutMs;
  }

  /** What follows belongs to another session: its timestamps have nothing to do with those before. */
  restart(): void {
    this.#offsetMs = undefined;
  }

  /** The watchers' timestamp for the publisher's. */
  map(timestampMs: number): number {
    const now = performance.now();
    const passed = this.#lastAtMs === undefined ? 0 : Math.max(1, Math.round(now - this.#lastAtMs));
    this.#offsetMs ??= this.#lastOutMs + passed - timestampMs;
    let out = timestampMs + this.#offsetMs;
    if (out < this.#lastOutMs - MAX_LEAP_MS || out > this.#lastOutMs + passed + MAX_LEAP_MS) {
      out = this.#lastOutMs + passed;
      this.#offsetMs = out - timestampMs;
    }
    // Audio and video interleave a little out of order; a player must not see that as a step back.
    this.#lastOutMs = Math.max(this.#lastOutMs, out);
    this.#lastAtMs = now;
    return this.#lastOutMs;
  }
}

const MAX_LEAP_MS = 5000;
