// The Debian package of the desktop application, from what electron-builder has unpacked.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildDeb, gzipped, MAINTAINER, putInto } from './deb.mjs';
import { desktopEntry, EXECUTABLE, metainfo, mimePackage } from './desktop/app.mjs';
import { ROOT } from './setup.mjs';

const PARTS = join(ROOT, 'build/desktop');
const HOME = `usr/lib/${EXECUTABLE}`;

/** Electron's own libraries of the system, then ours. */
const DEPENDS = [
  'libc6 (>= 2.28)',
  'libasound2 | libasound2t64',
  'libatk-bridge2.0-0 | libatk-bridge2.0-0t64',
  'libatspi2.0-0 | libatspi2.0-0t64',
  'libcups2 | libcups2t64',
  'libdrm2',
  'libgbm1',
  'libgtk-3-0 | libgtk-3-0t64',
  'libnotify4',
  'libnss3',
  'libsecret-1-0',
  'libuuid1',
  'libxtst6',
  'xdg-utils',
  'ffmpeg',
  'pulseaudio | pipewire-pulse',
  'fonts-dejavu-core',
];

const DESCRIPTION = `\
routes cameras, microphones and speakers, with a window
Crosspoint runs on one Linux box and gives computers, on which nothing can be
installed, an ordinary USB webcam with microphone and speaker: Raspberry Pis in
USB gadget mode, fed over the network.

This package holds the desktop application with its window and tray, and the
packages for the Raspberry Pis. crosspoint-headless has the command line.`;

/** @param {string} name */
const part = (name) => readFileSync(join(PARTS, name), 'utf8');

/**
 * @param {{ unpacked: string, architecture: string, revision: string, epoch: number, out: string }} options
 * @returns {string} the package's file
 */
export function buildDesktopDeb({ unpacked, architecture, revision, epoch, out }) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const root = mkdtempSync(join(tmpdir(), 'crosspoint-deb-'));
  try {
    const put = putInto(root);
    const doc = `usr/share/doc/${EXECUTABLE}`;

    cpSync(unpacked, join(root, HOME), { recursive: true, verbatimSymlinks: true });
    // Its place in Debian is the folder of documentation.
    const resources = join(root, HOME, 'resources');
    const documents = {
      'THIRD_PARTY_NOTICES.txt': 'THIRD_PARTY_NOTICES.gz',
      'sbom.cdx.json': 'sbom.cdx.json.gz',
    };
    for (const [name, document] of Object.entries(documents)) {
      put(`${doc}/${document}`, gzipped(readFileSync(join(resources, name))));
      rmSync(join(resources, name));
    }
    rmSync(join(resources, 'LICENSE.txt'));
    put(`${HOME}/apparmor-profile`, part('apparmor-profile'));
    mkdirSync(join(root, 'usr/bin'), { recursive: true });
    symlinkSync(`../lib/${EXECUTABLE}/${EXECUTABLE}`, join(root, 'usr/bin', EXECUTABLE));

    put(`usr/share/applications/${EXECUTABLE}.desktop`, desktopEntry());
    put(`usr/share/metainfo/dev.crosspoint.app.metainfo.xml`, metainfo({ version, epoch }));
    put(`usr/share/mime/packages/${EXECUTABLE}.xml`, mimePackage());
    for (const name of readdirSync(join(ROOT, 'assets/icons'))) {
      const size = name === 'icon.svg' ? 'scalable' : name.replace(/\.png$/, '');
      const icon = `usr/share/icons/hicolor/${size}/apps/${EXECUTABLE}.${size === 'scalable' ? 'svg' : 'png'}`;
      put(icon, readFileSync(join(ROOT, 'assets/icons', name)));
    }
    put(`usr/share/man/man1/${EXECUTABLE}.1.gz`, gzipped(part(`${EXECUTABLE}.1`)));
    put(`${doc}/copyright`, `${readFileSync(join(ROOT, 'LICENSE'), 'utf8').trim()}\n\n${OTHERS}`);
    put(`${doc}/changelog.gz`, gzipped(readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8')));
    put(`usr/share/lintian/overrides/${EXECUTABLE}`, part('lintian-overrides'));

    const hasFfmpeg = existsSync(join(resources, 'ffmpeg'));
    return buildDeb(
      root,
      {
        name: EXECUTABLE,
        version: `${version}-${revision}`,
        architecture,
        fields: {
          Maintainer: MAINTAINER,
          Section: 'video',
          Priority: 'optional',
          Depends: DEPENDS.filter((name) => !(hasFfmpeg && name === 'ffmpeg')).join(', '),
          Recommends: 'v4l-utils, openssh-client, libayatana-appindicator3-1',
          Suggests: 'crosspoint-headless',
        },
        description: DESCRIPTION,
        scripts: { postinst: part('postinst'), postrm: part('postrm') },
        epoch,
      },
      out,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

const OTHERS = `It contains the works of others; their names and licences are in THIRD_PARTY_NOTICES.gz beside this file,
those of Chromium in /${HOME}/LICENSES.chromium.html.
`;
