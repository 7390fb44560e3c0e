import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChunkReader, type RtmpMessage } from '../../../../electron/video/rtmp/chunk-reader.ts';
import { encodeMessage } from '../../../../electron/video/rtmp/chunk-writer.ts';
import { abort, be32, chunk, message, plain, setChunkSize } from '../../../support/rtmp-bytes.ts';

const bytes = (value: number, size: number): Buffer => Buffer.alloc(size, value);

interface Setup {
  readonly maxChunkStreams?: number;
  readonly admit?: (typeId: number, size: number) => boolean;
  readonly lent?: boolean;
}

function makeReader({ maxChunkStreams = 64, admit = () => true, lent = false }: Setup = {}) {
  const messages: RtmpMessage[] = [];
  const onMessage = (one: RtmpMessage): void => void messages.push(one);
  return { reader: new ChunkReader({ maxChunkStreams, admit, lent, onMessage }), messages };
}

/**
 * The messages in these bytes, which arrive whole, byte by byte, and in pieces of 7, in memory of their own and in such that
 * is written over after each: it must not matter.
 */
function read(...parts: readonly Buffer[]) {
  const all = Buffer.concat(parts);
  const results = [false, true].flatMap((lent) =>
    [all.length, 1, 7].map((size) => {
      const { reader, messages } = makeReader({ lent });
      for (let at = 0; at < all.length; at += size) {
        const bytes = Buffer.from(all.subarray(at, at + size));
        reader.push(bytes);
        if (lent) bytes.fill(0xee);
      }
      return messages.map(plain);
    }),
  );
  for (const result of results) expect(result).toEqual(results[0]);
  return results[0]!;
}

const summary = (...parts: readonly Buffer[]) =>
  read(...parts).map(({ timestampMs, typeId, streamId, payload }) => [
    timestampMs,
    typeId,
    streamId,
    payload.length / 2,
  ]);

