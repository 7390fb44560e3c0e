import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quote, sh } from '../../../electron/gadgets/ssh/quote.ts';

const said = (script: string): string => execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' });

test.each(["it's", '$(id)', '`id`', 'a\nb', '\\', '"', '!', '*', '~', '-n', '', ' ', "'\\''", 'ü🎥'])(
  'the argument %j arrives as it is',
  (argument) => expect(said(sh`printf %s ${argument}`)).toBe(argument),
);

test('any text arrives as it is, also through a second shell', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 40 }), (text) => {
      const argument = text.replaceAll('\0', '');
      expect(said(sh`exec sh -c ${sh`printf %s ${argument}`}`)).toBe(argument);
    }),
    { numRuns: 60 },
  );
});

test('a NUL is refused, for no argument can hold one', () => {
  expect(() => quote('a\0b')).toThrow('NUL');
});
