/** Between two values of one control on the wire: quick enough to feel, slow enough for the engine. */
const INTERVAL_MS = 40;

/**
 * Sends the newest value of something that moves under the hand: one on the way at a time, the ones in between are left
 * out, the last one is always sent.
 */
export class LatestSender<T> {
  readonly #send: (value: T) => Promise<unknown>;
  readonly #onIdle: () => void;
  readonly #intervalMs: number;
  #next: { readonly value: T } | null = null;
  #running = false;

  constructor(
    send: (value: T) => Promise<unknown>,
    onIdle: () => void = () => undefined,
    intervalMs = INTERVAL_MS,
  ) {
    this.#send = send;
    this.#onIdle = onIdle;
    this.#intervalMs = intervalMs;
  }

  push(value: T): void {
    this.#next = { value };
    if (!this.#running) void this.#run();
  }

  async #run(): Promise<void> {
    this.#running = true;
    while (this.#next !== null) {
      const { value } = this.#next;
      this.#next = null;
      await Promise.all([this.#send(value), new Promise((done) => setTimeout(done, this.#intervalMs))]);
    }
    this.#running = false;
    this.#onIdle();
  }
}
