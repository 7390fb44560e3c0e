// The licences of everything by others that a package of ours holds: whoever passes it on must pass these on too.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {object} Work something by others
 * @property {string} name
 * @property {string} version
 * @property {string} licence an SPDX expression
 * @property {string} source where it is from
 * @property {string} text its licence, and its notices
 */

/** Licences that allow to pass the work on inside of an MIT-licensed program, when their text comes along. */
const ALLOWED = new Set([
  'MIT',
  'ISC',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'Apache-2.0',
  '0BSD',
  'Unlicense',
  'CC0-1.0',
  'BlueOak-1.0.0',
]);

const LICENCE_FILE = /^(licen[cs]e|copying|notice|unlicense)(?![\w-]*\.(?:[cm]?[jt]s|json)$)/i;

/** Some packages write it in ways of their own time. @param {any} about package.json @returns {string} */
function licenceOf(about) {
  const given = about.license ?? about.licenses;
  const all = (Array.isArray(given) ? given : [given]).map((one) =>
    typeof one === 'object' ? one?.type : one,
  );
  return all.filter(Boolean).join(' OR ');
}

/**
 * @param {string} root the checkout
 * @param {string} folder of the package, below it
 * @returns {Work}
 * @throws Error: it may not be passed on, or its terms are not known
 */
export function readWork(root, folder) {
  const path = join(root, folder);
  const about = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
  const licence = licenceOf(about);
  const parts = licence.replace(/[()]/g, '').split(/ (?:OR|AND) /);
  if (!parts.every((part) => ALLOWED.has(part)))
    throw new Error(
      `${about.name} ${about.version} has the licence ${licence || 'of nobody knows what'}: it may not be shipped.`,
    );
  const files = readdirSync(path)
    .filter((name) => LICENCE_FILE.test(name))
    .sort();
  const text =
    files.length > 0
      ? files.map((name) => readFileSync(join(path, name), 'utf8').trim()).join('\n\n')
      : withoutFile(path, about, licence);
  return {
    name: about.name,
    version: about.version,
    licence,
    source: sourceOf(about),
    text,
  };
}

/**
 * A package that names its licence and brings no file: what its guide says, or the licence's own text.
 * @param {string} path @param {any} about @param {string} licence @returns {string}
 */
function withoutFile(path, about, licence) {
  const guide = readdirSync(path).find((name) => /^readme/i.test(name));
  const section =
    guide &&
    /^#+\s*licen[cs]e[^\n]*\n([\s\S]+?)(?=^#|$(?![\s\S]))/im.exec(
      readFileSync(join(path, guide), 'utf8'),
    )?.[1];
  const author =
    typeof about.author === 'string' ? about.author : (about.author?.name ?? `the authors of ${about.name}`);
  const own = licence === 'MIT' ? MIT : licence === 'ISC' ? ISC : undefined;
  if (own) return `${section ? `${section.trim()}\n\n` : ''}Copyright (c) ${author}\n\n${own}`;
  if (section) return section.trim();
  throw new Error(`${about.name} ${about.version} brings no text of its licence (${licence}).`);
}

/** @param {any} about @returns {string} */
function sourceOf(about) {
  const repository = typeof about.repository === 'string' ? about.repository : about.repository?.url;
  return repository ?? about.homepage ?? `https://www.npmjs.com/package/${about.name}`;
}

/**
 * @param {string} root the checkout
 * @param {readonly string[]} folders of the packages, below it
 * @returns {Work[]} by name
 */
export const readWorks = (root, folders) =>
  folders
    .map((folder) => readWork(root, folder))
    .sort((a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'))
    .filter((work, i, all) => work.name !== all[i - 1]?.name || work.version !== all[i - 1]?.version);

/** What does not come from npm. @typedef {'gadgets' | 'ffmpeg-static' | 'electron'} Part */

/** @param {string} root @returns {Record<Part, { title: string, text: () => string }>} */
const parts = (root) => ({
  gadgets: {
    title: 'Packages for the Raspberry Pis (crosspoint-gadget)',
    text: () =>
      'Programs of this project, under its own licence. They are linked at run time with libraries of the Raspberry Pi’s\n' +
      'system, which are not part of them: the GNU C library (LGPL-2.1-or-later), ALSA’s libasound (LGPL-2.1-or-later)\n' +
      'and libpulse (LGPL-2.1-or-later).',
  },
  electron: {
    title: 'Electron and Chromium',
    text: () =>
      'The runtime brings its own notices: LICENSE.electron.txt (MIT) and LICENSES.chromium.html, beside the program.',
  },
  'ffmpeg-static': {
    title: 'ffmpeg (the program in the folder ffmpeg)',
    text: () =>
      'A program of its own, started as one, under the GNU General Public License, version 3 or later. Its sources are\n' +
      'those of https://ffmpeg.org and of the builds named in the README below; whoever passes this package on must offer\n' +
      'them too.\n\n' +
      readFileSync(join(root, 'node_modules/ffmpeg-static/LICENSE'), 'utf8').trim(),
  },
});

const RULE = '='.repeat(100);

/**
 * @param {string} root the checkout
 * @param {{ folders: readonly string[], parts: readonly Part[] }} shipped
 * @returns {string} the text to ship
 */
export function notices(root, { folders, parts: shippedParts }) {
  const works = readWorks(root, folders);
  const others = shippedParts.map((part) => parts(root)[part]);
  return [
    'Crosspoint is distributed under the MIT licence. It contains the works of others, listed here, under theirs.',
    '',
    ...works.map(({ name, version, licence }) => `  ${name} ${version} (${licence})`),
    ...others.map(({ title }) => `  ${title}`),
    '',
    'ffmpeg, PulseAudio, PipeWire and Node.js, where they are installed by the system, are works of their own.',
    ...works.flatMap(({ name, version, licence, source, text }) => [
      '',
      RULE,
      `${name} ${version}`,
      `Licence: ${licence}`,
      `From: ${source}`,
      '',
      text,
    ]),
    ...others.flatMap(({ title, text }) => ['', RULE, title, '', text()]),
    '',
  ].join('\n');
}

/**
 * Is the optional ffmpeg here? npm installs that of this machine's architecture only.
 * @param {string} root @param {string} architecture by Node's name
 * @returns {string | null} the program
 */
export function staticFfmpeg(root, architecture) {
  const program = join(root, 'node_modules/ffmpeg-static/ffmpeg');
  return architecture === process.arch && existsSync(program) ? program : null;
}

const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

const ISC = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.`;
