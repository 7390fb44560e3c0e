import { type Change, invert } from './store/model.ts';

interface Entry {
  readonly label: string;
  readonly changes: readonly Change[];
  readonly coalesceKey: string | undefined;
  readonly atMs: number;
}

const LIMIT = 200;
/** Moves of one fader within this time of each other are undone together. */
const COALESCE_MS = 1000;

/** What can be undone and redone: changes to single members, so that what others changed meanwhile stays. */
export class History {
  readonly #done: Entry[] = [];
  #undone: Entry[] = [];
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get undoLabel(): string | null {
    return this.#done.at(-1)?.label ?? null;
  }

  get redoLabel(): string | null {
    return this.#undone.at(-1)?.label ?? null;
  }

  /** @param coalesceKey the same for moves that are one gesture, e.g. `setGain mic:desk|office.mic` */
  push(label: string, changes: readonly Change[], coalesceKey?: string): void {
    if (changes.length === 0) return;
    this.#undone = [];
    const atMs = this.#now();
    const last = this.#done.at(-1);
    if (
      last &&
      coalesceKey !== undefined &&
      last.coalesceKey === coalesceKey &&
      atMs - last.atMs <= COALESCE_MS
    ) {
      this.#done[this.#done.length - 1] = { label, changes: merge(last.changes, changes), coalesceKey, atMs };
      return;
    }
    this.#done.push({ label, changes, coalesceKey, atMs });
    if (this.#done.length > LIMIT) this.#done.shift();
  }

  /** The changes to apply; undefined when there is nothing to undo. `commit` must follow when they were applied. */
  undo(): { readonly changes: readonly Change[]; commit(): void } | undefined {
    const entry = this.#done.at(-1);
    return (
      entry && {
        changes: invert(entry.changes),
        commit: () => {
          this.#done.pop();
          this.#undone.push(entry);
        },
      }
    );
  }

  redo(): { readonly changes: readonly Change[]; commit(): void } | undefined {
    const entry = this.#undone.at(-1);
    return (
      entry && {
        changes: entry.changes,
        commit: () => {
          this.#undone.pop();
          this.#done.push(entry);
        },
      }
    );
  }
}

/** The first `before` and the last `after` of each member. */
function merge(first: readonly Change[], second: readonly Change[]): Change[] {
  const merged = new Map<string, Change>();
  for (const change of [...first, ...second]) {
    const key = `${change.collection} ${change.key}`;
    const former = merged.get(key);
    const { before: _, ...rest } = change;
    merged.set(
      key,
      former ? { ...rest, ...(former.before === undefined ? {} : { before: former.before }) } : change,
    );
  }
  return [...merged.values()];
}
