import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type AmfValue,
  decodeAmf0,
  encodeAmf0,
  encodeMetaData,
} from '../../../../electron/video/rtmp/amf0.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('decodeAmf0', () => {
  it.each<[string, string, AmfValue]>([
    ['a number', '00 405ec00000000000', 123],
    ['true', '01 01', true],
    ['false', '01 00', false],
    ['a string', '02 0003 616263', 'abc'],
    ['an empty string', '02 0000', ''],
    ['a string in UTF-8', '02 0006 e282ac e282ac', '€€'],
    ['an object', '03 0001 61 00 3ff0000000000000 0001 62 05 000009', { a: 1, b: null }],
    ['an empty object', '03 000009', {}],
    ['an object with an empty key', '03 0000 01 01 000009', { '': true }],
    ['null', '05', null],
    ['undefined', '06', undefined],
    ['an ECMA array', '08 00000001 0001 61 01 01 000009', { a: true }],
    ['an ECMA array with a wrong count', '08 ffffffff 0001 61 01 01 000009', { a: true }],
    ['a strict array', '0a 00000002 01 01 05', [true, null]],
    ['a date', '0b 42723456789a0000 0000', new Date(1250999896480)],
    ['a long string', '0c 00000003 616263', 'abc'],
    ['what its sender did not support', '0d', undefined],
    ['XML', '0f 00000004 3c612f3e', '<a/>'],
    ['a typed object', '10 0003 466f6f 0001 61 01 01 000009', { a: true }],
    ['an object in an object', '03 0001 61 03 0001 62 01 00 000009 000009', { a: { b: false } }],
  ])('reads %s', (_, bytes, value) => {
    const read = decodeAmf0(hex(bytes));
    if (value instanceof Date) expect(read[0]).toBeInstanceOf(Date);
    else expect(read).toEqual([value]);
  });

  it('reads several values', () => {
    expect(decodeAmf0(encodeAmf0('connect', 1, null, { app: 'live' }))).toEqual([
      'connect',
      1,
      null,
      { app: 'live' },
    ]);
  });

  it('gives keys no meaning', () => {
    const [object] = decodeAmf0(hex('03 0009 5f5f70726f746f5f5f 03 0001 78 01 01 000009 000009')) as [
      AmfValue,
    ];
    expect(Object.getPrototypeOf(object)).toBeNull();
    expect(Object.keys(object as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });

  it.each([
    ['a number cut short', '00 405ec0'],
    ['a boolean cut short', '01'],
    ['a string cut short', '02 0010 6162'],
    ['a string without its length', '02 00'],
    ['a long string of 4 GB', '0c ffffffff 61'],
    ['an object without its end', '03 0001 61 05'],
    ['an object whose end is cut', '03 0000'],
    ['an ECMA array cut short', '08 0000'],
    ['a strict array of 4294967295', '0a ffffffff 05'],
    ['a strict array one too long', '0a 00000003 05 05'],
    ['a date cut short', '0b 0000'],
    ['a reference', '07 0000'],
    ['a movie clip', '04'],
    ['a record set', '0e'],
    ['AMF3', '11 01'],
    ['an unknown marker', 'ff'],
    ['an end without an object', '09'],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeAmf0(hex(bytes))).toThrow(/Malformed AMF0/);
  });

  it('refuses nesting deeper than 32, of arrays and of objects', () => {
    const array = (depth: number): Buffer =>
      Buffer.concat([...Array(depth).keys()].map(() => hex('0a 00000001')));
    expect(() => decodeAmf0(Buffer.concat([array(32), hex('05')]))).not.toThrow();
    expect(() => decodeAmf0(Buffer.concat([array(33), hex('05')]))).toThrow(/nested/);
    expect(() => decodeAmf0(Buffer.alloc(300_000, hex('03 0001 61')))).toThrow(/nested/);
  });

  it('refuses more values than any message means, before they cost much', () => {
    expect(() => decodeAmf0(Buffer.alloc(16_000_000, 5))).toThrow(/too many/);
  });
});

describe('encodeAmf0', () => {
  const anyKey = fc.string({ unit: 'grapheme', maxLength: 12 });
  const { value: anyValue } = fc.letrec<{ value: AmfValue }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 5, withCrossShrink: true },
      fc.double(),
      fc.boolean(),
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom(null, undefined),
      fc.date({ noInvalidDate: true }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(anyKey, tie('value'), { maxKeys: 5 }),
    ),
  }));

  it('is read back', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 5 }), (values) => {
        expect(decodeAmf0(encodeAmf0(...values))).toEqual(values);
      }),
    );
  });

  it('cut anywhere is refused or ends between two values, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.array(anyValue, { maxLength: 4 }), fc.nat(1000), (values, cut) => {
        const bytes = encodeAmf0(...values);
        try {
          expect(decodeAmf0(bytes.subarray(0, cut)).length).toBeLessThanOrEqual(values.length);
        } catch (error) {
          expect(String(error)).toMatch(/Malformed AMF0/);
        }
      }),
    );
  });

  it('writes a string of 65535 bytes short and of 65536 long', () => {
    expect(encodeAmf0('x'.repeat(65535))[0]).toBe(2);
    expect(encodeAmf0('x'.repeat(65536))[0]).toBe(12);
    expect(decodeAmf0(encodeAmf0('x'.repeat(65536)))).toEqual(['x'.repeat(65536)]);
  });

  it('writes the properties of onMetaData as an ECMA array', () => {
    const bytes = encodeMetaData({ width: 1280 });
    expect(bytes).toEqual(
      hex('02 000a 6f6e4d65746144617461 08 00000001 0005 7769647468 00 4094000000000000 000009'),
    );
    expect(decodeAmf0(bytes)).toEqual(['onMetaData', { width: 1280 }]);
  });
});
