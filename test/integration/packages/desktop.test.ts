import { createRequire } from 'node:module';
import { cpSync, existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  contentsOf,
  controlFields,
  output,
  packageFolder,
  ROOT,
  standInRuntime,
  version,
} from '../../support/packages.ts';

/**
 * `npm run dist` as it is, on the real configuration; only Electron's runtime is a stand-in, because it cannot be
 * fetched everywhere: nothing here is started.
 */

const folder = packageFolder();
const HOME = 'usr/lib/crosspoint-desktop';
let deb: string;
let arm64: string;
let tar: string;
/** The deb, unpacked. */
let root: string;

const tool = (path: string, ...args: string[]) =>
  output(process.execPath, [join(ROOT, 'node_modules', path), ...args]);

beforeAll(async () => {
  const runtime = standInRuntime(folder.path);
  const architecture = (await output('dpkg', ['--print-architecture'])).trim();
  const said = await output(
    process.execPath,
    [
      join(ROOT, 'build/dist.mjs'),
      ...['--out', folder.path, '--target', 'deb,tar.gz', '--gadgets', architecture, '--arch', 'x64,arm64'],
      ...['--', `-c.electronDist=${runtime}`, '-c.electronVersion=45.0.0'],
    ],
    { CROSSPOINT_SETUP: 'skip' },
  );
  const files = said.trim().split('\n');
  [deb = '', arm64 = '', tar = ''] = ['_amd64.deb', '_arm64.deb', '-x64.tar.gz'].map(
    (end) => files.find((file) => file.endsWith(end)) ?? '',
  );
  root = join(folder.path, 'deb');
  await output('dpkg-deb', ['--extract', deb, root]);
});
afterAll(folder.remove);

