import { type Disposable } from '../base/disposable.ts';
import { type Status } from '../contract/index.ts';

type Key = 'talk' | 'cough';

/** Microphones under a push-to-talk or a cough key: each hold ends by itself unless it is renewed. */
export class Holds implements Disposable {
  readonly #onChange: () => void;
  readonly #timers: Record<Key, Map<string, ReturnType<typeof setTimeout>>> = {
    talk: new Map(),
    cough: new Map(),
  };

  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  get held(): Status['held'] {
    return { talk: [...this.#timers.talk.keys()], cough: [...this.#timers.cough.keys()] };
  }

  /** @returns is this new? A renewal is not. */
  hold(key: Key, id: string, forMs: number): boolean {
    const timers = this.#timers[key];
    const isNew = !timers.has(id);
    clearTimeout(timers.get(id));
    timers.set(
      id,
      setTimeout(() => this.release(key, id), forMs),
    );
    if (isNew) this.#onChange();
    return isNew;
  }

  release(key: Key, id: string): void {
    const timers = this.#timers[key];
    clearTimeout(timers.get(id));
    if (timers.delete(id)) this.#onChange();
  }

  /** Panic: nobody talks. */
  releaseTalk(): void {
    for (const id of [...this.#timers.talk.keys()]) this.release('talk', id);
  }

  dispose(): void {
    for (const timers of Object.values(this.#timers)) {
      for (const timer of timers.values()) clearTimeout(timer);
      timers.clear();
    }
  }
}
