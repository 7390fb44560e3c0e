/** So many pings may be on their way; older ones are forgotten. */
const MAX_MARKS = 8;

/**
 * How many bytes a peer has not received yet. Acknowledgements tell it in steps of their window, and peers which send
 * none are asked by pings: the answer to one proves that everything before it has arrived.
 */
export class DeliveryTracker {
  #sent = 0;
  #delivered = 0;
  #known = false;
  readonly #marks: { readonly token: number; readonly sent: number }[] = [];

  /** Bytes handed to the connection since the handshake. */
  get sent(): number {
    return this.#sent;
  }

  /** The peer has told at least once what it received. */
  get known(): boolean {
    return this.#known;
  }

  /** Sent and not yet known to have arrived. */
  get outstanding(): number {
    return this.#sent - this.#delivered;
  }

  /** More is outstanding than acknowledgements in steps of a window explain, and no ping is on its way. */
  worthAsking(windowBytes: number): boolean {
    return this.#marks.length === 0 && this.outstanding > 2 * windowBytes;
  }

  add(bytes: number): void {
    this.#sent += bytes;
  }

  /** The peer has answered what was sent so far. */
  assumeDelivered(): void {
    this.#delivered = this.#sent;
  }

  /** A ping with this token has been sent. */
  mark(token: number): void {
    this.#marks.push({ token, sent: this.#sent });
    if (this.#marks.length > MAX_MARKS) this.#marks.shift();
  }

  /** The peer's count of received bytes, which wraps at 32 bits. False when it tells nothing new. */
  acknowledge(count: number): boolean {
    // Some peers count the handshake's bytes too: never more than was sent.
    return this.#advance(Math.min(this.#sent, this.#delivered + ((count - this.#delivered) | 0)));
  }

  /** An answer to a ping. False when it was not asked for. */
  answer(token: number): boolean {
    const index = this.#marks.findIndex((mark) => mark.token === token);
    const mark = this.#marks[index];
    if (!mark) return false;
    this.#marks.splice(0, index + 1);
    this.#advance(mark.sent);
    return true;
  }

  #advance(delivered: number): boolean {
    this.#known = true;
    if (delivered <= this.#delivered) return false;
    this.#delivered = delivered;
    return true;
  }
}

/** Allows `perSecond` on average, after a burst of four times that. */
export class RateLimit {
  readonly #perSecond: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#tokens = 4 * perSecond;
    this.#atMs = nowMs;
  }

  /** False: too many. */
  take(nowMs: number): boolean {
    if (this.#tokens < 1) {
      this.#tokens = Math.min(
        4 * this.#perSecond,
        this.#tokens + ((nowMs - this.#atMs) / 1000) * this.#perSecond,
      );
      this.#atMs = nowMs;
    }
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }
}
