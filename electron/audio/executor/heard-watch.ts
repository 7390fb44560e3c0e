import { type Fader } from '../graph/built.ts';
import { type Level, sameLevel } from '../graph/levels.ts';

/** What we see may be older than what we told the server last. */
const SETTLE_MS = 150;

/** Finds out which of our faders something else has set to another level than we did. */
export class HeardWatch {
  /** Since when one has been other than we set it. */
  readonly #since = new Map<number, { readonly level: Level; readonly at: number }>();

  /**
   * @param faders those of crosspoints
   * @param assigned what one was set to; undefined while that is under way
   * @returns milliseconds until another look is due; null when none is
   */
  note(
    faders: readonly Fader[],
    assigned: (index: number) => Level | undefined,
    now = performance.now(),
  ): number | null {
    const seen = new Set<number>();
    let dueMs: number | null = null;
    for (const fader of faders) {
      const ours = assigned(fader.index);
      const level = { raw: Math.max(0, ...fader.volumes), muted: fader.muted };
      if (!ours || sameLevel(ours, level)) continue;
      seen.add(fader.index);
      const before = this.#since.get(fader.index);
      const at = before && sameLevel(before.level, level) ? before.at : now;
      this.#since.set(fader.index, { level, at });
      if (now - at < SETTLE_MS) dueMs = Math.max(dueMs ?? 0, SETTLE_MS - (now - at));
    }
    for (const index of this.#since.keys()) if (!seen.has(index)) this.#since.delete(index);
    return dueMs;
  }

  heard(now = performance.now()): ReadonlyMap<number, Level> {
    return new Map(
      [...this.#since]
        .filter(([, { at }]) => now - at >= SETTLE_MS)
        .map(([index, { level }]) => [index, level]),
    );
  }
}
