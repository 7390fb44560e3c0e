import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CleanSystem } from '../support/clean-system.ts';
import { contentsOf, output, packageFolder, ROOT, standInRuntime } from '../support/packages.ts';

/** The deb of the desktop application on a clean Debian. Electron's runtime is a stand-in: it is installed, not started. */
const folder = packageFolder();
let system: CleanSystem;
let deb: string;

beforeAll(async () => {
  const said = await output(
    process.execPath,
    [
      join(ROOT, 'build/dist.mjs'),
      ...['--out', folder.path, '--target', 'deb', '--gadgets', 'arm64,amd64'],
      ...['--', `-c.electronDist=${standInRuntime(folder.path)}`, '-c.electronVersion=45.0.0'],
    ],
    { CROSSPOINT_SETUP: 'skip' },
  );
  deb = said.trim();
  system = await CleanSystem.make();
  await system.prepare('apt-get', 'update', '--quiet');
});
afterAll(async () => {
  await system.dispose();
  folder.remove();
});

test('apt finds everything that it needs, and installs it', async () => {
  const path = system.put(deb);
  await system.prepare('apt-get', 'install', '--yes', '--quiet', '--no-install-recommends', path);
  await system.boot();
  expect(await system.ok("dpkg-query -W -f '${db:Status-Abbrev}' crosspoint-desktop")).toBe('ii');
  expect(await system.ok('readlink -f /usr/bin/crosspoint-desktop')).toBe(
    '/usr/lib/crosspoint-desktop/crosspoint-desktop',
  );
});

test('the desktop knows the application and its files', async () => {
  expect(await system.ok('grep crosspoint /usr/share/applications/mimeinfo.cache || true')).toMatch(
    /^(application\/vnd\.crosspoint\.scene\+json=crosspoint-desktop\.desktop;)?$/,
  );
  await system.ok('test -s /usr/share/icons/hicolor/512x512/apps/crosspoint-desktop.png');
});

test('the older way of the sandbox, with the rights of root, is used only where the newer one is switched off', async () => {
  expect(await system.ok('stat -c %a /usr/lib/crosspoint-desktop/chrome-sandbox')).toBe('755');
});

test('when it is purged, nothing of it is left', async () => {
  await system.ok('apt-get purge --yes --quiet crosspoint-desktop');
  const files = await system.files();
  const ours = [...(await contentsOf(deb)).keys()].filter((path) => path.includes('crosspoint'));
  expect(ours.length).toBeGreaterThan(20);
  expect(ours.filter((path) => files.has(`/${path.replace(/\/$/, '')}`))).toEqual([]);
  expect([...files].filter((path) => path.includes('crosspoint'))).toEqual([]);
});
