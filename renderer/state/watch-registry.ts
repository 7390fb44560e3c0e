import { type EngineClient, type WatchWish } from '../api/client.ts';

/** Limits of the contract's watch message. */
const MAX = { meters: 256, pictures: 64, logs: 4 } as const;
/** Views that change together ask once. */
const SETTLE_MS = 30;

type Kind = keyof WatchWish;

/** Counts who looks at what, and tells the engine when that changes. Nothing is watched in a hidden window. */
export class WatchRegistry {
  readonly #client: Pick<EngineClient, 'watch'>;
  readonly #counts: Record<Kind, Map<string, number>> = {
    meters: new Map(),
    pictures: new Map(),
    logs: new Map(),
  };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hidden = false;
  #last = '';

  constructor(client: Pick<EngineClient, 'watch'>) {
    this.#client = client;
  }

  /** @returns look away */
  watch(kind: Kind, id: string): () => void {
    const counts = this.#counts[kind];
    counts.set(id, (counts.get(id) ?? 0) + 1);
    this.#schedule();
    let over = false;
    return () => {
      if (over) return;
      over = true;
      const left = (counts.get(id) ?? 1) - 1;
      if (left <= 0) counts.delete(id);
      else counts.set(id, left);
      this.#schedule();
    };
  }

  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    this.#schedule();
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#flush();
    }, SETTLE_MS);
  }

  #flush(): void {
    const ids = (kind: Kind): string[] =>
      this.#hidden ? [] : [...this.#counts[kind].keys()].sort().slice(0, MAX[kind]);
    const wish: WatchWish = { meters: ids('meters'), pictures: ids('pictures'), logs: ids('logs') };
    const text = JSON.stringify(wish);
    if (text === this.#last) return;
    this.#last = text;
    this.#client.watch(wish);
  }
}
