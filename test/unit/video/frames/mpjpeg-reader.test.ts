import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Frame } from '../../../../electron/video/frames/frame.ts';
import { MpjpegReader } from '../../../../electron/video/frames/mpjpeg-reader.ts';
import { parseMjpegFrame } from '../../../../electron/video/rtmp/ex-video.ts';

const part = (jpeg: Uint8Array, first: boolean): Buffer =>
  Buffer.concat([
    Buffer.from(
      `${first ? '' : '\r\n'}--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${jpeg.length}\r\n\r\n`,
    ),
    jpeg,
  ]);

describe('the stream of ffmpeg -f mpjpeg', () => {
  it('is taken apart into the same pictures, however it is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 97 }), { minLength: 1, maxLength: 20 }),
        (jpegs, cuts) => {
          const stream = Buffer.concat(jpegs.map((jpeg, index) => part(jpeg, index === 0)));
          const read: Buffer[] = [];
          const reader = new MpjpegReader((frame) => {
            const payload = Buffer.concat(frame.payload);
            const jpeg = Buffer.from(parseMjpegFrame(payload)!);
            read.push(jpeg);
            expect(frame.sizeBytes).toBe(jpeg.length);
            expect(Buffer.from(frame.jpeg).equals(jpeg)).toBe(true);
            expect(Buffer.concat(frame.payload).equals(payload)).toBe(true);
          });
          for (let at = 0, i = 0; at < stream.length; i++) {
            const size = cuts[i % cuts.length]!;
            reader.push(stream.subarray(at, at + size));
            at += size;
          }
          expect(read.map((jpeg) => jpeg.toString('hex'))).toEqual(
            jpegs.map((jpeg) => Buffer.from(jpeg).toString('hex')),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is handed on without being copied', () => {
    const jpeg = Buffer.alloc(100_000, 7);
    const stream = part(jpeg, true);
    const pieces = [stream.subarray(0, 65_536), stream.subarray(65_536)];
    let frame: Frame | undefined;
    const reader = new MpjpegReader((read) => (frame = read));
    for (const piece of pieces) reader.push(piece);
    expect(frame?.pieces.map(({ buffer }) => buffer)).toEqual(pieces.map(({ buffer }) => buffer));
    expect(frame?.pieces.map(({ length }) => length)).toEqual([
      65_536 - (stream.length - 100_000),
      pieces[1]!.length,
    ]);
  });

  it.each([
    ['no length', '--ffmpeg\r\nContent-type: image/jpeg\r\n\r\n'],
    ['an empty picture', '--ffmpeg\r\nContent-length: 0\r\n\r\n'],
    ['a picture of a gigabyte', '--ffmpeg\r\nContent-length: 1000000000\r\n\r\n'],
    ['a header without an end', 'x'.repeat(2000)],
  ])('is refused with %s', (_, text) => {
    expect(() => new MpjpegReader(() => undefined).push(Buffer.from(text))).toThrow(/ffmpeg wrote/);
  });
});
