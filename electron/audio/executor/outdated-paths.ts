import { type Disposable } from '../../base/disposable.ts';

/** Paths that are to be built anew although they look right, by id. */
export class OutdatedPaths implements Disposable {
  readonly #ids = new Set<number>();
  readonly #waiting = new Set<() => void>();

  get ids(): ReadonlySet<number> {
    return this.#ids;
  }

  add(ids: Iterable<number>): void {
    for (const id of ids) this.#ids.add(id);
  }

  /** Only these are there any more. */
  keepOnly(there: ReadonlySet<number>): void {
    for (const id of this.#ids) if (!there.has(id)) this.#ids.delete(id);
    for (const check of [...this.#waiting]) check();
  }

  /** Resolves when all of these have been replaced, or after `mostMs`. */
  replaced(ids: readonly number[], mostMs: number): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (ids.some((id) => this.#ids.has(id))) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(check);
        resolve();
      }, mostMs);
      this.#waiting.add(check);
      check();
    });
  }

  dispose(): void {
    this.keepOnly(new Set());
  }
}
