import { type Socket } from 'node:net';

/** Gathers what is written to each socket while one piece of input is handled, so that it costs one system call each. */
export class WriteBatch {
  readonly #corked: Socket[] = [];
  #depth = 0;

  begin(): void {
    this.#depth++;
  }

  /** A write to this socket follows. */
  add(socket: Socket): void {
    if (this.#depth === 0 || socket.writableCorked > 0) return;
    socket.cork();
    this.#corked.push(socket);
  }

  end(): void {
    if (--this.#depth > 0) return;
    for (let socket = this.#corked.pop(); socket; socket = this.#corked.pop()) socket.uncork();
  }
}
