const LIMIT = 1000;

export interface GadgetLog {
  readonly lines: readonly string[];
  /** Why there will be no more; null while it is followed. */
  readonly ended: string | null;
}

const EMPTY: GadgetLog = { lines: [], ended: null };

/** The logs of gadgets that somebody looks at. */
export class LogHub {
  readonly #logs = new Map<string, GadgetLog>();
  readonly #listeners = new Set<() => void>();

  take(gadget: string, lines: readonly string[], ended: string | undefined): void {
    const former = this.get(gadget);
    this.#logs.set(gadget, {
      lines: [...former.lines, ...lines].slice(-LIMIT),
      ended: ended ?? null,
    });
    this.#tell();
  }

  /** Looked at anew: it begins with its last lines again. */
  clear(gadget: string): void {
    if (this.#logs.delete(gadget)) this.#tell();
  }

  get = (gadget: string): GadgetLog => this.#logs.get(gadget) ?? EMPTY;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
