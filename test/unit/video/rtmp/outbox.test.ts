import { beforeEach, describe, expect, it } from 'vitest';
import { Outbox, type Pending, type Sender } from '../../../../electron/video/rtmp/outbox.ts';

const AUDIO = Buffer.from('a');
const VIDEO = Buffer.from('V');

/** A connection that writes down what it writes. */
class Writer implements Sender {
  readonly writes: string[] = [];
  readonly #outbox: Outbox;
  #pending: Pending | undefined;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  send(bytes: Buffer): void {
    this.#pending = this.#outbox.append(this.#pending, bytes);
    this.#outbox.add(this);
  }

  flush(): void {
    if (this.#pending) this.writes.push(this.#pending.join().toString());
    this.#pending = undefined;
  }
}

describe('what is written to the viewers of a stream', () => {
  let outbox: Outbox;
  let writers: Writer[];

  beforeEach(() => {
    outbox = new Outbox();
    writers = Array.from({ length: 20 }, () => new Writer(outbox));
  });

  it('is one write for all that one piece of input brings', () => {
    outbox.begin();
    for (const message of [VIDEO, AUDIO, AUDIO]) for (const writer of writers) writer.send(message);
    outbox.end();
    for (const { writes } of writers) expect(writes).toEqual(['Vaa']);
  });

  it('is written at once when no input is being handled', () => {
    for (const message of [VIDEO, AUDIO]) for (const writer of writers) writer.send(message);
    for (const { writes } of writers) expect(writes).toEqual(['V', 'a']);
  });

  it('is one buffer for all who wait with the same', () => {
    const joined = new Set<Buffer>();
    outbox.begin();
    const waiting = writers.map(() => outbox.append(outbox.append(undefined, AUDIO), VIDEO));
    outbox.end();
    for (const pending of waiting) joined.add(pending.join());
    expect(joined.size).toBe(1);
  });
});
