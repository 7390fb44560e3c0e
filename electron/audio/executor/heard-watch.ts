import { type Level, sameLevel } from '../graph/levels.ts';
import { type SinkInputInfo } from '../pulse/index.ts';

/** What we see may be older than what we told the server last. */
const SETTLE_MS = 150;

/** Finds out which of our streams something else has set to another level than we did. */
export class HeardWatch {
  /** Since when a stream has been other than we set it. */
  readonly #since = new Map<number, { readonly level: Level; readonly at: number }>();

  /**
   * @param streams those of crosspoints
   * @param assigned what a stream was set to; undefined while that is under way
   * @returns milliseconds until another look is due; null when none is
   */
  note(
    streams: readonly SinkInputInfo[],
    assigned: (index: number) => Level | undefined,
    now = performance.now(),
  ): number | null {
    const seen = new Set<number>();
    let dueMs: number | null = null;
    for (const stream of streams) {
      const ours = assigned(stream.index);
      const level = { raw: Math.max(0, ...stream.volumes), muted: stream.muted };
      if (!ours || sameLevel(ours, level)) continue;
      seen.add(stream.index);
      const before = this.#since.get(stream.index);
      const at = before && sameLevel(before.level, level) ? before.at : now;
      this.#since.set(stream.index, { level, at });
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
