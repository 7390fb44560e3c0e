import { CrosspointError } from '../contract/index.ts';

/** Read anew each time: the compiler takes a property that it has seen false to stay so across an `await`. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;

/** Wait; ends early, by throwing the signal's reason, when it is aborted. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** The promise's value, or a `timeout` error which says what did not happen. */
export async function within<T>(ms: number, what: string, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new CrosspointError('timeout', `${what} did not happen within ${ms} ms.`)),
          ms,
        );
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** Growing waits between tries: `firstMs`, doubled up to `maxMs`; a run that lasted `resetMs` starts over. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  readonly #resetMs: number;
  #nextMs: number;

  constructor({ firstMs, maxMs, resetMs }: { firstMs: number; maxMs: number; resetMs: number }) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
    this.#resetMs = resetMs;
    this.#nextMs = firstMs;
  }

  /** How long to wait before the next try, after one that lasted `ranMs`. */
  next(ranMs = 0): number {
    if (ranMs >= this.#resetMs) this.#nextMs = this.#firstMs;
    const wait = this.#nextMs;
    this.#nextMs = Math.min(this.#maxMs, this.#nextMs * 2);
    return wait;
  }

  reset(): void {
    this.#nextMs = this.#firstMs;
  }
}
