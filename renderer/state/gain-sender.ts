/** Between two gains of one fader on the wire: quick enough to hear, slow enough for the engine. */
const INTERVAL_MS = 40;

/**
 * Sends the newest value of a moving fader: one on the way at a time, the ones in between are left out, the last one
 * is always sent.
 */
export class GainSender {
  readonly #send: (gainDb: number) => Promise<unknown>;
  readonly #onIdle: () => void;
  readonly #intervalMs: number;
  #next: number | null = null;
  #running = false;

  constructor(send: (gainDb: number) => Promise<unknown>, onIdle: () => void, intervalMs = INTERVAL_MS) {
    this.#send = send;
    this.#onIdle = onIdle;
    this.#intervalMs = intervalMs;
  }

  push(gainDb: number): void {
    this.#next = gainDb;
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#next !== null) {
      const gainDb = this.#next;
      this.#next = null;
      await Promise.all([this.#send(gainDb), new Promise((done) => setTimeout(done, this.#intervalMs))]);
    }
    this.#running = false;
    this.#onIdle();
  }
}
