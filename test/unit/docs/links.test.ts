import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createProgram } from '../../../electron/cli/program.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SKIPPED = new Set(['node_modules', 'out', 'dist', '.git', 'build', 'test-results']);

function markdownIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : markdownIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

/** As GitHub makes it of a heading. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replace(/\s/g, '-');
const anchorsIn = (text: string): string[] =>
  [...text.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

const FILES = markdownIn(ROOT).map((path) => ({
  path,
  name: relative(ROOT, path),
  text: readFileSync(path, 'utf8'),
}));

describe.each(FILES)('$name', ({ path, text }) => {
  test('links to what is there', () => {
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
      if (/^[a-z]+:/.test(target)) return [];
      const [file = '', anchor] = target.split('#');
      const linked = file === '' ? path : join(dirname(path), file);
      if (!existsSync(linked)) return [target];
      if (anchor === undefined) return [];
      return anchorsIn(readFileSync(linked, 'utf8')).includes(anchor) ? [] : [target];
    });
    expect(broken).toEqual([]);
  });

  test('names scripts and commands that exist', () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>;
    };
    const commands = new Set(createProgram().commands.map((command) => command.name()));
    const named = [...text.matchAll(/\bnpm run ([a-z][a-z:-]*)(?: -- ([a-z]+))?/g)].filter(
      ([, script = '', command]) =>
        !(script in scripts) || (script === 'crosspoint' && command !== undefined && !commands.has(command)),
    );
    const own = [...text.matchAll(/`crosspoint ([a-z]+)/g)].filter(
      ([, command = '']) => !commands.has(command),
    );
    expect([...named, ...own].map(([all]) => all)).toEqual([]);
  });
});