describe('chunk headers', () => {
  it.each([2, 3, 63, 64, 65, 319, 320, 321, 65598, 65599])('chunk stream %i is read', (csid) => {
    expect(summary(message(9, bytes(1, 10), { csid, time: 72, streamId: 12 }))).toEqual([[72, 9, 12, 10]]);
  });

  it.each([
    [64, 3],
    [200, 3],
    [319, 3],
  ] as const)(
    'chunk stream %i in its longer form of %i bytes is the same chunk stream',
    (csid, csidBytes) => {
      expect(
        summary(
          message(9, bytes(1, 10), { csid, time: 72 }),
          chunk({ format: 1, csid, csidBytes, time: 10, typeId: 8, payload: bytes(2, 3) }),
        ),
      ).toEqual([
        [72, 9, 0, 10],
        [82, 8, 0, 3],
      ]);
    },
  );

  it('type 1 keeps the message stream and gives time, length and type anew', () => {
    expect(
      summary(
        message(6, bytes(3, 64), { csid: 27, time: 18576, streamId: 3123 }),
        chunk({ format: 1, csid: 27, time: 15, typeId: 5, payload: bytes(4, 32) }),
      ).at(-1),
    ).toEqual([18591, 5, 3123, 32]);
  });

  it('type 2 keeps all but the time; type 3 repeats its delta', () => {
    expect(
      summary(
        message(9, bytes(3, 64), { csid: 27, time: 18576, streamId: 3123 }),
        chunk({ format: 2, csid: 27, time: 15, payload: bytes(4, 64) }),
        chunk({ format: 3, csid: 27, payload: bytes(5, 64) }),
        chunk({ format: 3, csid: 27, payload: bytes(6, 64) }),
      ).map(([time]) => time),
    ).toEqual([18576, 18591, 18606, 18621]);
  });

  it('each type begins a message that type 3 continues', () => {
    const part = (value: number) => chunk({ format: 3, csid: 27, payload: bytes(value, 64) });
    const first = { csid: 27, size: 192, payload: bytes(4, 128), typeId: 9 };
    expect(
      summary(
        chunk({ ...first, format: 0, time: 1000, streamId: 1 }),
        part(1),
        chunk({ ...first, format: 1, time: 0 }),
        part(2),
        chunk({ ...first, format: 2, time: 15 }),
        part(3),
        chunk({ format: 3, csid: 27, payload: bytes(4, 128) }),
        part(4),
      ),
    ).toEqual([
      [1000, 9, 1, 192],
      [1000, 9, 1, 192],
      [1015, 9, 1, 192],
      [1030, 9, 1, 192],
    ]);
  });

  it('a delta is applied once to a message, however many chunks it has', () => {
    expect(
      summary(
        message(9, bytes(1, 300 - 172), { csid: 6, time: 100 }),
        chunk({ format: 1, csid: 6, time: 40, typeId: 9, size: 300, payload: bytes(1, 128) }),
        chunk({ format: 3, csid: 6, payload: bytes(1, 128) }),
        chunk({ format: 3, csid: 6, payload: bytes(1, 44) }),
      ).map(([time]) => time),
    ).toEqual([100, 140]);
  });

  it('type 3 after type 0 repeats a small time as a delta, as the specification has it', () => {
    expect(
      summary(
        message(8, bytes(1, 8), { csid: 4, time: 20 }),
        chunk({ format: 3, csid: 4, payload: bytes(2, 8) }),
      ).map(([time]) => time),
    ).toEqual([20, 40]);
  });

  it('type 3 after type 0 late in a stream means the same time, as librtmp has it', () => {
    expect(
      summary(
        message(8, bytes(1, 8), { csid: 4, time: 3_600_000 }),
        chunk({ format: 3, csid: 4, payload: bytes(2, 8) }),
      ).map(([time]) => time),
    ).toEqual([3_600_000, 3_600_000]);
  });

  it('a control message may open its chunk stream with type 1, as librtmp answers pings', () => {
    expect(
      summary(chunk({ format: 1, csid: 2, typeId: 4, payload: Buffer.from([0, 7, 0, 0, 0, 9]) })),
    ).toEqual([[0, 4, 0, 6]]);
  });

  it.each([1, 2, 3] as const)('type %i on a chunk stream that never had a type 0 is an error', (format) => {
    expect(() => read(chunk({ format, csid: 5, payload: bytes(1, 4) }))).toThrow(/which is new/);
  });

  it.each([0, 1, 2] as const)('type %i in the middle of a message is an error', (format) => {
    expect(() =>
      read(
        chunk({ format: 0, csid: 5, size: 300, payload: bytes(1, 128) }),
        chunk({ format, csid: 5, size: 300, payload: bytes(1, 128) }),
      ),
    ).toThrow(/inside of a message/);
  });

  it('a message without payload is complete with its header', () => {
    expect(
      summary(message(9, bytes(0, 0), { time: 5 }), chunk({ format: 2, time: 5 }), chunk({ format: 3 })),
    ).toEqual([
      [5, 9, 0, 0],
      [10, 9, 0, 0],
      [15, 9, 0, 0],
    ]);
  });

  it('messages on different chunk streams are interleaved', () => {
    const messages = read(
      chunk({ format: 0, csid: 6, typeId: 9, size: 200, payload: bytes(9, 128) }),
      chunk({ format: 0, csid: 4, typeId: 8, size: 150, payload: bytes(8, 128) }),
      message(20, bytes(2, 20), { csid: 3 }),
      chunk({ format: 3, csid: 6, payload: bytes(9, 72) }),
      chunk({ format: 3, csid: 4, payload: bytes(8, 22) }),
    );
    expect(messages.map(({ typeId }) => typeId)).toEqual([20, 9, 8]);
    expect(messages[1]!.payload).toBe(bytes(9, 200).toString('hex'));
    expect(messages[2]!.payload).toBe(bytes(8, 150).toString('hex'));
  });
});

