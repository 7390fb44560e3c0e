// Are the npm packages of package-lock.json installed? If not, installs them.
// Runs before anything is installed: Node's own modules only.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ version?: string, optional?: boolean, link?: boolean }} LockedPackage
 * @typedef {{ packages?: Record<string, LockedPackage> }} Lockfile
 */

/**
 * Compares what is locked with what npm wrote down when it last finished. By content: the times of files
 * say nothing after a `git checkout`.
 * @param {Lockfile} wanted package-lock.json
 * @param {Lockfile | null} installed node_modules/.package-lock.json
 * @returns {string | null} why an installation is needed
 */
export function reasonToInstall(wanted, installed) {
  if (!installed) return 'node_modules is not complete';
  for (const [path, locked] of Object.entries(wanted.packages ?? {})) {
    if (path === '') continue;
    const found = installed.packages?.[path];
    if (!found && !locked.optional) return `${path} is missing`;
    if (found && found.version !== locked.version)
      return `${path} is ${found.version ?? 'unknown'} instead of ${locked.version ?? 'unknown'}`;
  }
  return null;
}

/** @param {string} path @returns {Lockfile | null} */
function readLockfile(path) {
  if (!existsSync(path)) return null;
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return null;
  }
}

/**
 * @param {string} root the checkout
 * @param {(line: string) => void} say
 * @returns {boolean} false: it did not work, and the person was told
 */
export function installNpmPackages(root, say) {
  const wanted = readLockfile(join(root, 'package-lock.json'));
  if (!wanted) {
    say('package-lock.json is missing or broken.');
    return false;
  }
  const reason = reasonToInstall(wanted, readLockfile(join(root, 'node_modules/.package-lock.json')));
  if (reason === null) return true;
  say(`Installing npm packages (${reason}); this takes about half a minute …`);
  // `npm ci` insists on a lockfile that names the binaries of every platform, also of those that a registry lacks.
  // `npm install` keeps to the same locked versions and does not mind.
  return npm(root, ['ci'], 'pipe') || npm(root, ['install', '--no-save'], 2, say);
}

/**
 * No package's own scripts are run: nothing that is needed has any, and those of browsers and Electron download.
 * @param {string} root
 * @param {readonly string[]} command
 * @param {'pipe' | 2} output where npm's own words go
 * @param {(line: string) => void} [say] told what fails
 * @returns {boolean}
 */
function npm(root, command, output, say) {
  const args = [
    ...command,
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--loglevel=error',
  ];
  const script = process.env.npm_execpath;
  const [program, first] = script?.endsWith('npm-cli.js') ? [process.execPath, [script]] : ['npm', []];
  const result = spawnSync(program, [...first, ...args], {
    cwd: root,
    stdio: ['ignore', output, output],
    env: { ...process.env, ELECTRON_SKIP_BINARY_DOWNLOAD: '1', PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1' },
  });
  if (result.status === 0) return true;
  say?.(`npm ${command[0] ?? ''} failed${result.error ? `: ${result.error.message}` : ''}.`);
  return false;
}
