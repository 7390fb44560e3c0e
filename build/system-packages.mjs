// Which programs of the operating system are needed, which are missing, and how to get them.
// Runs before anything is installed: Node's own modules only.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * @typedef {object} Need
 * @property {string} package Debian's name
 * @property {string} [ubuntu] Ubuntu's name, where it differs
 * @property {readonly string[]} [programs] any one of them will do
 * @property {boolean} [all] all of `programs` are needed
 * @property {readonly string[]} [files] any one of them will do
 * @property {string} why
 * @property {string} [note] what the person should know before it is installed
 *
 * @typedef {keyof typeof SECTIONS} Purpose
 * @typedef {'debian' | 'ubuntu' | 'other'} Distribution
 *
 * @typedef {object} Probe how to find out what is there
 * @property {(name: string) => boolean} hasProgram
 * @property {(path: string) => boolean} hasFile
 * @property {(names: readonly string[]) => ReadonlySet<string>} installedPackages
 *
 * @typedef {object} Person what this user may do
 * @property {boolean} root
 * @property {'none' | 'free' | 'asks'} sudo `free`: without a password
 * @property {boolean} terminal can be asked for a password
 *
 * @typedef {{ run: true, prefix: readonly string[] } | { run: false, reason: string }} Permission
 */

/** What is needed for what: sections of packages.json. */
export const SECTIONS = /** @type {const} */ ({
  run: ['run'],
  dist: ['build', 'cross'],
  test: ['run', 'build', 'test'],
  packages: ['run', 'build', 'cross', 'test', 'packages'],
  'virtual-pi': ['run', 'build', 'cross', 'test', 'virtual-pi'],
});

/** @param {string} text @returns {text is Purpose} */
export const isPurpose = (text) => Object.hasOwn(SECTIONS, text);

/** @param {Purpose} purpose @returns {readonly Need[]} */
export function readNeeds(purpose) {
  /** @type {Record<(typeof SECTIONS)[Purpose][number], Need[]>} */
  const table = JSON.parse(readFileSync(new URL('packages.json', import.meta.url), 'utf8'));
  return SECTIONS[purpose].flatMap((name) => table[name]);
}

/** @param {string} osRelease the text of /etc/os-release @returns {Distribution} */
export function distributionOf(osRelease) {
  const field = (/** @type {string} */ name) =>
    new RegExp(`^${name}=["']?([^"'\\n]*)`, 'm').exec(osRelease)?.[1]?.toLowerCase() ?? '';
  const names = [field('ID'), ...field('ID_LIKE').split(/\s+/)];
  if (names.includes('ubuntu')) return 'ubuntu';
  return names.includes('debian') ? 'debian' : 'other';
}

/** @param {string} name @param {string} [pathVariable] @returns {string | undefined} its path */
export function findProgram(name, pathVariable = process.env.PATH ?? '') {
  // Daemons live in sbin, which is not on everybody's PATH.
  const directories = [
    ...pathVariable.split(delimiter).filter(Boolean),
    '/usr/local/sbin',
    '/usr/sbin',
    '/sbin',
  ];
  return directories
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return statSync(path).isFile();
      } catch {
        return false;
      }
    });
}

/** @returns {string | undefined} the system's Chromium or Chrome; nothing is downloaded */
export const findBrowser = () =>
  process.env.CROSSPOINT_CHROMIUM ??
  ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome']
    .map((name) => findProgram(name))
    .find((path) => path !== undefined);

