import { encodeBundle, encodeMessage } from './packet.ts';
import { type FeedbackValue, sameValue } from './feedback.ts';

/** Fits an Ethernet frame with IPv6 and UDP headers: nothing is split up. */
const PACKET_BYTES = 1400;
/** So many packets at once: a surface's buffer is small. */
const PACKETS_AT_ONCE = 8;
/** A fader that a hand moves is not moved by us meanwhile. */
const HAND_MS = 300;

const BUNDLE_HEAD_BYTES = 16;
const ELEMENT_HEAD_BYTES = 4;

/** One subscribed surface: what it was told last, and what it is still to be told. Newest wins: it holds one value for each address. */
export class Surface {
  readonly #told = new Map<string, FeedbackValue>();
  readonly #touchedMs = new Map<string, number>();
  #wanted: ReadonlyMap<string, FeedbackValue> = new Map();
  #due = new Set<string>();
  expiresMs = 0;

  /** This is so now. */
  want(values: ReadonlyMap<string, FeedbackValue>): void {
    this.#wanted = values;
    this.#due = new Set();
    for (const [address, value] of values)
      if (!sameValue(this.#told.get(address), value)) this.#due.add(address);
    for (const address of this.#told.keys()) if (!values.has(address)) this.#told.delete(address);
  }

  /** It was subscribed again: it may have been restarted and know nothing. */
  tellAll(): void {
    this.#told.clear();
    this.want(this.#wanted);
  }

  /** The surface itself has just set this. */
  touch(address: string, nowMs: number): void {
    this.#touchedMs.set(address, nowMs);
  }

  get isWaiting(): boolean {
    return this.#due.size > 0;
  }

  /** The next packets to be sent; call it again while `isWaiting`. */
  take(nowMs: number): Buffer[] {
    for (const [address, touchedMs] of this.#touchedMs)
      if (nowMs - touchedMs >= HAND_MS) this.#touchedMs.delete(address);
    const packets: Buffer[] = [];
    let elements: Buffer[] = [];
    let size = BUNDLE_HEAD_BYTES;
    const close = (): void => {
      if (elements.length > 0) packets.push(encodeBundle(elements));
      elements = [];
      size = BUNDLE_HEAD_BYTES;
    };
    for (const address of this.#due) {
      if (this.#touchedMs.has(address)) continue;
      const value = this.#wanted.get(address);
      if (value === undefined) continue;
      const element = encodeMessage(address, [value]);
      if (size + ELEMENT_HEAD_BYTES + element.length > PACKET_BYTES) close();
      if (packets.length >= PACKETS_AT_ONCE) return packets;
      elements.push(element);
      size += ELEMENT_HEAD_BYTES + element.length;
      this.#due.delete(address);
      this.#told.set(address, value);
    }
    close();
    return packets;
  }
}
