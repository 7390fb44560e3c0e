import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageFolderOf } from '../../../build/bundled.mjs';
import { buildHeadless, output, packageFolder, ROOT } from '../../support/packages.ts';

const folder = packageFolder();
const DOC = 'usr/share/doc/crosspoint-headless';
let unpacked: string;
let text: string;

beforeAll(async () => {
  const deb = await buildHeadless(folder.path, { gadgets: '' });
  unpacked = join(folder.path, 'unpacked');
  await output('dpkg-deb', ['--extract', deb, unpacked]);
  text = gunzipSync(readFileSync(join(unpacked, DOC, 'THIRD_PARTY_NOTICES.gz'))).toString();
});
afterAll(folder.remove);

/** Those of the list that the notices do not name. */
const missing = (names: Iterable<string>): string[] =>
  [...new Set(names)].filter((name) => !text.includes(`\n  ${name} `)).sort();
const nameOf = (path: string): string[] => {
  const found = packageFolderOf(path)?.split('node_modules/').at(-1);
  return found === undefined ? [] : [found];
};

it('name every package whose code is in the engine, by its source map', () => {
  const { sources } = JSON.parse(readFileSync(join(ROOT, 'out/cli.mjs.map'), 'utf8')) as {
    sources: string[];
  };
  const names = sources.flatMap(nameOf);
  expect(names.length).toBeGreaterThan(100);
  expect(missing(names)).toEqual([]);
});

it('name every package that the pages import', () => {
  const files = readdirSync(join(ROOT, 'renderer'), { recursive: true, encoding: 'utf8' });
  const imports = files
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => [
      // Types leave nothing behind.
      ...readFileSync(join(ROOT, 'renderer', file), 'utf8').matchAll(
        /^import (?!type\b)[^;]*?from '((?:@[\w.-]+\/)?[\w-]+)[^']*';/gm,
      ),
    ])
    .map(([, name = '']) => name);
  expect(imports.length).toBeGreaterThan(50);
  expect(missing(imports)).toEqual([]);
});

it('have terms for each of them, and stand in the file that Debian looks for', () => {
  const listed = [...text.matchAll(/^ {2}(\S+ \d\S*) \(/gm)].map(([, name = '']) => name);
  const without = listed.filter((name) => {
    const section = text.split(`\n${name}\nLicence: `)[1]?.split('='.repeat(100))[0] ?? '';
    return !/copyright|public domain|Blue Oak|unlicense/i.test(section) || section.length < 300;
  });
  expect(without).toEqual([]);
  const copyright = readFileSync(join(unpacked, DOC, 'copyright'), 'utf8');
  expect(listed.filter((name) => !copyright.includes(`${name}, `))).toEqual([]);
});
