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
  /** What waits: nothing, what may wait a little longer, or what must not. */
  readonly waiting: 'nothing' | 'patient' | 'urgent';
}

/** With fewer viewers it is not worth that audio comes later. */
const MANY = 8;
/**
 * How long audio may wait for the next video message, to go with it: a frame at 25 per second. Looked at whenever
 * something arrives: that is often while a stream flows, and a timer would cost as much as it saves.
 */
const HOLD_MS = 40;

/**
 * Gathers what is written to each connection while one piece of input is handled. When it goes to many viewers, audio
 * goes with the video that follows: each write is a system call, and with many viewers they are what a relay costs.
 */
export class Outbox {
  #depth = 0;
  #due: Sender[] = [];
  readonly #held = new Set<Sender>();
  #first: Pending | undefined;
  #heldSinceMs = 0;

  begin(): void {
    this.#depth++;
  }

  end(): void {
    if (--this.#depth > 0) return;
    if (this.#due.length > 0) this.#settle();
    if (this.#held.size > 0 && performance.now() - this.#heldSinceMs >= HOLD_MS) this.release();
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

  /** Write what is still held, and keep nothing of what was sent last. */
  release(): void {
    this.#first = undefined;
    for (const sender of this.#held) sender.flush();
    this.#held.clear();
  }

  #settle(): void {
    const due = this.#due;
    this.#due = [];
    const mayHold = due.length >= MANY;
    const heldBefore = this.#held.size;
    for (const sender of due) {
      if (mayHold && sender.waiting === 'patient') this.#held.add(sender);
      else {
        sender.flush();
        // What it was held for has gone with this.
        this.#held.delete(sender);
      }
    }
    if (heldBefore === 0 && this.#held.size > 0) this.#heldSinceMs = performance.now();
  }
}
