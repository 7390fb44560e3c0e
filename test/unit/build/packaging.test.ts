import { execFile } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');
const run = promisify(execFile);
const tool = (path: string, args: readonly string[], cwd: string) =>
  run(process.execPath, [join(ROOT, 'node_modules', path), ...args], { cwd, maxBuffer: 16 * 1024 * 1024 });

/** What @electron/fuses looks for in Electron's program: a mark, version 1, eight fuses as they are delivered. */
const FUSE_WIRE = Buffer.concat([
  Buffer.alloc(4096),
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 8]),
  Buffer.from('10110001'),
  Buffer.alloc(4096),
]);

let folder: string;
let packed: string;

/** The real packer on the real configuration; only Electron's runtime is a stand-in. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-dist-'));
  const runtime = join(folder, 'runtime');
  mkdirSync(join(runtime, 'resources'), { recursive: true });
  writeFileSync(join(runtime, 'electron'), FUSE_WIRE);
  chmodSync(join(runtime, 'electron'), 0o755);
  for (const name of ['version', 'LICENSE']) writeFileSync(join(runtime, name), '0');

  const app = join(folder, 'app');
  for (const name of [
    'package.json',
    'package-lock.json',
    'LICENSE',
    'assets',
    'build/electron-builder.config.mjs',
  ])
    cpSync(join(ROOT, name), join(app, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(app, 'node_modules'));
  mkdirSync(join(app, 'out/renderer'), { recursive: true });
  for (const name of [
    'main.mjs',
    'main.mjs.map',
    'preload.cjs',
    'cli.mjs',
    '.stamp.json',
    'renderer/index.html',
  ])
    writeFileSync(join(app, 'out', name), '0');

  await tool(
    'electron-builder/cli.js',
    [
      ...['--config', 'build/electron-builder.config.mjs', '--publish', 'never', '--linux', '--dir'],
      ...[`-c.electronDist=${runtime}`, '-c.electronVersion=45.0.0'],
    ],
    app,
  );
  packed = join(app, 'dist/linux-unpacked');
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the packed program has every fuse as it should be', async () => {
  const { stdout } = await tool(
    '@electron/fuses/dist/bin.js',
    ['read', '--app', join(packed, 'crosspoint')],
    folder,
  );
  const fuses = Object.fromEntries(
    [...stdout.matchAll(/(\w+) is (Enabled|Disabled)/g)].map(
      ([, name = '', state]) => [name, state] as const,
    ),
  );
  expect(fuses).toEqual({
    RunAsNode: 'Disabled',
    EnableCookieEncryption: 'Enabled',
    EnableNodeOptionsEnvironmentVariable: 'Disabled',
    EnableNodeCliInspectArguments: 'Disabled',
    EnableEmbeddedAsarIntegrityValidation: 'Disabled',
    OnlyLoadAppFromAsar: 'Enabled',
    LoadBrowserProcessSpecificV8Snapshot: 'Disabled',
    GrantFileProtocolExtraPrivileges: 'Disabled',
  });
});

it('the packed app holds what is built and the assets, and nothing else', async () => {
  const { stdout } = await tool(
    '@electron/asar/bin/asar.js',
    ['list', join(packed, 'resources/app.asar')],
    folder,
  );
  const files = stdout.trim().split('\n');
  expect(files).toEqual(
    expect.arrayContaining([
      '/package.json',
      '/out/main.mjs',
      '/out/preload.cjs',
      '/out/renderer/index.html',
      '/assets/tray/normal.png',
    ]),
  );
  expect(
    files.filter(
      (file) =>
        !/^\/(package\.json|out|out\/(main\.mjs|preload\.cjs|renderer(\/.*)?)|assets(\/.*)?)$/.test(file),
    ),
  ).toEqual([]);
});
