#!/usr/bin/env node
// `npm run dist:headless`: the Debian package of the engine, its command line and its pages, without Electron.
// One package fits every machine: it holds no program of its own but those for the gadgets and the mixer, which are there for
// each architecture; on any other, loopbacks of the sound server mix.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureBuilt, OUT } from './build.mjs';
import { readBundled } from './bundled.mjs';
import { buildDeb, gzipped, MAINTAINER, putInto, sourceEpoch } from './deb.mjs';
import { buildGadgetPackages } from './gadget-packages.mjs';
import { makeMixer } from './mixer.mjs';
import { notices, readWorks } from './notices.mjs';
import { ROOT, say, setUp } from './setup.mjs';

const NAME = 'crosspoint-headless';
const PARTS = join(ROOT, 'build/headless');

const DESCRIPTION = `\
routes cameras, microphones and speakers, without a screen
Crosspoint runs on one Linux box and gives computers, on which nothing can be
installed, an ordinary USB webcam with microphone and speaker: Raspberry Pis in
USB gadget mode, fed over the network.

This package holds the engine, its HTTP and RTMP servers, its pages for a
browser, the command line, and the packages for the Raspberry Pis.`;

/** @param {string} name */
const part = (name) => readFileSync(join(PARTS, name), 'utf8');

/**
 * @param {{ out: string, revision: string, gadgets: readonly string[] }} options
 * @returns {Promise<string>} the package's file
 */
async function dist({ out, revision, gadgets }) {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const epoch = sourceEpoch();
  const root = mkdtempSync(join(tmpdir(), 'crosspoint-deb-'));
  try {
    /** @param {string} path below `/` */
    const at = (path) => join(root, path);
    const put = putInto(root);
    const home = `usr/share/${NAME}`;
    const doc = `usr/share/doc/${NAME}`;

    cpSync(join(OUT, 'cli.mjs'), at(`${home}/out/cli.mjs`));
    cpSync(join(OUT, 'renderer'), at(`${home}/out/renderer`), {
      recursive: true,
      filter: (path) => !path.endsWith('.map'),
    });
    cpSync(join(ROOT, 'assets/slates'), at(`${home}/assets/slates`), { recursive: true });
    buildGadgetPackages(gadgets, at(`${home}/gadget-packages`));
    for (const architecture of gadgets) await makeMixer(at(`${home}/out/mixer`), architecture);
    put('usr/bin/crosspoint', part('crosspoint'), 0o755);
    put('usr/lib/systemd/user/crosspoint.service', part('crosspoint.service'));
    put('usr/share/man/man1/crosspoint.1.gz', gzipped(said('man')));
    // Where each shell looks for itself.
    put('usr/share/bash-completion/completions/crosspoint', said('completion', 'bash'));
    put('usr/share/zsh/vendor-completions/_crosspoint', said('completion', 'zsh'));
    put('usr/share/fish/vendor_completions.d/crosspoint.fish', said('completion', 'fish'));
    put(`${doc}/README.Debian`, part('README.Debian'));
    const folders = readBundled(OUT, ['cli.mjs', 'renderer']);
    put(`${doc}/copyright`, copyright(folders));
    put(`${doc}/THIRD_PARTY_NOTICES.gz`, gzipped(notices(ROOT, { folders, parts: ['gadgets'] })));
    put(`${doc}/sbom.cdx.json.gz`, gzipped(readFileSync(join(OUT, 'sbom.cdx.json'))));
    put(`${doc}/changelog.gz`, gzipped(readFileSync(join(ROOT, 'CHANGELOG.md'))));
    put(`usr/share/lintian/overrides/${NAME}`, part('lintian-overrides'));

    return buildDeb(
      root,
      {
        name: NAME,
        version: `${version}-${revision}`,
        architecture: 'all',
        fields: {
          Maintainer: MAINTAINER,
          Section: 'video',
          Priority: 'optional',
          Depends: 'nodejs (>= 20.19), ffmpeg, pulseaudio | pipewire-pulse, fonts-dejavu-core',
          Recommends: 'libpulse0, v4l-utils, openssh-client',
        },
        description: DESCRIPTION,
        scripts: Object.fromEntries(['postinst', 'prerm', 'postrm'].map((name) => [name, part(name)])),
        epoch,
      },
      out,
    );
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** What the command line that was built says. @param {readonly string[]} args @returns {string} */
function said(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(OUT, 'cli.mjs'), ...args], {
    encoding: 'utf8',
    // Its defaults are those of whoever reads it, not of who builds it.
    env: { ...process.env, HOME: '~', XDG_STATE_HOME: '' },
  });
  if (status !== 0) throw new Error(`crosspoint ${args.join(' ')} failed: ${stderr}`);
  return stdout;
}

/** Debian Policy 12.5. @param {readonly string[]} folders of the packages that are in it */
const copyright = (folders) =>
  [
    readFileSync(join(ROOT, 'LICENSE'), 'utf8').trim(),
    '',
    'It contains these works of others; their licences are in THIRD_PARTY_NOTICES.gz beside this file.',
    '',
    ...readWorks(ROOT, folders).map(
      ({ name, version, licence, source }) => `${name} ${version}, ${licence}: ${source}`,
    ),
    '',
  ].join('\n');

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(ROOT, 'dist') },
    revision: { type: 'string', default: '1' },
    gadgets: { type: 'string', default: 'arm64,amd64' },
  },
});
if (!/^[A-Za-z0-9.+~]+$/.test(values.revision)) {
  say('usage: npm run dist:headless [-- --out DIR] [--revision REVISION] [--gadgets arm64,amd64]');
  process.exit(2);
}
if (!setUp('dist') || !ensureBuilt()) process.exit(1);
try {
  const file = await dist({
    out: resolve(values.out),
    revision: values.revision,
    gadgets: values.gadgets.split(',').filter(Boolean),
  });
  console.log(file);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
