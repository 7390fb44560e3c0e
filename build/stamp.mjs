// What is up to date, by the content of everything that went in.
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * @param {string} root
 * @param {readonly string[]} inputs files and folders below root; those that do not exist count as such
 * @returns {string}
 */
export function fingerprint(root, inputs) {
  const hash = createHash('sha256').update(process.versions.node);
  /** @param {string} path */
  const add = (path) => {
    const full = join(root, path);
    const stats = statSync(full, { throwIfNoEntry: false });
    // Guides that lie beside the code change nothing in what is built.
    if (path.endsWith('.md')) return;
    if (!stats) hash.update(`\0absent ${path}`);
    else if (stats.isDirectory()) for (const name of readdirSync(full).sort()) add(join(path, name));
    else hash.update(`\0${path} ${stats.size}\0`).update(readFileSync(full));
  };
  inputs.forEach(add);
  return hash.digest('hex');
}

/** The stamps of one output folder. */
export class Stamps {
  /** @type {string} */ #file;

  /** @param {string} file */
  constructor(file) {
    this.#file = file;
  }

  /** @returns {Record<string, string>} */
  #read() {
    if (!existsSync(this.#file)) return {};
    try {
      return JSON.parse(readFileSync(this.#file, 'utf8'));
    } catch {
      return {};
    }
  }

  /** @param {string} target @param {string} print @param {readonly string[]} outputs @returns {boolean} */
  isFresh(target, print, outputs) {
    return this.#read()[target] === print && outputs.every((path) => existsSync(path));
  }

  /** @param {string} target @param {string} print */
  set(target, print) {
    mkdirSync(dirname(this.#file), { recursive: true });
    const temporary = `${this.#file}.${process.pid}`;
    writeFileSync(temporary, JSON.stringify({ ...this.#read(), [target]: print }, null, 2));
    renameSync(temporary, this.#file);
  }
}

/**
 * Lets one process at a time do `work`. The lock of a process that is no more is taken over.
 * @template T
 * @param {string} lock a folder that stands for the lock
 * @param {() => Promise<T>} work
 * @param {number} [limitMs]
 * @returns {Promise<T>}
 */
export async function exclusively(lock, work, limitMs = 180_000) {
  const deadline = Date.now() + limitMs;
  while (!acquire(lock)) {
    if (Date.now() > deadline)
      throw new Error(`${lock} is held by another build; if there is none, remove it.`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { recursive: true, force: true });
  }
}

/** @param {string} lock @returns {boolean} */
function acquire(lock) {
  const owner = join(lock, String(process.pid));
  try {
    mkdirSync(dirname(lock), { recursive: true });
    mkdirSync(lock);
    writeFileSync(owner, '');
    return true;
  } catch {
    if (isAbandoned(lock)) {
      // Renamed first, so that of several who notice only one takes it away.
      const grave = `${lock}.${process.pid}`;
      try {
        renameSync(lock, grave);
        rmSync(grave, { recursive: true, force: true });
      } catch {
        // Somebody else did.
      }
    }
    return false;
  }
}

/** @param {string} lock @returns {boolean} */
function isAbandoned(lock) {
  const stats = statSync(lock, { throwIfNoEntry: false });
  if (!stats) return false;
  const pids = readdirSync(lock).map(Number);
  if (pids.length === 0) return Date.now() - stats.mtimeMs > 5_000;
  return !pids.some(isAlive);
}

/** @param {number} pid @returns {boolean} */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
