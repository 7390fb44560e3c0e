import { type Disposable } from '../../base/disposable.ts';

/** Hands on at most `perSecond` values; the newest of those in between comes as soon as it may. */
export class RateLimit<T> implements Disposable {
  readonly #intervalMs: number;
  readonly #onValue: (value: T) => void;
  #lastMs = -Infinity;
  #waiting: { readonly value: T } | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(perSecond: number, onValue: (value: T) => void) {
    this.#intervalMs = 1000 / perSecond;
    this.#onValue = onValue;
  }

  push(value: T): void {
    const dueMs = this.#lastMs + this.#intervalMs * 0.85 - performance.now();
    if (dueMs <= 0) {
      this.#hand(value);
      return;
    }
    this.#waiting = { value };
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting) this.#hand(this.#waiting.value);
    }, dueMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#waiting = undefined;
  }

  #hand(value: T): void {
    this.#lastMs = performance.now();
    this.#waiting = undefined;
    this.#onValue(value);
  }
}
