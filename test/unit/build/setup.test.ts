import { describe, expect, it } from 'vitest';
import { reasonToInstall } from '../../../build/npm-packages.mjs';
import { isNewEnough } from '../../../build/setup.mjs';

describe('Node.js', () => {
  it.each([
    ['20.19.0', true],
    ['20.20.2', true],
    ['22.0.0', true],
    ['100.1.0', true],
    ['20.18.9', false],
    ['18.20.8', false],
    ['9.99.99', false],
  ])('%s is new enough: %s', (version, expected) => {
    expect(isNewEnough(version, '>=20.19')).toBe(expected);
  });
});

describe('the npm packages', () => {
  const lock = (packages: Record<string, { version?: string; optional?: boolean }>) => ({ packages });
  const wanted = lock({
    '': { version: '0.1.0' },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/b': { version: '2.0.0', optional: true },
  });

  it('need nothing when they are as locked', () => {
    expect(reasonToInstall(wanted, wanted)).toBeNull();
  });
  it('need nothing when an optional one could not be had', () => {
    expect(reasonToInstall(wanted, lock({ 'node_modules/a': { version: '1.0.0' } }))).toBeNull();
  });
  it('need nothing when there is more than is locked', () => {
    const more = lock({
      'node_modules/a': { version: '1.0.0' },
      'node_modules/linux-only': { version: '1.0.0' },
    });
    expect(reasonToInstall(wanted, more)).toBeNull();
  });
  it.each([
    ['are not there at all', null],
    ['lack one', lock({})],
    ['have one in another version', lock({ 'node_modules/a': { version: '1.0.1' } })],
    [
      'have an optional one in another version',
      lock({ 'node_modules/a': { version: '1.0.0' }, 'node_modules/b': { version: '2.1.0' } }),
    ],
  ])('are installed when they %s', (_what, installed) => {
    expect(reasonToInstall(wanted, installed)).toEqual(expect.any(String));
  });
});
