import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMessage, encodePieces } from '../../../../electron/video/rtmp/chunk-writer.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const base = { typeId: 9, streamId: 1, timestampMs: 72, payload: Buffer.from('abcd') };

describe('encodeMessage', () => {
  it.each([
    [6, '06'],
    [63, '3f'],
    [64, '00 00'],
    [319, '00 ff'],
    [320, '01 00 01'],
    [65599, '01 ff ff'],
  ])('writes chunk stream %i as %s', (chunkStreamId, basic) => {
    expect(encodeMessage({ ...base, chunkStreamId })).toEqual(
      hex(`${basic} 000048 000004 09 01000000 61626364`),
    );
  });

  it('splits a long message with type 3 chunks, never with another type', () => {
    expect(encodeMessage({ ...base, chunkStreamId: 6 }, 3)).toEqual(
      hex('06 000048 000004 09 01000000 616263 c6 64'),
    );
  });

  it('writes no empty chunk after a message that fills its last one', () => {
    expect(encodeMessage({ ...base, chunkStreamId: 6 }, 2)).toEqual(
      hex('06 000048 000004 09 01000000 6162 c6 6364'),
    );
  });

  it('repeats an extended timestamp in each chunk', () => {
    expect(encodeMessage({ ...base, chunkStreamId: 6, timestampMs: 0x01020304 }, 2)).toEqual(
      hex('06 ffffff 000004 09 01000000 01020304 6162 c6 01020304 6364'),
    );
  });

  it.each([
    [0xfffffe, 'fffffe', ''],
    [0xffffff, 'ffffff', '00ffffff'],
    [2 ** 32 + 5, '000005', ''],
    [-16, 'ffffff', 'fffffff0'],
  ])('writes time %i as %s %s', (timestampMs, field, extended) => {
    expect(encodeMessage({ ...base, chunkStreamId: 6, timestampMs })).toEqual(
      hex(`06 ${field} 000004 09 01000000 ${extended} 61626364`),
    );
  });

  it('writes a message without payload as its header', () => {
    expect(encodeMessage({ ...base, chunkStreamId: 6, payload: Buffer.alloc(0) })).toEqual(
      hex('06 000048 000000 09 01000000'),
    );
  });
});

describe('encodePieces', () => {
  it('writes the same bytes, however the payload is cut and whatever the chunk size', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 }),
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom(6, 64, 320),
        fc.constantFrom(72, 0xffffff),
        (pieces, chunkSize, chunkStreamId, timestampMs) => {
          const head = { chunkStreamId, timestampMs, typeId: 9, streamId: 1 };
          expect(Buffer.concat(encodePieces(head, pieces, chunkSize))).toEqual(
            encodeMessage({ ...head, payload: Buffer.concat(pieces) }, chunkSize),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it('copies nothing of the payload', () => {
    const payload = Buffer.alloc(100_000);
    const pieces = encodePieces({ chunkStreamId: 6, timestampMs: 0, typeId: 9, streamId: 1 }, [payload]);
    expect(pieces.filter(({ buffer }) => buffer === payload.buffer).map(({ length }) => length)).toEqual([
      65_536, 34_464,
    ]);
  });
});
