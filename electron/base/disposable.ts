/** Something that was started and must be ended. Disposing twice is allowed and does nothing more. */
export interface Disposable {
  dispose(): void | Promise<void>;
}

export const toDisposable = (dispose: () => void | Promise<void>): Disposable => {
  let done: void | Promise<void> | undefined;
  let called = false;
  return {
    dispose() {
      if (!called) {
        called = true;
        done = dispose();
      }
      return done;
    },
  };
};

/** Ends what was added to it, newest first. What is added after the end is ended at once. */
export class DisposableStore implements Disposable {
  readonly #items: Disposable[] = [];
  #disposed = false;

  get disposed(): boolean {
    return this.#disposed;
  }

  add<T extends Disposable>(item: T): T {
    if (this.#disposed) void item.dispose();
    else this.#items.push(item);
    return item;
  }

  defer(dispose: () => void | Promise<void>): void {
    this.add(toDisposable(dispose));
  }

  /** Ends everything even when some of it throws; the first error is thrown at the end. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    let failure: { readonly error: unknown } | undefined;
    for (let item = this.#items.pop(); item; item = this.#items.pop()) {
      try {
        await item.dispose();
      } catch (error) {
        failure ??= { error };
      }
    }
    if (failure) throw failure.error;
  }
}
