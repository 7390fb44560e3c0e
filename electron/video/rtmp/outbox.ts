/**
 * What is to be written, joined: connections which wait with the same messages share one buffer, so that fifty viewers
 * cost one copy and one write each.
 */
export class Pending {
  readonly #before: Pending | undefined;
  readonly #bytes: Buffer;
  /** The last that was appended: it is the same for the next viewer of the stream. */
  #next: Pending | undefined;
  #joined: Buffer | undefined;

  constructor(bytes: Buffer, before?: Pending) {
    this.#bytes = bytes;
    this.#before = before;
  }

  /** These are all that waits here. */
  isOnly(bytes: Buffer): boolean {
    return !this.#before && this.#bytes === bytes;
  }

  append(bytes: Buffer): Pending {
    if (!this.#next || this.#next.#bytes !== bytes) this.#next = new Pending(bytes, this);
    return this.#next;
  }

  join(): Buffer {
    if (!this.#before) return this.#bytes;
    if (!this.#joined) {
      const parts: Buffer[] = [];
      for (let part: Pending | undefined = this.#before; part; part = part.#before) parts.push(part.#bytes);
      this.#joined = Buffer.concat([...parts.reverse(), this.#bytes]);
    }
    return this.#joined;
  }
}

/** A connection that has something to write. */
export interface Sender {
  /** Write all that waits. */
  flush(): void;
}

/** Gathers what is written to each connection while one piece of input is handled: each write is a system call. */
export class Outbox {
  #depth = 0;
  #due: Sender[] = [];
  #first: Pending | undefined;

  begin(): void {
    this.#depth++;
  }

  end(): void {
    if (--this.#depth > 0 || this.#due.length === 0) return;
    const due = this.#due;
    this.#due = [];
    for (const sender of due) sender.flush();
  }

  /** What a sender waits with once it has these bytes too. */
  append(pending: Pending | undefined, bytes: Buffer): Pending {
    if (pending) return pending.append(bytes);
    const first = this.#first;
    if (first?.isOnly(bytes) === true) return first;
    return (this.#first = new Pending(bytes));
  }

  /** It has something to write. Telling it twice does no harm. */
  add(sender: Sender): void {
    if (this.#depth > 0) this.#due.push(sender);
    else sender.flush();
  }

  /** Keep nothing of what was sent last. */
  forget(): void {
    this.#first = undefined;
  }
}