describe('time', () => {
  it('0xfffffe still fits, 0xffffff and above are extended', () => {
    const times = [0xfffffe, 0xffffff, 0x1000000, 0xfffffffe];
    for (const time of times) expect(summary(message(9, bytes(1, 4), { time }))[0]![0]).toBe(time);
  });

  it('an extended timestamp is repeated in the type 3 chunks of its message', () => {
    const time = 0xff123456;
    expect(
      read(
        chunk({ format: 0, typeId: 9, time, size: 300, payload: bytes(5, 128) }),
        chunk({ format: 3, time, payload: bytes(5, 128) }),
        chunk({ format: 3, time, payload: bytes(5, 44) }),
      ),
    ).toEqual([{ typeId: 9, streamId: 0, timestampMs: time, payload: bytes(5, 300).toString('hex') }]);
  });

  it('a sender that does not repeat it is understood too', () => {
    const time = 0x01123456;
    expect(
      read(
        chunk({ format: 0, typeId: 9, time, size: 300, payload: bytes(5, 128) }),
        chunk({ format: 3, payload: bytes(6, 128) }),
        chunk({ format: 3, payload: bytes(7, 44) }),
        message(8, bytes(1, 2), { csid: 9, time }),
      ).map(({ payload }) => payload),
    ).toEqual([
      Buffer.concat([bytes(5, 128), bytes(6, 128), bytes(7, 44)]).toString('hex'),
      bytes(1, 2).toString('hex'),
    ]);
  });

  it('type 3 that begins a message after an extended type 0 carries its time', () => {
    const time = 0xff123456;
    expect(
      summary(
        message(9, bytes(5, 15), { time }),
        chunk({ format: 3, time, payload: bytes(6, 15) }),
        chunk({ format: 3, time: time + 40, payload: bytes(7, 15) }),
      ).map(([ms]) => ms),
    ).toEqual([time, time, time + 40]);
  });

  it('an extended delta is repeated by type 3', () => {
    const delta = 0x1000000;
    expect(
      summary(
        message(9, bytes(5, 15), { time: 1 }),
        chunk({ format: 2, time: delta, payload: bytes(6, 15) }),
        chunk({ format: 3, time: delta, payload: bytes(6, 15) }),
      ).map(([ms]) => ms),
    ).toEqual([1, 1 + delta, 1 + 2 * delta]);
  });

  it('time goes on beyond 32 bits, absolute and by deltas', () => {
    expect(
      summary(
        message(9, bytes(5, 4), { csid: 6, time: 0xffffffe0 }),
        message(9, bytes(5, 4), { csid: 6, time: 0x10 }),
        chunk({ format: 2, csid: 6, time: 0x20, payload: bytes(5, 4) }),
      ).map(([ms]) => ms),
    ).toEqual([0xffffffe0, 0x100000010, 0x100000030]);
  });

  it('a chunk stream that begins after the rollover goes on with the others', () => {
    expect(
      summary(
        message(9, bytes(5, 4), { csid: 6, time: 0xffffffe0 }),
        message(9, bytes(5, 4), { csid: 6, time: 0x10 }),
        message(8, bytes(5, 4), { csid: 4, time: 0x11 }),
      ).at(-1)![0],
    ).toBe(0x100000011);
  });

  it('time passes from 24 to 32 bits by deltas', () => {
    expect(
      summary(
        message(9, bytes(5, 4), { time: 0xfffff0 }),
        chunk({ format: 2, time: 0x20, payload: bytes(5, 4) }),
      ).map(([ms]) => ms),
    ).toEqual([0xfffff0, 0x1000010]);
  });

  it('time may go back', () => {
    expect(
      summary(
        message(9, bytes(1, 2), { time: 16000 }),
        chunk({ format: 2, time: 1000, payload: bytes(2, 2) }),
        message(9, bytes(3, 2), { time: 16000 }),
        chunk({ format: 2, time: 1000, payload: bytes(4, 2) }),
      ).map(([ms]) => ms),
    ).toEqual([16000, 17000, 16000, 17000]);
  });
});

