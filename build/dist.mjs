#!/usr/bin/env node
// `npm run dist`: packs the desktop application into dist/. Needs Electron's runtime, or its download host.
// electron-builder unpacks the application and makes the AppImage; the deb and the tar.gz are made here.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, OUT } from './build.mjs';
import { readBundled } from './bundled.mjs';
import { sourceEpoch } from './deb.mjs';
import { buildDesktopDeb } from './desktop-deb.mjs';
import { buildGadgetPackages } from './gadget-packages.mjs';
import { makeMixer } from './mixer.mjs';
import { notices, staticFfmpeg } from './notices.mjs';
import { ROOT, say, setUp } from './setup.mjs';

const TARGETS = ['deb', 'AppImage', 'tar.gz'];
/** By electron-builder's names: Debian's, and the folder that it unpacks to. */
const ARCHITECTURES = /** @type {const} */ ({
  x64: { debian: 'amd64', folder: 'linux-unpacked' },
  arm64: { debian: 'arm64', folder: 'linux-arm64-unpacked' },
});

const { values, positionals } = parseArgs({
  options: {
    out: { type: 'string', default: join(ROOT, 'dist') },
    arch: { type: 'string', default: process.arch },
    target: { type: 'string', default: TARGETS.join(',') },
    /** For which architectures the programs in C are built: those of the gadgets, and the mixer. */
    gadgets: { type: 'string', default: 'arm64,amd64' },
  },
  // What stands behind `--` is for electron-builder, such as -c.electronDist=DIR.
  allowPositionals: true,
});
const list = (/** @type {string} */ text) => text.split(',').filter(Boolean);
const architectures = list(values.arch).map((name) =>
  name === 'x64' || name === 'arm64' ? { name, ...ARCHITECTURES[name] } : null,
);
const targets = list(values.target);
if (architectures.includes(null) || !targets.every((target) => TARGETS.includes(target))) {
  say(
    'usage: npm run dist [-- [--out DIR] [--arch x64,arm64] [--target deb,AppImage,tar.gz] [--gadgets arm64,amd64] [-- BUILDER…]]',
  );
  process.exit(2);
}
if (!setUp('dist') || !ensureBuilt()) process.exit(1);

const DIST = resolve(values.out);
/** What goes into every kind of package; the configuration of electron-builder names it. */
const SHIPPED = join(OUT, 'shipped');
const epoch = sourceEpoch();
const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

/** @param {string} program @param {readonly string[]} args @param {Record<string, string>} [more] @returns {boolean} did it work? */
function run(program, args, more = {}) {
  const env = { ...process.env, SOURCE_DATE_EPOCH: String(epoch), ...more };
  return spawnSync(program, args, { cwd: ROOT, stdio: ['inherit', 2, 2], env }).status === 0;
}
/** @param {string} target electron-builder's name @param {string} architecture @param {readonly string[]} [more] */
const builder = (target, architecture, more = []) =>
  run(
    process.execPath,
    [
      join(ROOT, 'node_modules/electron-builder/cli.js'),
      ...['--config', 'build/electron-builder.config.mjs', '--publish', 'never'],
      `-c.directories.output=${DIST}`,
      ...['--linux', target, `--${architecture}`],
      ...more,
      ...positionals,
    ],
    { CROSSPOINT_DIST_ARCH: architecture },
  );

/** @type {readonly { kind: string, make: (unpacked: string, arch: NonNullable<(typeof architectures)[number]>) => string | null }[]} */
const makers = [
  {
    kind: 'deb',
    make: (unpacked, { debian }) =>
      buildDesktopDeb({ unpacked, architecture: debian, revision: '1', epoch, out: DIST }),
  },
  {
    kind: 'AppImage',
    make: (unpacked, { name }) => {
      const file = join(DIST, `Crosspoint-${version}-${name}.AppImage`);
      const made = builder('AppImage', name, [
        ...['--prepackaged', unpacked],
        `-c.artifactName=${'Crosspoint-${version}-' + name}.AppImage`,
      ]);
      return made && existsSync(file) ? file : null;
    },
  },
  {
    kind: 'tar.gz',
    make: (unpacked, { name }) => {
      const file = join(DIST, `crosspoint-desktop-${version}-${name}.tar.gz`);
      const order = ['--sort=name', `--mtime=@${epoch}`, '--owner=0', '--group=0', '--numeric-owner'];
      const names = `--transform=s,^\\.,crosspoint-desktop-${version},`;
      return run('tar', ['-C', unpacked, ...order, names, '-czf', file, '.']) ? file : null;
    },
  },
];

/** Of what goes into the packages for one architecture. @param {string} architecture by Node's name */
function writeNotices(architecture) {
  const shipped = /** @type {const} */ (['gadgets', 'electron']);
  const text = notices(ROOT, {
    folders: readBundled(OUT, ['main.mjs', 'preload.cjs', 'renderer']),
    parts: staticFfmpeg(ROOT, architecture) ? [...shipped, 'ffmpeg-static'] : shipped,
  });
  writeFileSync(join(SHIPPED, 'THIRD_PARTY_NOTICES.txt'), text);
}

/** @returns {Promise<string[]>} what did not work */
async function dist() {
  mkdirSync(DIST, { recursive: true });
  rmSync(SHIPPED, { recursive: true, force: true });
  buildGadgetPackages(list(values.gadgets), join(SHIPPED, 'gadget-packages'));
  for (const architecture of list(values.gadgets)) await makeMixer(join(SHIPPED, 'mixer'), architecture);
  return architectures.flatMap((architecture) => {
    if (!architecture) return [];
    writeNotices(architecture.name);
    if (!builder('dir', architecture.name)) return [`the application for ${architecture.name}`];
    const unpacked = join(DIST, architecture.folder);
    return makers
      .filter(({ kind }) => targets.includes(kind))
      .flatMap(({ kind, make }) => {
        const file = make(unpacked, architecture);
        if (file) console.log(file);
        return file ? [] : [`the ${kind} for ${architecture.name}`];
      });
  });
}

try {
  const failed = await dist();
  for (const what of failed) say(`Not made: ${what}. The reason stands above.`);
  process.exitCode = failed.length === 0 ? 0 : 1;
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
