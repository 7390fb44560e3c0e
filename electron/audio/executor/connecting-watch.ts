import { type Connection } from '../graph/built.ts';

/** So long a path may be built but not connected: session managers are slow on busy machines. */
const CONNECT_TIMEOUT_MS = 15_000;
const POLL_MS = 60;
/** A few that were built just now are looked at more often: PipeWire takes 20 ms for one, and does not tell. */
const FRESH = { most: 4, forMs: 300, pollMs: 12 } as const;

/** Keeps watch over what is built but not connected yet. */
export class ConnectingWatch {
  /** By key of the crosspoint. */
  readonly #since = new Map<string, number>();

  /**
   * @param connections of all crosspoints that are wanted, by key; null: not built
   * @returns keys of those that have been connecting for too long
   */
  note(connections: ReadonlyMap<string, Connection | null>, now = performance.now()): ReadonlySet<string> {
    // What is not wanted any more may never be connected.
    for (const key of this.#since.keys()) if (connections.get(key) !== 'connecting') this.#since.delete(key);
    for (const [key, connection] of connections)
      if (connection === 'connecting' && !this.#since.has(key)) this.#since.set(key, now);
    return new Set(
      [...this.#since].filter(([, since]) => now - since > CONNECT_TIMEOUT_MS).map(([key]) => key),
    );
  }

  /** Is there anything to look at again, and when? Null: nothing. */
  pollMs(now = performance.now()): number | null {
    if (this.#since.size === 0) return null;
    const isFresh = now - Math.max(...this.#since.values()) < FRESH.forMs;
    return isFresh && this.#since.size <= FRESH.most ? FRESH.pollMs : POLL_MS;
  }
}
