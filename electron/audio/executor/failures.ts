import { Backoff } from '../../base/time.ts';

interface Failure {
  readonly reason: string;
  readonly backoff: Backoff;
  readonly retryAt: number;
}

/** What went wrong, by subject, and when to try again. */
export class Failures {
  readonly #failures = new Map<string, Failure>();
  #revision = 0;

  /** Counts changes. What waits changes with time as well: `nextRetryMs`. */
  get revision(): number {
    return this.#revision;
  }

  get reasons(): ReadonlyMap<string, string> {
    return new Map([...this.#failures].map(([subject, { reason }]) => [subject, reason]));
  }

  /** The reasons of those whose time to be tried again has not come. */
  recent(now = performance.now()): ReadonlyMap<string, string> {
    return new Map(
      [...this.#failures].flatMap(([subject, { reason, retryAt }]) =>
        retryAt > now ? [[subject, reason] as const] : [],
      ),
    );
  }

  failed(subject: string, reason: string, now = performance.now()): void {
    const backoff =
      this.#failures.get(subject)?.backoff ??
      new Backoff({ firstMs: 250, maxMs: 10_000, resetMs: Number.POSITIVE_INFINITY });
    this.#failures.set(subject, { reason, backoff, retryAt: now + backoff.next() });
    this.#revision++;
  }

  succeeded(subject: string): void {
    if (this.#failures.delete(subject)) this.#revision++;
  }

  /** Forget everything that is not about one of these. */
  keepOnly(subjects: ReadonlySet<string>): void {
    for (const subject of this.#failures.keys()) if (!subjects.has(subject)) this.succeeded(subject);
  }

  clear(): void {
    this.#failures.clear();
    this.#revision++;
  }

  /** Subjects whose time has not come. */
  waiting(now = performance.now()): ReadonlySet<string> {
    return new Set(
      [...this.#failures].filter(([, { retryAt }]) => retryAt > now).map(([subject]) => subject),
    );
  }

  /** Milliseconds until the next one may be tried again; null when none waits. */
  nextRetryMs(now = performance.now()): number | null {
    const times = [...this.#failures.values()].map(({ retryAt }) => retryAt - now).filter((ms) => ms > 0);
    return times.length === 0 ? null : Math.min(...times);
  }
}
