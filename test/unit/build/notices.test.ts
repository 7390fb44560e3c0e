import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noteBundled, packageFolderOf, readBundled } from '../../../build/bundled.mjs';
import { notices, readWork, staticFfmpeg } from '../../../build/notices.mjs';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crosspoint-notices-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A package in the checkout. @returns its folder there */
function install(name: string, about: object, files: Readonly<Record<string, string>> = {}): string {
  const folder = `node_modules/${name}`;
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, folder, 'package.json'), JSON.stringify({ name, version: '1.2.3', ...about }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(root, folder, file), text);
  return folder;
}

describe('the package of a module', () => {
  it.each([
    ['node_modules/zod/v4/core.js', 'node_modules/zod'],
    ['node_modules/@mui/material/esm/Button.js', 'node_modules/@mui/material'],
    ['/home/me/crosspoint/node_modules/react/index.js', 'node_modules/react'],
    ['node_modules/a/node_modules/@b/c/d.js', 'node_modules/a/node_modules/@b/c'],
    ['\0/x/node_modules/react/index.js?commonjs-module', 'node_modules/react'],
    ['electron/main.ts', null],
    ['/home/me/my_node_modules/x/y.js', null],
  ])('of %j is %s', (path, expected) => {
    expect(packageFolderOf(path)).toBe(expected);
  });

  it('is noted once for each thing that is built, and read for all of them', () => {
    noteBundled(root, 'a', ['node_modules/z/1.js', 'node_modules/z/2.js', 'electron/main.ts']);
    noteBundled(root, 'b', ['node_modules/y/1.js', 'node_modules/z/1.js']);
    expect(readBundled(root, ['a', 'b'])).toEqual(['node_modules/y', 'node_modules/z']);
  });
});

describe('a licence', () => {
  it('comes with every text that the package brings, but not with its code', () => {
    const folder = install(
      'x',
      { license: 'Apache-2.0', repository: { url: 'https://example.org/x' } },
      { LICENSE: 'the licence', 'NOTICE.txt': 'the notice', 'license.js': 'code()' },
    );
    expect(readWork(root, folder)).toEqual({
      name: 'x',
      version: '1.2.3',
      licence: 'Apache-2.0',
      source: 'https://example.org/x',
      text: 'the licence\n\nthe notice',
    });
  });

  it('is found in the old ways of writing it too', () => {
    expect(readWork(root, install('x', { license: { type: 'MIT' } })).licence).toBe('MIT');
    expect(readWork(root, install('y', { licenses: [{ type: 'MIT' }] })).licence).toBe('MIT');
  });

  it('that needs no file of its own has its text and its author all the same', () => {
    const { text } = readWork(root, install('x', { license: 'MIT', author: 'Ada' }));
    expect(text).toMatch(/^Copyright \(c\) Ada\n\nPermission is hereby granted/);
  });

  it.each(['GPL-3.0', 'SSPL-1.0', 'UNLICENSED', '(MIT AND GPL-2.0)', undefined])(
    'that does not allow it stops the packing: %s',
    (license) => {
      expect(() => readWork(root, install('x', { license }, { LICENSE: 'text' }))).toThrow(
        'it may not be shipped',
      );
    },
  );

  it('without any text stops the packing', () => {
    expect(() => readWork(root, install('x', { license: 'BSD-3-Clause' }))).toThrow('brings no text');
  });
});

it('every work is listed at the top and has its terms below', () => {
  const folders = [
    install('b', { license: 'MIT' }),
    install('a', { license: 'ISC' }, { LICENSE: 'terms of a' }),
  ];
  const text = notices(root, { folders, parts: ['gadgets'] });
  expect(text).toMatch(/^ {2}a 1\.2\.3 \(ISC\)\n {2}b 1\.2\.3 \(MIT\)\n {2}Packages for the Raspberry Pis/m);
  expect(text).toContain('terms of a');
  expect(text).toContain('LGPL-2.1-or-later');
});

it('an ffmpeg of npm goes only into packages of the architecture that it is for', () => {
  expect(staticFfmpeg(root, process.arch)).toBeNull();
  install('ffmpeg-static', {}, { ffmpeg: '' });
  expect(staticFfmpeg(root, process.arch)).toBe(join(root, 'node_modules/ffmpeg-static/ffmpeg'));
  expect(staticFfmpeg(root, 's390x')).toBeNull();
});