describe('Set Chunk Size and Abort', () => {
  it('a new size counts from the next chunk on, also within a message', () => {
    expect(
      summary(
        chunk({ format: 0, csid: 6, typeId: 9, size: 1000, payload: bytes(1, 128) }),
        setChunkSize(4096),
        chunk({ format: 3, csid: 6, payload: bytes(1, 872) }),
        setChunkSize(1),
        ...[...Array(3).keys()].map((index) =>
          chunk({ format: index === 0 ? 0 : 3, csid: 4, typeId: 8, size: 3, payload: bytes(index, 1) }),
        ),
      ),
    ).toEqual([
      [0, 9, 0, 1000],
      [0, 8, 0, 3],
    ]);
  });

  it.each([0x1000000, 0x7fffffff])('a size of %i means as large as a message can be', (size) => {
    expect(summary(setChunkSize(size), message(9, bytes(1, 70_000)))).toEqual([[0, 9, 0, 70_000]]);
  });

  it.each([0, 0x80000000, 0xffffffff])('a size of %i is an error', (size) => {
    expect(() => read(setChunkSize(size))).toThrow(/chunk size/);
  });

  it.each([1, 2])('message type %i without its number is an error', (typeId) => {
    expect(() => read(message(typeId, bytes(0, 3)))).toThrow(/without/);
  });

  it('an abort drops the message under way, and its chunk stream goes on with any type', () => {
    expect(
      summary(
        chunk({ format: 0, csid: 6, typeId: 9, time: 100, size: 300, payload: bytes(1, 128) }),
        abort(6),
        chunk({ format: 2, csid: 6, time: 10, payload: bytes(2, 128) }),
        chunk({ format: 3, csid: 6, payload: bytes(2, 128) }),
        chunk({ format: 3, csid: 6, payload: bytes(2, 44) }),
      ),
    ).toEqual([[110, 9, 0, 300]]);
  });

  it('an abort of an idle or unknown chunk stream does nothing', () => {
    expect(
      summary(message(9, bytes(1, 4), { csid: 6 }), abort(6), abort(70_000), message(8, bytes(1, 4))),
    ).toEqual([
      [0, 9, 0, 4],
      [0, 8, 0, 4],
    ]);
  });
});

describe('what a peer may cost', () => {
  it('more chunk streams than allowed are an error', () => {
    const { reader } = makeReader({ maxChunkStreams: 8 });
    for (let csid = 3; csid < 11; csid++) reader.push(message(9, bytes(1, 1), { csid }));
    expect(() => reader.push(message(9, bytes(1, 1), { csid: 11 }))).toThrow(/too many chunk streams/);
  });

  it('memory grows with the bytes that arrive, not with the length that a header claims', () => {
    const { reader } = makeReader();
    reader.push(chunk({ format: 0, csid: 6, typeId: 9, size: 0xffffff, payload: bytes(1, 128) }));
    expect(reader.unfinishedBytes).toBeLessThanOrEqual(16 * 1024);
  });

  it('unfinished messages are bounded together', () => {
    const { reader } = makeReader();
    reader.maxUnfinishedBytes = 100_000;
    reader.push(setChunkSize(50_000));
    reader.push(chunk({ format: 0, csid: 6, typeId: 9, size: 200_000, payload: bytes(1, 50_000) }));
    expect(() =>
      reader.push(chunk({ format: 0, csid: 7, typeId: 9, size: 200_000, payload: bytes(1, 50_000) })),
    ).toThrow(/unfinished/);
  });

  it('memory is given back when a message is complete or aborted', () => {
    const { reader } = makeReader();
    reader.push(chunk({ format: 0, csid: 6, typeId: 9, size: 200, payload: bytes(1, 128) }));
    reader.push(chunk({ format: 3, csid: 6, payload: bytes(1, 72) }));
    reader.push(chunk({ format: 0, csid: 7, typeId: 9, size: 200, payload: bytes(1, 128) }));
    reader.push(abort(7));
    expect(reader.unfinishedBytes).toBe(0);
  });

  it('a message that is not admitted is skipped, takes no memory, and the next one is read', () => {
    const { reader, messages } = makeReader({ admit: (typeId) => typeId !== 9 });
    reader.push(chunk({ format: 0, csid: 6, typeId: 9, size: 300, payload: bytes(1, 128) }));
    expect(reader.unfinishedBytes).toBe(0);
    reader.push(chunk({ format: 3, csid: 6, payload: bytes(1, 128) }));
    reader.push(chunk({ format: 3, csid: 6, payload: bytes(1, 44) }));
    reader.push(message(8, bytes(1, 4), { csid: 4 }));
    expect(messages.map(({ typeId }) => typeId)).toEqual([8]);
  });

  it('a message that arrives whole is handed on without a copy', () => {
    const { reader, messages } = makeReader();
    const data = message(9, bytes(1, 100));
    reader.push(data);
    expect(messages[0]!.payload.buffer).toBe(data.buffer);
  });
});

