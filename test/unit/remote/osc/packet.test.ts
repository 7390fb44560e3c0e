import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  encodeBundle,
  encodeMessage,
  Float,
  OscError,
  type OscValue,
  parsePacket,
} from '../../../../electron/remote/osc/packet.ts';

const SEED = 20_261;

describe('as the specification has it (OSC 1.0, "OSC Message Examples")', () => {
  test('/oscillator/4/frequency 440.0', () => {
    const bytes = Buffer.from('2f6f7363696c6c61746f722f342f6672657175656e6379002c66000043dc0000', 'hex');
    expect(parsePacket(bytes)).toEqual([{ address: '/oscillator/4/frequency', args: [440] }]);
    expect(encodeMessage('/oscillator/4/frequency', [new Float(440)])).toEqual(bytes);
  });

  test('/foo 1000 -1 "hello" 1.234 5.678', () => {
    const bytes = Buffer.from(
      '2f666f6f000000002c6969736666000000' + '0003e8ffffffff68656c6c6f0000003f9df3b640b5b22d',
      'hex',
    );
    const [message] = parsePacket(bytes);
    expect(message?.address).toBe('/foo');
    expect(message?.args).toEqual([1000, -1, 'hello', Math.fround(1.234), Math.fround(5.678)]);
    expect(encodeMessage('/foo', [1000, -1, 'hello', 1.234, 5.678])).toEqual(bytes);
  });

  test('a bundle in a bundle gives its messages in order', () => {
    const [a, b, c] = ['/a', '/b', '/c'].map((address) => encodeMessage(address, []));
    const bytes = encodeBundle([a!, encodeBundle([b!]), c!]);
    expect(parsePacket(bytes).map(({ address }) => address)).toEqual(['/a', '/b', '/c']);
  });

  test('a message without types has no arguments', () => {
    expect(parsePacket(Buffer.from('/old\0\0\0\0'))).toEqual([{ address: '/old', args: [] }]);
  });

  test.each([
    ['T', true],
    ['F', false],
    ['N', null],
    ['I', Infinity],
  ])('%s carries no bytes', (tag, value) => {
    expect(parsePacket(Buffer.from(`/x\0\0,${tag}\0\0`))[0]?.args).toEqual([value]);
  });
});

test.each([
  ['nothing', ''],
  ['three bytes', '2f6100'],
  ['an address without end', '2f616161'],
  ['no slash', '61000000'],
  ['types without comma', '2f610000' + '69000000' + '00000001'],
  ['an unknown type', '2f610000' + '2c7a0000'],
  ['an argument that is not there', '2f610000' + '2c690000'],
  ['a blob longer than the packet', '2f610000' + '2c620000' + '7fffffff'],
  ['a blob of 4 GiB', '2f610000' + '2c620000' + 'ffffffff' + '00000000'],
  ['a bundle of another name', '236275006c650000' + '0000000000000001'],
  [
    'an element longer than the packet',
    Buffer.from('#bundle\0').toString('hex') + '0000000000000001' + '00000400',
  ],
  ['an empty element', Buffer.from('#bundle\0').toString('hex') + '0000000000000001' + '00000000'],
])('%s is refused', (_, hex) => {
  expect(() => parsePacket(Buffer.from(hex, 'hex'))).toThrow(OscError);
});

test('bundles that are too deep, and bombs, are refused', () => {
  let deep: Uint8Array = encodeMessage('/a', []);
  for (let n = 0; n < 9; n++) deep = encodeBundle([deep]);
  expect(() => parsePacket(deep)).toThrow(OscError);
  const message = encodeMessage('/a', []);
  expect(() => parsePacket(encodeBundle(Array(1001).fill(message) as Buffer[]))).toThrow(OscError);
});

describe('fuzz, seeded', () => {
  const value: fc.Arbitrary<OscValue> = fc.oneof(
    fc.integer(),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    fc.string({ unit: 'grapheme' }).map((text) => text.replaceAll('\0', '')),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 40 }),
  );
  const address = fc.stringMatching(/^\/[a-z0-9:._/-]{0,40}$/);

  test('what is written is read back', () => {
    fc.assert(
      fc.property(address, fc.array(value, { maxLength: 12 }), (at, args) => {
        const [message] = parsePacket(encodeMessage(at, args));
        expect(message?.address).toBe(at);
        expect(message?.args.map((arg) => (arg instanceof Uint8Array ? [...arg] : arg))).toEqual(
          args.map((arg) => (arg instanceof Uint8Array ? [...arg] : arg)),
        );
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  test('any bytes are read or refused, and nothing else happens', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        try {
          parsePacket(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(OscError);
        }
      }),
      { seed: SEED, numRuns: 20_000 },
    );
  });

  test('so are packets in which some bytes were changed', () => {
    const packet = encodeBundle([
      encodeMessage('/crosspoint/channel/mic:desk/gain', [new Float(-6), 'x', 7, 9n]),
      encodeBundle([encodeMessage('/crosspoint/panic', [Uint8Array.of(1, 2, 3)])]),
    ]);
    const change = fc.tuple(fc.nat(packet.length - 1), fc.nat(255));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat(packet.length), (changes, cut) => {
        const bytes = Buffer.from(packet);
        for (const [at, byte] of changes) bytes[at] = byte;
        try {
          parsePacket(bytes.subarray(0, cut));
        } catch (error) {
          expect(error).toBeInstanceOf(OscError);
        }
      }),
      { seed: SEED, numRuns: 20_000 },
    );
  });
});
