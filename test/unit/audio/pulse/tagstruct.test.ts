import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PulseError } from '../../../../electron/audio/pulse/errors.ts';
import {
  readList,
  readModule,
  readServer,
  readSink,
  readSinkInput,
  readSource,
  readSourceOutput,
} from '../../../../electron/audio/pulse/info.ts';
import { TagReader, TagWriter } from '../../../../electron/audio/pulse/tagstruct.ts';

const noNul = fc.string({ unit: 'grapheme', maxLength: 200 }).map((text) => text.replaceAll('\0', ''));

describe('tagged values', () => {
  it('read back as they were written', () => {
    fc.assert(
      fc.property(
        fc.nat(0xffffffff),
        fc.boolean(),
        fc.option(noNul, { nil: null }),
        fc.array(fc.nat(0x7fffffff), { maxLength: 32 }),
        fc.dictionary(fc.stringMatching(/^[a-z.]{1,20}$/), noNul, { noNullPrototype: false }),
        fc.uint8Array({ maxLength: 256 }),
        (number, yes, text, volumes, properties, bytes) => {
          const written = new TagWriter()
            .u32(number)
            .bool(yes)
            .string(text)
            .volumes(volumes)
            .properties(properties)
            .arbitrary(bytes)
            .sampleSpec({ format: 5, channels: 2, rateHz: 48_000 })
            .channelMap([1, 2])
            .u8(7)
            .timeval(1, 2)
            .finish();
          const reader = new TagReader(Buffer.from(written));
          expect(reader.u32()).toBe(number);
          expect(reader.bool()).toBe(yes);
          expect(reader.string()).toBe(text);
          expect(reader.volumes()).toEqual(volumes);
          expect({ ...reader.properties() }).toEqual({ ...properties });
          expect([...reader.arbitrary()]).toEqual([...bytes]);
          expect(reader.sampleSpec()).toEqual({ format: 5, channels: 2, rateHz: 48_000 });
          expect(reader.channelMap()).toEqual([1, 2]);
          expect(reader.u8()).toBe(7);
          expect(reader.timeval()).toEqual({ seconds: 1, microseconds: 2 });
          expect(reader.atEnd).toBe(true);
        },
      ),
    );
  });

  it('are refused with a protocol error when they are garbage, whatever it is', () => {
    const readers = [
      readServer,
      readModule,
      readSinkInput,
      readSourceOutput,
      (reader: TagReader) => readSink(reader, 32),
      (reader: TagReader) => readList(reader, (one) => readSource(one, 32)),
    ];
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 400 }),
        fc.constantFrom(...readers),
        (bytes, read) => {
          try {
            read(new TagReader(Buffer.from(bytes)));
          } catch (error) {
            expect(error).toBeInstanceOf(PulseError);
            expect((error as PulseError).pulse).toBe('protocol');
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('are refused when they are cut short anywhere', () => {
    const whole = new TagWriter()
      .u32(1)
      .string('module')
      .string('argument')
      .u32(0)
      .properties({ a: 'b' })
      .finish();
    for (let length = 0; length < whole.length; length++)
      expect(() => readModule(new TagReader(Buffer.from(whole.subarray(0, length))))).toThrow(PulseError);
    expect(readModule(new TagReader(Buffer.from(whole)))).toEqual({
      index: 1,
      name: 'module',
      argument: 'argument',
    });
  });

  it('cannot smuggle a text with an end inside', () => {
    expect(() => new TagWriter().string('a\0b')).toThrow(PulseError);
  });

  it('cannot reach into the prototype with property names', () => {
    const written = new TagWriter()
      .properties(JSON.parse('{"__proto__":"x","constructor":"y"}') as never)
      .finish();
    const properties = new TagReader(Buffer.from(written)).properties();
    expect(Object.keys(properties)).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});