describe('suspending', () => {
  it('holds what follows, in order, until it is resumed', () => {
    const messages: RtmpMessage[] = [];
    const reader: ChunkReader = new ChunkReader({
      maxChunkStreams: 8,
      admit: () => true,
      onMessage: (one) => {
        messages.push(one);
        reader.suspend();
      },
    });
    const types = [20, 9, 8, 18, 9, 8];
    const all = Buffer.concat(
      types.map((typeId, index) => message(typeId, bytes(index, 100 + index), { csid: 3 + index })),
    );
    reader.push(all.subarray(0, 250));
    reader.push(all.subarray(250, 400));
    reader.push(all.subarray(400));
    for (let count = 1; count <= types.length; count++) {
      expect(messages.map(({ typeId }) => typeId)).toEqual(types.slice(0, count));
      reader.resume();
    }
    expect(messages.map(({ payload }) => payload.length)).toEqual(types.map((_, index) => 100 + index));
  });
});

describe('any stream of messages', () => {
  const anyMessage = fc.record({
    csid: fc.constantFrom(3, 4, 6, 63, 64, 319, 320, 65599),
    typeId: fc.constantFrom(8, 9, 18, 20),
    streamId: fc.constantFrom(0, 1, 77),
    step: fc.oneof(fc.nat(100), fc.constantFrom(0, 0xfffffe, 0xffffff, 0x1000000, 0x7fffffff)),
    payload: fc.uint8Array({ maxLength: 700 }),
    wish: fc.nat(3),
  });

  it('is read back from every legal choice of chunk types, chunk sizes, interleaving and cuts', () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { maxLength: 30 }),
        fc.integer({ min: 1, max: 300 }),
        fc.infiniteStream(fc.nat(1000)),
        (wanted, chunkSize, choices) => {
          const choose = (below: number): number => Number(choices.next().value) % below;
          const { wire, sent } = scramble(wanted, chunkSize, choose);
          const { reader, messages } = makeReader();
          reader.maxUnfinishedBytes = 1e9;
          for (let at = 0; at < wire.length;) {
            const size = 1 + choose(choose(2) === 0 ? 20 : 900);
            reader.push(wire.subarray(at, at + size));
            at += size;
          }
          expect(messages.map(plain)).toEqual(sent.map(plain));
          expect(reader.unfinishedBytes).toBe(0);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('is read back from what we write ourselves', () => {
    fc.assert(
      fc.property(
        fc.array(anyMessage, { maxLength: 10 }),
        fc.integer({ min: 1, max: 70_000 }),
        fc.integer({ min: 1, max: 5000 }),
        (wanted, chunkSize, cut) => {
          let timestampMs = 0;
          const sent = wanted.map(({ step, payload, ...rest }) => ({
            ...rest,
            payload: Buffer.from(payload),
            timestampMs: (timestampMs = (timestampMs + step) % 2 ** 31),
          }));
          const { reader, messages } = makeReader();
          const wire = Buffer.concat([
            setChunkSize(chunkSize),
            ...sent.map((one) => encodeMessage({ ...one, chunkStreamId: one.csid }, chunkSize)),
          ]);
          for (let at = 0; at < wire.length; at += cut) reader.push(wire.subarray(at, at + cut));
          expect(messages.map(plain)).toEqual(sent.map(plain));
        },
      ),
      { numRuns: 200 },
    );
  });
});

interface Wanted {
  readonly csid: number;
  readonly typeId: number;
  readonly streamId: number;
  readonly step: number;
  readonly payload: Uint8Array;
  readonly wish: number;
}

/** Writes messages as a peer with odd habits would: `wire`, and the messages in the order of their completion. */
function scramble(wanted: readonly Wanted[], chunkSize: number, choose: (below: number) => number) {
  const queues = new Map<number, Wanted[]>();
  for (const one of wanted) queues.set(one.csid, [...(queues.get(one.csid) ?? []), one]);
  const states = new Map<number, Writer>();
  const parts: Buffer[] = [setChunkSize(chunkSize)];
  const sent: RtmpMessage[] = [];
  while (queues.size > 0) {
    // All begin near time zero: what a later beginning is unwrapped by has a test of its own.
    const closed = [...queues.keys()].filter((id) => !states.has(id));
    const candidates = closed.length > 0 ? closed : [...queues.keys()];
    const csid = candidates[choose(candidates.length)]!;
    const queue = queues.get(csid)!;
    const one = queue[0]!;
    const state = states.get(csid) ?? new Writer(csid);
    states.set(csid, state);
    const { bytes: out, done } = state.next(one, chunkSize);
    parts.push(out);
    if (!done) continue;
    sent.push({ ...one, timestampMs: state.timeMs, payload: Buffer.from(one.payload) });
    if (queue.length === 1) queues.delete(csid);
    else queue.shift();
  }
  return { wire: Buffer.concat(parts), sent };
}

class Writer {
  readonly #csid: number;
  #last: { typeId: number; streamId: number; size: number; delta: number | undefined } | undefined;
  #extended: number | undefined;
  #offset = 0;
  timeMs = 0;

  constructor(csid: number) {
    this.#csid = csid;
  }

  next(one: Wanted, chunkSize: number): { bytes: Buffer; done: boolean } {
    const part = Buffer.from(one.payload.subarray(this.#offset, this.#offset + chunkSize));
    const out = this.#offset === 0 ? this.#begin(one, part) : this.#continue(part);
    this.#offset += part.length;
    const done = this.#offset >= one.payload.length;
    if (done) this.#offset = 0;
    return { bytes: out, done };
  }

  #continue(payload: Buffer): Buffer {
    const time = this.#extended;
    return chunk({ format: 3, csid: this.#csid, payload, ...(time === undefined ? {} : { time }) });
  }

  #begin(one: Wanted, payload: Buffer): Buffer {
    const { typeId, streamId, step } = one;
    const size = one.payload.length;
    const last = this.#last;
    const sameStream = last?.streamId === streamId;
    const sameShape = sameStream && last.typeId === typeId && last.size === size;
    const allowed = [
      0,
      ...(sameStream ? [1] : []),
      ...(sameShape ? [2] : []),
      ...(sameShape && last.delta === step ? [3] : []),
    ];
    const format = allowed[one.wish % allowed.length] as 0 | 1 | 2 | 3;
    this.timeMs = last ? this.timeMs + step : step % 1000;
    this.#last = { typeId, streamId, size, delta: format === 0 ? undefined : step };
    const time = format === 0 ? this.timeMs % 2 ** 32 : step;
    if (format !== 3) this.#extended = time >= 0xffffff ? time : undefined;
    if (format === 3) return this.#continue(payload);
    return chunk({ format, csid: this.#csid, time, size, typeId, streamId, payload });
  }
}

describe('numbers on the wire', () => {
  it('are those of the specification: example of §5.3.2.1', () => {
    const audio = (value: number): Buffer => bytes(value, 32);
    const wire = Buffer.concat([
      Buffer.from('03 0003e8 000020 08 39300000'.replaceAll(' ', ''), 'hex'),
      audio(1),
      Buffer.from('83 000014'.replaceAll(' ', ''), 'hex'),
      audio(2),
      Buffer.from('c3', 'hex'),
      audio(3),
      Buffer.from('c3', 'hex'),
      audio(4),
    ]);
    expect(summary(wire)).toEqual([1000, 1020, 1040, 1060].map((ms) => [ms, 8, 12345, 32]));
    expect(be32(1)).toEqual(Buffer.from([0, 0, 0, 1]));
  });
});
