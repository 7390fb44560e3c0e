import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8');
const about = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Record<
  'dependencies' | 'devDependencies' | 'optionalDependencies',
  Record<string, string>
>;

interface Row {
  readonly names: readonly string[];
  readonly licence: string;
  readonly why: string;
}

/** The table below a heading. */
function rowsOf(heading: string): Row[] {
  const start = page.indexOf(`\n## ${heading}\n`);
  const section = page.slice(start + 1, page.indexOf('\n## ', start + 1));
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| package'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, names = '', licence = '', why = '']) => ({
      names: names.replace(' (optional)', '').split(', '),
      licence,
      why,
    }));
}
const [app, tools] = ['In the app', 'To build and test'].map(rowsOf);
const namesIn = (rows: readonly Row[] = []): string[] => rows.flatMap(({ names }) => names);

test('every package of package.json has its line, and every line its package', () => {
  expect([...namesIn(app), ...namesIn(tools)].sort()).toEqual(
    Object.keys({ ...about.dependencies, ...about.devDependencies, ...about.optionalDependencies }).sort(),
  );
});

test('every line has a licence and a reason', () => {
  for (const { names, licence, why } of [...(app ?? []), ...(tools ?? [])]) {
    expect(licence, names.join()).toMatch(/^[A-Z0-9]/);
    expect(why.length, names.join()).toBeGreaterThan(15);
  }
});

test('what runs in the engine is counted as being in the app', () => {
  for (const name of Object.keys(about.dependencies)) expect(namesIn(app)).toContain(name);
});

test('the page counts right', () => {
  expect(page).toContain(
    `${namesIn(app).length} packages are in the app, ${namesIn(tools).length} build and test it.`,
  );
});

test('actions of a CI are pinned to a commit', () => {
  const workflows = join(ROOT, '.github/workflows');
  const files = existsSync(workflows) ? readdirSync(workflows) : [];
  for (const file of files)
    for (const [, used = ''] of readFileSync(join(workflows, file), 'utf8').matchAll(/uses:\s*(\S+)/g))
      expect(used, file).toMatch(/^\.\/|@[0-9a-f]{40}$/);
});

test('the lockfile has a hash for every package, and none comes from elsewhere than a registry', () => {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { resolved?: string; integrity?: string; link?: boolean; inBundle?: boolean }>;
  };
  for (const [folder, { resolved, integrity, inBundle }] of Object.entries(packages)) {
    if (folder === '' || inBundle) continue;
    expect(integrity, folder).toMatch(/^sha512-/);
    // Without an address it is the registry of whoever installs.
    expect(resolved ?? 'https://registry.npmjs.org/', folder).toMatch(/^https:\/\/registry\.npmjs\.org\//);
  }
});