describe('the program', () => {
  it('has every fuse as it should be, and no fuse that nobody named', async () => {
    const stdout = await tool(
      '@electron/fuses/dist/bin.js',
      'read',
      '--app',
      join(root, HOME, 'crosspoint-desktop'),
    );
    const fuses = Object.fromEntries(
      [...stdout.matchAll(/(\w+) is (Enabled|Disabled)/g)].map(
        ([, name = '', value]) => [name, value] as const,
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
    const { FuseV1Options } = createRequire(join(ROOT, 'package.json'))('@electron/fuses') as {
      FuseV1Options: Record<string, unknown>;
    };
    const known = Object.keys(FuseV1Options).filter((name) => !/^\d+$/.test(name));
    expect(Object.keys(fuses).sort()).toEqual(known.sort());
  });

  it('holds what is built and the assets, and nothing else', async () => {
    const stdout = await tool('@electron/asar/bin/asar.js', 'list', join(root, HOME, 'resources/app.asar'));
    const files = stdout.trim().split('\n');
    expect(files).toEqual(
      expect.arrayContaining([
        '/package.json',
        '/out/main.mjs',
        '/out/preload.cjs',
        '/out/renderer/index.html',
        '/assets/tray/normal.png',
        '/assets/slates/no-signal-1280x720.jpg',
      ]),
    );
    const expected = /^\/(package\.json|out|out\/(main\.mjs|preload\.cjs|renderer(\/.*)?)|assets(\/.*)?)$/;
    expect(files.filter((file) => !expected.test(file))).toEqual([]);
  });

  it('has the packages of the gadgets beside its archive', () => {
    expect(readdirSync(join(root, HOME, 'resources/gadget-packages'))).toEqual([
      expect.stringMatching(/^crosspoint-gadget_.*\.deb$/),
    ]);
  });
});

describe('the deb', () => {
  it('says what it is and what it needs', async () => {
    const fields = controlFields(await output('dpkg-deb', ['--field', deb]));
    expect(fields).toMatchObject({
      Package: 'crosspoint-desktop',
      Version: `${version()}-1`,
      Architecture: 'amd64',
      Suggests: 'crosspoint-headless',
    });
    expect(fields.Depends).toMatch(/libgtk-3-0.*\bffmpeg\b.*pulseaudio \| pipewire-pulse/);
  });

  it('can stand beside the package of the command line: they share no file', async () => {
    const contents = await contentsOf(deb);
    expect(contents.has('usr/bin/crosspoint')).toBe(false);
    expect(contents.get('usr/bin/crosspoint-desktop')?.mode).toBe('lrwxrwxrwx');
    expect([...contents].filter(([, { owner }]) => owner !== 'root/root')).toEqual([]);
  });

  it("follows Debian's policy as far as it is ours: lintian has no error and no warning", async () => {
    await output('lintian', ['--allow-root', '--fail-on', 'error,warning', deb]);
  });

  it('brings the licences of everything in it', () => {
    const path = join(root, 'usr/share/doc/crosspoint-desktop/THIRD_PARTY_NOTICES.gz');
    const notices = gunzipSync(readFileSync(path)).toString();
    for (const name of ['react', 'fastify', 'ssh2', '@mui/material'])
      expect(notices).toContain(`\n  ${name} `);
    expect(notices).toContain('Electron and Chromium');
    expect(notices).toContain('crosspoint-gadget');
    expect(existsSync(join(root, HOME, 'LICENSES.chromium.html'))).toBe(true);
  });

  it('brings the bill of materials', () => {
    const path = join(root, 'usr/share/doc/crosspoint-desktop/sbom.cdx.json.gz');
    const { bomFormat, components } = JSON.parse(gunzipSync(readFileSync(path)).toString()) as {
      bomFormat: string;
      components: { name: string }[];
    };
    expect(bomFormat).toBe('CycloneDX');
    expect(components.map(({ name }) => name)).toEqual(expect.arrayContaining(['electron', 'react', 'ssh2']));
  });

  it('keeps the AppArmor profile that lets the sandbox work on Ubuntu', () => {
    const profile = readFileSync(join(root, HOME, 'apparmor-profile'), 'utf8');
    expect(profile).toContain(`profile crosspoint-desktop /${HOME}/crosspoint-desktop flags=(unconfined) {`);
    expect(profile).toMatch(/^ {2}userns,$/m);
  });
});

describe('the deb for arm64', () => {
  it('says so, and differs in nothing else', async () => {
    const [x64, arm] = await Promise.all(
      [deb, arm64].map(async (file) => controlFields(await output('dpkg-deb', ['--field', file]))),
    );
    expect(arm).toEqual({ ...x64, Architecture: 'arm64', 'Installed-Size': arm?.['Installed-Size'] });
    const [ofX64, ofArm] = await Promise.all([deb, arm64].map(contentsOf));
    expect([...ofArm!.keys()].sort()).toEqual([...ofX64!.keys()].sort());
  });
});

describe('the desktop', () => {
  const share = (path: string): string => join(root, 'usr/share', path);

  it('gets an entry that is valid', async () => {
    const file = share('applications/crosspoint-desktop.desktop');
    expect(await output('desktop-file-validate', [file])).toBe('');
    const entry = readFileSync(file, 'utf8');
    expect(entry).toMatch(/^Exec=crosspoint-desktop %F$/m);
    const { desktopName } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      desktopName: string;
    };
    // What Electron tells the desktop, so that window and entry find each other.
    expect(desktopName).toBe('crosspoint-desktop.desktop');
    expect(entry).toMatch(/^StartupWMClass=crosspoint-desktop$/m);
  });

  it('gets a description for software centres that is valid', async () => {
    const file = share('metainfo/dev.crosspoint.app.metainfo.xml');
    await output('appstreamcli', ['validate', '--no-net', '--pedantic', file]);
    expect(readFileSync(file, 'utf8')).toContain(`<release version="${version()}"`);
  });

  it('knows scene files and which program opens them', async () => {
    const mime = join(folder.path, 'mime');
    cpSync(share('mime'), mime, { recursive: true });
    await output('update-mime-database', [mime]);
    expect(readFileSync(join(mime, 'globs2'), 'utf8')).toContain(
      ':application/vnd.crosspoint.scene+json:*.crosspoint-scene',
    );
    expect(readFileSync(share('applications/crosspoint-desktop.desktop'), 'utf8')).toContain(
      'MimeType=application/vnd.crosspoint.scene+json;',
    );
  });

  it('has the icon in every size', () => {
    const sizes = [16, 24, 32, 48, 64, 128, 256, 512];
    for (const size of sizes) {
      const png = readFileSync(share(`icons/hicolor/${size}x${size}/apps/crosspoint-desktop.png`));
      // PNG, "IHDR": width and height.
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([size, size]);
    }
    expect(existsSync(share('icons/hicolor/scalable/apps/crosspoint-desktop.svg'))).toBe(true);
  });
});

it('the tar.gz holds the same program in a folder of its version', async () => {
  const names = (await output('tar', ['-tzf', tar])).trim().split('\n');
  const top = `crosspoint-desktop-${version()}`;
  expect(names).toEqual(expect.arrayContaining([`${top}/crosspoint-desktop`, `${top}/resources/app.asar`]));
  expect(names.filter((name) => !name.startsWith(`${top}/`))).toEqual([]);
});
