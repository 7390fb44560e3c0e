import { type PulseClient } from '../../audio/pulse/index.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { Backoff, delay, isAborted } from '../../base/time.ts';

/** A new connection to the sound server of the mixer. Rejects while there is none. */
export type SoundConnector = () => Promise<PulseClient>;

export interface SoundSessionOptions {
  readonly log: Logger;
  readonly name: string;
  readonly connect: SoundConnector;
  /** Lasts as long as the session; what it adds to the store ends with it. Rejects when a part of it went away. */
  readonly run: (client: PulseClient, parts: DisposableStore) => Promise<never>;
}

/** Keeps something going on the sound server: sets it up again whenever the server or a part of it went away. */
export class SoundSession implements Disposable {
  readonly #options: SoundSessionOptions;
  readonly #stopped = new AbortController();
  readonly #done: Promise<void>;

  constructor(options: SoundSessionOptions) {
    this.#options = options;
    this.#done = this.#loop().catch(() => undefined);
  }

  async #loop(): Promise<void> {
    const backoff = new Backoff({ firstMs: 100, maxMs: 1000, resetMs: 2000 });
    const { signal } = this.#stopped;
    while (!isAborted(signal)) {
      const startedMs = performance.now();
      try {
        await this.#session(signal);
      } catch (error) {
        if (!isAborted(signal))
          this.#options.log.debug('demo sound', { name: this.#options.name, error: String(error) });
      }
      await delay(backoff.next(performance.now() - startedMs), signal);
    }
  }

  async #session(signal: AbortSignal): Promise<void> {
    const parts = new DisposableStore();
    try {
      const client = parts.add(await this.#options.connect());
      const stopped = new Promise<void>((resolve) =>
        signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      if (isAborted(signal)) return;
      await Promise.race([client.closed, stopped, this.#options.run(client, parts)]);
    } finally {
      await parts.dispose();
    }
  }

  async dispose(): Promise<void> {
    this.#stopped.abort();
    await this.#done;
  }
}
