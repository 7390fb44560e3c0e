import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PulseError } from '../../../../electron/audio/pulse/errors.ts';
import { frame, FrameParser } from '../../../../electron/audio/pulse/frames.ts';
import { greetingFrame, readGreeting } from '../../../../electron/audio/pulse/greeting.ts';

const CONTROL = 0xffffffff;

function parse(chunks: readonly Buffer[]): string[] {
  const seen: string[] = [];
  const parser = new FrameParser({
    control: (payload) => seen.push(`control ${payload.toString('hex')}`),
    data: (channel, payload) => seen.push(`${channel} ${payload.toString('hex')}`),
  });
  for (const chunk of chunks) parser.push(chunk);
  return seen;
}

describe('frames', () => {
  it('come out whole however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(CONTROL, 0, 7), fc.uint8Array({ maxLength: 60 })), {
          maxLength: 8,
        }),
        fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }),
        (frames, cuts) => {
          const bytes = Buffer.concat(frames.map(([channel, payload]) => frame(channel, payload)));
          const chunks: Buffer[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const length = cuts[i % cuts.length]!;
            chunks.push(bytes.subarray(at, at + length));
            at += length;
          }
          expect(parse(chunks)).toEqual(
            frames.map(
              ([channel, payload]) =>
                `${channel === CONTROL ? 'control' : channel} ${Buffer.from(payload).toString('hex')}`,
            ),
          );
        },
      ),
    );
  });

  it('larger than 16 MiB are refused before anything is reserved', () => {
    const header = Buffer.alloc(20);
    header.writeUInt32BE(16 * 1024 * 1024 + 1, 0);
    expect(() => parse([header])).toThrow(PulseError);
  });

  it('with shared memory are refused', () => {
    const header = Buffer.alloc(20);
    header.writeUInt32BE(0x80000000, 16);
    expect(() => parse([header])).toThrow(PulseError);
  });
});

describe('a greeting read from the other side', () => {
  const cookie = Buffer.alloc(256, 3);
  const greeting = greetingFrame(9, 32, cookie);

  it('tells version, cookie and where it ends', () => {
    expect(readGreeting(Buffer.concat([greeting, Buffer.from('rest')]))).toEqual({
      tag: 9,
      version: 32,
      cookie,
      bytes: greeting.length,
    });
  });

  it('does not pass on that the client has shared memory', () => {
    expect(readGreeting(greetingFrame(9, 0xc0000020, cookie))).toMatchObject({ version: 32 });
  });

  it('is waited for until it is complete', () => {
    for (let length = 0; length < greeting.length; length++)
      expect(readGreeting(greeting.subarray(0, length))).toBe('incomplete');
  });

  it('is never more than a word or garbage, whatever comes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (bytes) => {
        expect(['incomplete', 'garbage']).toContain(readGreeting(Buffer.from(bytes)));
      }),
    );
    expect(readGreeting(frame(CONTROL, Buffer.alloc(300, 0x4c)))).toBe('garbage');
  });
});
