import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EngineProcess } from '../../support/engine-process.ts';
import {
  buildHeadless,
  contentsOf,
  controlFields,
  output,
  packageFolder,
  version,
} from '../../support/packages.ts';

const folder = packageFolder();
const HOME = 'usr/share/crosspoint-headless';
let deb: string;
let architecture: string;

/** As it is shipped, but for the Pi's own architecture, whose compiler not every machine has: `npm run test:packages`. */
beforeAll(async () => {
  architecture = (await output('dpkg', ['--print-architecture'])).trim();
  deb = await buildHeadless(folder.path, { gadgets: architecture });
  await output('dpkg-deb', ['--extract', deb, join(folder.path, 'unpacked')]);
});
afterAll(folder.remove);

it('says what it is, for every machine, and what it needs', async () => {
  expect(controlFields(await output('dpkg-deb', ['--field', deb]))).toMatchObject({
    Package: 'crosspoint-headless',
    Version: `${version()}-1`,
    Architecture: 'all',
    Depends: 'nodejs (>= 20.19), ffmpeg, pulseaudio | pipewire-pulse, fonts-dejavu-core',
  });
});

it('holds the engine, its pages, the slates and the packages of the gadgets, and nothing of the checkout', async () => {
  const contents = await contentsOf(deb);
  const files = [...contents.keys()].filter((path) => path !== '' && !path.endsWith('/'));
  expect(files).toEqual(
    expect.arrayContaining([
      'usr/bin/crosspoint',
      'usr/lib/systemd/user/crosspoint.service',
      'usr/share/doc/crosspoint-headless/copyright',
      `${HOME}/out/cli.mjs`,
      `${HOME}/out/renderer/index.html`,
      `${HOME}/assets/slates/no-signal-1280x720.jpg`,
      `${HOME}/gadget-packages/crosspoint-gadget_0.1.0_${architecture}.deb`,
      `${HOME}/out/mixer/${architecture}/crosspoint-mixer`,
    ]),
  );
  const expected = [
    /^usr\/bin\/crosspoint$/,
    /^usr\/share\/bash-completion\/completions\/crosspoint$/,
    /^usr\/share\/(zsh\/vendor-completions\/_crosspoint|fish\/vendor_completions\.d\/crosspoint\.fish)$/,
    /^usr\/lib\/systemd\/user\/crosspoint\.service$/,
    /^usr\/share\/(man\/man1\/crosspoint\.1\.gz|lintian\/overrides\/crosspoint-headless)$/,
    /^usr\/share\/doc\/crosspoint-headless\/(copyright|THIRD_PARTY_NOTICES\.gz|sbom\.cdx\.json\.gz|README\.Debian|changelog(\.Debian)?\.gz)$/,
    new RegExp(
      `^${HOME}/(out/cli\\.mjs|out/renderer/(index\\.html|[\\w.-]+\\.svg|assets/[\\w.-]+\\.(js|css)))$`,
    ),
    new RegExp(`^${HOME}/out/mixer/[a-z0-9]+/crosspoint-mixer$`),
    new RegExp(`^${HOME}/(assets/slates/[\\w-]+\\.jpg|gadget-packages/[\\w.-]+\\.deb)$`),
  ];
  expect(files.filter((file) => !expected.some((pattern) => pattern.test(file)))).toEqual([]);
});

it('belongs to root, and only the command and the mixer are executable', async () => {
  const contents = [...(await contentsOf(deb))];
  expect(contents.filter(([, { owner }]) => owner !== 'root/root')).toEqual([]);
  const wanted = (path: string): string =>
    path.endsWith('/') || path === ''
      ? 'drwxr-xr-x'
      : path === 'usr/bin/crosspoint' || path.endsWith('/crosspoint-mixer')
        ? '-rwxr-xr-x'
        : '-rw-r--r--';
  expect(contents.filter(([path, { mode }]) => mode !== wanted(path))).toEqual([]);
});

it('follows the policy of Debian: lintian has no error and no warning', async () => {
  await output('lintian', ['--allow-root', '--fail-on', 'error,warning', deb]);
});

it('has the man page and the completions that the command line makes of itself, with nothing of this machine', () => {
  const share = join(folder.path, 'unpacked/usr/share');
  const man = gunzipSync(readFileSync(join(share, 'man/man1/crosspoint.1.gz'))).toString();
  expect(man).toMatch(/^\.TH CROSSPOINT 1/im);
  expect(man).toContain('gadget provision');
  expect(man).not.toContain(homedir());
  for (const file of ['bash-completion/completions/crosspoint', 'zsh/vendor-completions/_crosspoint'])
    expect(readFileSync(join(share, file), 'utf8')).toContain('provision');
});

it('has the same bytes whenever it is built from the same sources', async () => {
  const digest = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
  const first = digest(deb);
  expect(digest(await buildHeadless(folder.path, { gadgets: architecture }))).toBe(first);
});

it('runs from where it is unpacked: pages, API, slates', async () => {
  const unpacked = join(folder.path, 'unpacked');
  const cli = join(unpacked, HOME, 'out/cli.mjs');
  expect((await output(process.execPath, [cli, '--version'])).trim()).toBe(version());
  await using engine = await EngineProcess.start({ stateDir: join(folder.path, 'state'), cli });
  const page = await fetch(`${engine.http}/`);
  expect([page.status, await page.text()]).toEqual([
    200,
    expect.stringContaining('<title>Crosspoint</title>'),
  ]);
  await engine.run({ type: 'gadget.add', name: 'Desk', host: null });
  // Nothing is routed: what a computer would see is the slate of the package.
  const slate = await fetch(`${engine.http}/api/video/desk.webcam.jpg`);
  expect([slate.status, slate.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
});
