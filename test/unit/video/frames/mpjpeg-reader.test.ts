import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
          const reader = new MpjpegReader(({ jpeg, payload }) => {
            read.push(Buffer.from(jpeg));
            expect(Buffer.from(parseMjpegFrame(payload)!).equals(Buffer.from(jpeg))).toBe(true);
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

  it.each([
    ['no length', '--ffmpeg\r\nContent-type: image/jpeg\r\n\r\n'],
    ['an empty picture', '--ffmpeg\r\nContent-length: 0\r\n\r\n'],
    ['a picture of a gigabyte', '--ffmpeg\r\nContent-length: 1000000000\r\n\r\n'],
    ['a header without an end', 'x'.repeat(2000)],
  ])('is refused with %s', (_, text) => {
    expect(() => new MpjpegReader(() => undefined).push(Buffer.from(text))).toThrow(/ffmpeg wrote/);
  });
});
