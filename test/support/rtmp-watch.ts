import { within } from '../../electron/base/time.ts';

/** Waits for conditions over things that change by events: whoever changes one calls `notify`. */
export class Watch {
  readonly #waiting = new Set<() => void>();

  notify = (): void => {
    for (const check of [...this.#waiting]) check();
  };

  /** What `find` answers, as soon as it is neither undefined nor false. */
  async until<T>(find: () => T | undefined | false, what: string, ms = 8000): Promise<T> {
    let check: () => void = () => undefined;
    const found = new Promise<T>((resolve) => {
      check = () => {
        const value = find();
        if (value === undefined || value === false) return;
        resolve(value);
      };
      this.#waiting.add(check);
    });
    check();
    try {
      return await within(ms, what, found);
    } finally {
      this.#waiting.delete(check);
    }
  }
}
