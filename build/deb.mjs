// Makes a Debian package of a tree of files, the same bytes for the same input.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { ROOT } from './setup.mjs';

export const MAINTAINER = 'Crosspoint <crosspoint@localhost>';

/** @returns {number} s: when the sources were last changed, so that the same sources give the same package */
export function sourceEpoch() {
  const given = Number(process.env.SOURCE_DATE_EPOCH);
  if (given > 0) return given;
  const { stdout } = spawnSync('git', ['log', '-1', '--format=%ct'], { cwd: ROOT, encoding: 'utf8' });
  return Number(stdout) || 0;
}

/** @param {string | Buffer} content */
export const gzipped = (content) => gzipSync(content, { level: 9 });

/**
 * @param {string} root of the tree
 * @returns {(path: string, content: string | Buffer, mode?: number) => void} writes a file; `path` is below `/`
 */
export const putInto =
  (root) =>
  (path, content, mode = 0o644) => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content, { mode });
  };

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} version Debian's: upstream version, hyphen, revision
 * @property {string} architecture
 * @property {Readonly<Record<string, string>>} fields of the control file, beside those above
 * @property {string} description first line: synopsis; the rest is the long one
 * @property {Readonly<Record<string, string>>} scripts postinst and the like, by name
 * @property {number} epoch what every file is dated, in s
 */

/**
 * @param {string} root the tree, as it will be below `/`; gets `DEBIAN/`
 * @param {Package} made
 * @param {string} out the folder for the package
 * @returns {string} the package's file
 * @throws Error with what dpkg-deb said
 */
export function buildDeb(root, { name, version, architecture, fields, description, scripts, epoch }, out) {
  const files = filesIn(root);
  const doc = join(root, 'usr/share/doc', name);
  mkdirSync(doc, { recursive: true });
  // Debian Policy 12.7: what changed in this package, apart from what changed in the program.
  const date = new Date(epoch * 1000).toUTCString().replace(/GMT$/, '+0000');
  writeFileSync(
    join(doc, 'changelog.Debian.gz'),
    gzipped(
      `${name} (${version}) unstable; urgency=medium\n\n  * Made from the sources of this version; see changelog.gz.\n\n` +
        ` -- ${fields.Maintainer ?? ''}  ${date}\n`,
    ),
  );
  const control = join(root, 'DEBIAN');
  mkdirSync(control);
  const [synopsis = '', ...long] = description.trim().split('\n');
  const size = [...files, join(doc, 'changelog.Debian.gz')].reduce(
    (sum, path) => sum + statSync(path).size,
    0,
  );
  writeFileSync(
    join(control, 'control'),
    Object.entries({
      Package: name,
      Version: version,
      Architecture: architecture,
      'Installed-Size': String(Math.ceil(size / 1024)),
      ...fields,
      Description: [synopsis, ...long.map((line) => (line === '' ? ' .' : ` ${line}`))].join('\n'),
    })
      .map(([field, value]) => `${field}: ${value}\n`)
      .join(''),
  );
  writeFileSync(
    join(control, 'md5sums'),
    filesIn(root)
      .filter((path) => !path.startsWith(control))
      .map(
        (path) => `${createHash('md5').update(readFileSync(path)).digest('hex')}  ${relative(root, path)}\n`,
      )
      .join(''),
  );
  for (const [script, text] of Object.entries(scripts))
    writeFileSync(join(control, script), text, { mode: 0o755 });
  settle(root, epoch);

  mkdirSync(out, { recursive: true });
  const file = join(out, `${name}_${version}_${architecture}.deb`);
  const { status, stderr } = spawnSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', root, file], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epoch) },
  });
  if (status !== 0) throw new Error(`dpkg-deb failed: ${stderr}`);
  return file;
}

/** @param {string} folder @returns {string[]} in a fixed order */
export const filesIn = (folder) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();

/** Rights do not depend on the umask of who builds, dates not on when. @param {string} root @param {number} epoch */
function settle(root, epoch) {
  const all = readdirSync(root, { recursive: true, withFileTypes: true });
  for (const entry of all) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isSymbolicLink()) {
      lutimesSync(path, epoch, epoch);
      continue;
    }
    const executable = entry.isDirectory() || (statSync(path).mode & 0o100) !== 0;
    chmodSync(path, executable ? 0o755 : 0o644);
    lutimesSync(path, epoch, epoch);
  }
  chmodSync(root, 0o755);
  lutimesSync(root, epoch, epoch);
}
