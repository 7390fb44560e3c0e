import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Outbox, type Pending, type Sender } from '../../../../electron/video/rtmp/outbox.ts';

const AUDIO = Buffer.from('a');
const VIDEO = Buffer.from('V');

/** A connection that writes down what it writes. */
class Writer implements Sender {
  readonly writes: string[] = [];
  readonly #outbox: Outbox;
  #pending: Pending | undefined;
  #urgent = false;

  constructor(outbox: Outbox) {
    this.#outbox = outbox;
  }

  get waiting(): Sender['waiting'] {
    if (!this.#pending) return 'nothing';
    return this.#urgent ? 'urgent' : 'patient';
  }

  send(bytes: Buffer): void {
    this.#pending = this.#outbox.append(this.#pending, bytes);
    if (bytes === VIDEO) this.#urgent = true;
    this.#outbox.add(this);
  }

  flush(): void {
    if (this.#pending) this.writes.push(this.#pending.join().toString());
    this.#pending = undefined;
    this.#urgent = false;
  }
}

describe('what is written to the viewers of a stream', () => {
  let outbox: Outbox;
  let writers: Writer[];

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['performance'] });
    outbox = new Outbox();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  const viewers = (count: number): void => {
    writers = Array.from({ length: count }, () => new Writer(outbox));
  };
  /** This arrives so long after what came before it. */
  const arrives = (afterMs: number, ...messages: Buffer[]): void => {
    vi.advanceTimersByTime(afterMs);
    outbox.begin();
    for (const message of messages) for (const writer of writers) writer.send(message);
    outbox.end();
  };
  const written = (): readonly string[] => {
    const [first] = writers;
    for (const { writes } of writers) expect(writes).toEqual(first?.writes);
    return first?.writes ?? [];
  };

  it('is one write for all that one piece of input brings', () => {
    viewers(2);
    arrives(0, VIDEO, AUDIO, AUDIO);
    expect(written()).toEqual(['Vaa']);
  });

  it('goes at once to a few', () => {
    viewers(2);
    arrives(0, AUDIO);
    arrives(20, VIDEO);
    expect(written()).toEqual(['a', 'V']);
  });

  it('is audio together with the next video, for many', () => {
    viewers(20);
    arrives(0, AUDIO);
    arrives(20, VIDEO);
    expect(written()).toEqual(['aV']);
  });

  it('is audio alone when no video comes within 40 ms', () => {
    viewers(20);
    arrives(0, AUDIO);
    arrives(39);
    expect(written()).toEqual([]);
    arrives(1);
    expect(written()).toEqual(['a']);
  });

  it('lets audio wait for its own video, however long earlier audio has waited', () => {
    viewers(20);
    arrives(0, AUDIO);
    arrives(20, VIDEO);
    arrives(21, AUDIO);
    arrives(12, VIDEO);
    expect(written()).toEqual(['aV', 'aV']);
  });

  it('is one buffer for all who wait with the same', () => {
    viewers(20);
    const joined = new Set<Buffer>();
    outbox.begin();
    const waiting = writers.map(() => outbox.append(outbox.append(undefined, AUDIO), VIDEO));
    outbox.end();
    for (const pending of waiting) joined.add(pending.join());
    expect(joined.size).toBe(1);
  });
});
