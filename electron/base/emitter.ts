import { type Disposable, toDisposable } from './disposable.ts';

/** Something one can listen to. Events only tell what happened; listeners never answer. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/**
 * The sending side of an event. A listener that throws does not disturb the others or the sender: its error goes to
 * `onError`.
 */
export class Emitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void = rethrowLater) {
    this.#onError = onError;
  }

  readonly event: Event<T> = (listener) => {
    const own = (value: T): void => listener(value);
    this.#listeners.add(own);
    return toDisposable(() => void this.#listeners.delete(own));
  };

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(value);
      } catch (error) {
        this.#onError(error);
      }
    }
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

/** Surfaces as an uncaught exception, which the hosts log. */
function rethrowLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