/** @param {readonly string[]} names @returns {ReadonlySet<string>} those of the names that dpkg knows as installed */
export function installedPackages(names) {
  const result = spawnSync('dpkg-query', ['-W', '-f', '${Package} ${db:Status-Status}\n', ...names], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // Null, whatever its type says, when dpkg-query is not there.
  const output = /** @type {string | null} */ (result.stdout);
  const lines = (output ?? '').split('\n').map((line) => line.split(' '));
  return new Set(lines.filter(([, state]) => state === 'installed').map(([name]) => name ?? ''));
}

/**
 * @param {readonly Need[]} needs @param {Distribution} distribution @param {Probe} probe
 * @returns {{ missing: readonly Need[], unknown: readonly Need[] }} `unknown`: cannot be found out on this system
 */
export function findMissing(needs, distribution, probe) {
  /** @type {Need[]} */ const missing = [];
  /** @type {Need[]} */ const byPackage = [];
  for (const need of needs) {
    if (need.programs) {
      const found = need.all ? need.programs.every(probe.hasProgram) : need.programs.some(probe.hasProgram);
      if (!found) missing.push(need);
    } else if (need.files?.some(probe.hasFile)) continue;
    else byPackage.push(need);
  }
  if (distribution === 'other') {
    return {
      missing: [...missing, ...byPackage.filter((need) => need.files)],
      unknown: byPackage.filter((need) => !need.files),
    };
  }
  if (byPackage.length > 0) {
    const installed = probe.installedPackages(byPackage.map((need) => packageName(need, distribution)));
    missing.push(...byPackage.filter((need) => !installed.has(packageName(need, distribution))));
  }
  return { missing, unknown: [] };
}

/** @param {Need} need @param {Distribution} distribution */
export const packageName = (need, distribution) =>
  (distribution === 'ubuntu' ? need.ubuntu : undefined) ?? need.package;

/**
 * `--no-remove`: never exchanges the user's sound server or browser for ours.
 * @param {readonly string[]} packages @returns {readonly (readonly string[])[]}
 */
export function aptCommands(packages) {
  const wait = ['-o', 'DPkg::Lock::Timeout=120'];
  return [
    ['apt-get', ...wait, 'update'],
    ['apt-get', ...wait, 'install', '--yes', '--no-install-recommends', '--no-remove', ...packages],
  ];
}

/** @param {Person} person @returns {Permission} */
export function permissionOf(person) {
  if (person.root) return { run: true, prefix: [] };
  if (person.sudo === 'free') return { run: true, prefix: ['sudo', '-n'] };
  if (person.sudo === 'none') return { run: false, reason: 'sudo is not installed' };
  if (!person.terminal)
    return { run: false, reason: 'sudo needs a password, and there is no terminal to ask for it' };
  return { run: true, prefix: ['sudo'] };
}

/** @returns {Person} */
function thisPerson() {
  const root = process.getuid?.() === 0;
  const terminal = process.stdin.isTTY;
  if (root) return { root, terminal, sudo: 'none' };
  const probe = spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' });
  return { root, terminal, sudo: probe.error ? 'none' : probe.status === 0 ? 'free' : 'asks' };
}

/** @returns {Distribution} */
function thisDistribution() {
  const known = existsSync('/etc/os-release')
    ? distributionOf(readFileSync('/etc/os-release', 'utf8'))
    : 'other';
  return known !== 'other' && !findProgram('apt-get') ? 'other' : known;
}

/**
 * Install what is missing of the system's packages, after showing it.
 * @param {Purpose} purpose
 * @param {(line: string) => void} say
 * @returns {boolean} false: something is missing, and the person was told what to do
 */
export function installSystemPackages(purpose, say) {
  const distribution = thisDistribution();
  /** @type {() => { missing: readonly Need[], unknown: readonly Need[] }} */
  const look = () =>
    findMissing(readNeeds(purpose), distribution, {
      hasProgram: (name) => findProgram(name) !== undefined,
      hasFile: existsSync,
      installedPackages,
    });
  const { missing, unknown } = look();
  if (unknown.length > 0)
    say(`Cannot see here whether these are installed: ${names(unknown, distribution).join(', ')}`);
  if (missing.length === 0) return true;

  say('Crosspoint needs these packages of the system:');
  for (const need of missing) {
    say(`  ${packageName(need, distribution).padEnd(26)} ${need.why}`);
    if (need.note) say(`  ${''.padEnd(26)} (${need.note})`);
  }
  if (distribution === 'other') {
    say(
      'This is neither Debian nor Ubuntu: install them (named as in Debian) with your package manager, then try again.',
    );
    return false;
  }
  const commands = aptCommands(names(missing, distribution));
  const permission = permissionOf(thisPerson());
  const prefix = permission.run ? permission.prefix : ['sudo'];
  const lines = commands.map((command) => [...prefix, ...command]);
  if (!permission.run) {
    say(`They cannot be installed from here: ${permission.reason}. Please run, then try again:`);
    for (const line of lines) say(`  ${line.join(' ')}`);
    return false;
  }
  for (const line of lines) {
    say(`$ ${line.join(' ')}`);
    const [program = '', ...args] = line;
    const result = spawnSync(program, args, {
      stdio: ['inherit', 2, 2],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    });
    // A source that cannot be reached makes `update` fail; `install` may still find everything.
    if (result.status !== 0 && !line.includes('update')) break;
  }
  const still = look().missing;
  if (still.length === 0) return true;
  say(`Still missing: ${names(still, distribution).join(' ')}. What apt-get wrote above says why.`);
  return false;
}

/** @param {readonly Need[]} needs @param {Distribution} distribution @returns {string[]} */
const names = (needs, distribution) => [...new Set(needs.map((need) => packageName(need, distribution)))];
