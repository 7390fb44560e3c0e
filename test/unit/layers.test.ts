import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');
const DEPCRUISE = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const RULES = (
  createRequire(import.meta.url)(join(ROOT, '.dependency-cruiser.cjs')) as { forbidden: { name: string }[] }
).forbidden;

/** For each rule: who breaks it, by importing what. */
const BREACHES: Readonly<Record<string, { readonly from: string; readonly imports: string }[]>> = {
  'electron-only-in-shell': [
    { from: 'electron/engine/window.ts', imports: 'electron' },
    { from: 'electron/remote/window.ts', imports: 'electron' },
    { from: 'renderer/window.ts', imports: 'electron' },
  ],
  'renderer-only-contract': [{ from: 'renderer/app/engine.ts', imports: '../../electron/engine/port.ts' }],
  'renderer-no-node': [{ from: 'renderer/app/files.ts', imports: 'node:fs' }],
  'contract-pure': [
    { from: 'electron/contract/base.ts', imports: '../base/leaf.ts' },
    { from: 'electron/contract/files.ts', imports: 'node:fs' },
  ],
  'base-low': [{ from: 'electron/base/engine.ts', imports: '../engine/port.ts' }],
  'audio-alone': [
    { from: 'electron/audio/pictures.ts', imports: '../video/leaf.ts' },
    { from: 'electron/audio/boss.ts', imports: '../engine/port.ts' },
  ],
  'video-alone': [{ from: 'electron/video/sound.ts', imports: '../audio/leaf.ts' }],
  'gadgets-alone': [{ from: 'electron/gadgets/sound.ts', imports: '../audio/leaf.ts' }],
  'engine-below-hosts': [
    { from: 'electron/engine/http.ts', imports: '../remote/leaf.ts' },
    { from: 'electron/engine/host.ts', imports: '../headless.ts' },
  ],
  'remote-and-shell-apart': [
    { from: 'electron/remote/sound.ts', imports: '../audio/leaf.ts' },
    { from: 'electron/shell/picture.ts', imports: '../video/leaf.ts' },
  ],
  'remote-not-shell': [{ from: 'electron/remote/tray.ts', imports: '../shell/leaf.ts' }],
  'no-cycles': [{ from: 'electron/engine/egg.ts', imports: './hen.ts' }],
  'no-test-in-product': [{ from: 'electron/engine/fake.ts', imports: '../../test/support/leaf.ts' }],
};

/** What is allowed, and must stay so. */
const ALLOWED: readonly { readonly from: string; readonly imports: string }[] = [
  { from: 'electron/shell/window.ts', imports: 'electron' },
  { from: 'electron/main.ts', imports: 'electron' },
  { from: 'electron/preload.ts', imports: 'electron' },
  { from: 'electron/main.ts', imports: './shell/leaf.ts' },
  { from: 'electron/shell/port.ts', imports: '../engine/port.ts' },
  { from: 'electron/remote/port.ts', imports: '../engine/port.ts' },
  { from: 'electron/engine/planes.ts', imports: '../audio/leaf.ts' },
  { from: 'electron/contract/schema.ts', imports: 'zod' },
  { from: 'electron/base/errors.ts', imports: '../contract/leaf.ts' },
  { from: 'electron/video/files.ts', imports: 'node:fs' },
  { from: 'renderer/app/state.ts', imports: '../../electron/contract/leaf.ts' },
  { from: 'test/unit/any.test.ts', imports: '../../electron/engine/port.ts' },
];

/** A cycle is told once, where it is first met. */
const CYCLE = { from: 'electron/engine/hen.ts', imports: './egg.ts' };

const LEAVES = [
  ...['audio', 'base', 'contract', 'remote', 'shell', 'video'].map((room) => `electron/${room}/leaf.ts`),
  'electron/engine/port.ts',
  'electron/headless.ts',
  'test/support/leaf.ts',
];

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

/** The real program, as `npm run check` runs it. */
async function violationsIn(root: string, folders: readonly string[]): Promise<readonly Violation[]> {
  const args = [DEPCRUISE, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders];
  const { stdout } = await promisify(execFile)(process.execPath, args, {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

describe('the layer rules', () => {
  let root: string;
  let found: readonly string[];

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'crosspoint-layers-'));
    cpSync(join(ROOT, '.dependency-cruiser.cjs'), join(root, '.dependency-cruiser.cjs'));
    cpSync(join(ROOT, 'tsconfig.json'), join(root, 'tsconfig.json'));
    writeFileSync(
      join(root, 'package.json'),
      JSON.stringify({ name: 'rooms', type: 'module', dependencies: { zod: '*' } }),
    );
    symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
    const files = new Map<string, string>(LEAVES.map((path) => [path, 'export const value = 1;\n']));
    for (const { from, imports } of [...Object.values(BREACHES).flat(), CYCLE, ...ALLOWED])
      files.set(from, `${files.get(from) ?? 'export const value = 1;\n'}import '${imports}';\n`);
    for (const [path, text] of files) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
    found = (await violationsIn(root, ['electron', 'renderer', 'test'])).map(
      ({ from, rule }) => `${from}: ${rule.name}`,
    );
  }, 60_000);
  afterAll(() => rmSync(root, { recursive: true }));

  it('are all shown to fire here', () => {
    expect(Object.keys(BREACHES).sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  it.each(
    Object.entries(BREACHES).flatMap(([rule, breaches]) =>
      breaches.map(({ from, imports }) => [rule, from, imports]),
    ),
  )('%s: %s must not import %s', (rule, from) => {
    expect(found).toContain(`${from}: ${rule}`);
  });

  it.each(ALLOWED.map(({ from, imports }) => [from, imports]))('%s may import %s', (from) => {
    expect(found.filter((violation) => violation.startsWith(`${from}:`))).toEqual([]);
  });
});

it('the rooms keep to the rules', async () => {
  const violations = await violationsIn(ROOT, ['electron', 'renderer']);
  expect(violations.map(({ from, rule }) => `${from}: ${rule.name}`)).toEqual([]);
}, 60_000);
