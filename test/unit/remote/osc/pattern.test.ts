import { expect, test } from 'vitest';
import { isPattern, matcher } from '../../../../electron/remote/osc/pattern.ts';

test.each([
  ['/a/b', '/a/b', true],
  ['/a/b', '/a/bc', false],
  ['/a/?', '/a/b', true],
  ['/a/?', '/a/bc', false],
  ['/a/*', '/a/bcd', true],
  ['/a/*', '/a/b/c', false],
  ['/a/*c', '/a/bc', true],
  ['/*/mic:*/mute', '/channel/mic:desk/mute', true],
  ['/a/[bc]', '/a/c', true],
  ['/a/[!bc]', '/a/c', false],
  ['/a/[!bc]', '/a/d', true],
  ['/a/[a-d]x', '/a/cx', true],
  ['/a/[d-a]', '/a/b', false],
  ['/a/[a-]', '/a/-', true],
  ['/a/{foo,bar}', '/a/bar', true],
  ['/a/{foo,bar}', '/a/baz', false],
  ['/a/{desk,office}.mic', '/a/desk.mic', true],
  ['/a/desk.mic', '/a/deskxmic', false],
  ['/a/[', '/a/[', false],
  ['/a/{foo', '/a/foo', false],
  ['/a/[]', '/a/', false],
  ['/a/]^$(x', '/a/]^$(x', true],
])('%s on %s: %s', (pattern, address, fits) => {
  expect(matcher(pattern)(address)).toBe(fits);
});

test('a pattern that would take for ever is refused in no time', () => {
  const start = performance.now();
  const address = `/${'a'.repeat(200)}`;
  expect(matcher(`/${'*a'.repeat(30)}b`)(address)).toBe(false);
  expect(matcher(`/${'*'.repeat(500)}b`)(address)).toBe(false);
  expect(performance.now() - start).toBeLessThan(200);
});

test('plain addresses are told apart', () => {
  expect([isPattern('/crosspoint/channel/mic:desk/mute'), isPattern('/a/*')]).toEqual([false, true]);
});
