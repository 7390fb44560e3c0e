import { type Commander } from './command-store.ts';
import { channelPlace } from './command-store.ts';

export type HoldKey = 'talk' | 'cough';

/** A hold is said again so often; the engine lets go after `LEASE_MS` without. */
const RENEW_MS = 500;
const LEASE_MS = 1500;

/** Keys and buttons that act while they are held. When this window or its connection is gone, the engine lets go itself. */
export class HoldKeys {
  readonly #commander: Commander;
  readonly #held = new Map<string, ReturnType<typeof setInterval>>();

  constructor(commander: Commander) {
    this.#commander = commander;
  }

  press(key: HoldKey, id: string): void {
    const name = `${key} ${id}`;
    if (this.#held.has(name)) return;
    const say = (): void =>
      void this.#commander.run(channelPlace(id), { type: 'hold', key, id, forMs: LEASE_MS });
    this.#held.set(name, setInterval(say, RENEW_MS));
    say();
  }

  release(key: HoldKey, id: string): void {
    const name = `${key} ${id}`;
    const timer = this.#held.get(name);
    if (timer === undefined) return;
    clearInterval(timer);
    this.#held.delete(name);
    void this.#commander.run(channelPlace(id), { type: 'release', key, id });
  }

  /** The window lost the focus: its keys are up. */
  releaseAll(): void {
    for (const name of [...this.#held.keys()]) {
      const [key = '', id = ''] = name.split(' ');
      this.release(key === 'talk' ? 'talk' : 'cough', id);
    }
  }
}
