// Which npm packages went into what is built. The bundlers tell; nothing is guessed from package.json.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = 'bundled';

/**
 * @param {string} path of a module, as a bundler names it
 * @returns {string | null} the folder of its package below the checkout; null: it is our own
 */
export function packageFolderOf(path) {
  const clean = path.replaceAll('\\', '/').replace(/^\0/, '').replace(/\?.*$/, '');
  const inside = clean.slice(Math.max(0, clean.search(/(?<=^|\/)node_modules\//)));
  const match = /^(node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+)\//.exec(inside);
  return match?.[1] ?? null;
}

/**
 * @param {string} out the build's folder
 * @param {string} target what was built
 * @param {readonly string[]} modules paths of those that left at least a byte in it
 */
export function noteBundled(out, target, modules) {
  const folders = new Set(modules.map(packageFolderOf).filter((folder) => folder !== null));
  mkdirSync(join(out, FOLDER), { recursive: true });
  writeFileSync(bundledFile(out, target), `${JSON.stringify([...folders].sort(), null, 2)}\n`);
}

/** @param {string} out @param {string} target */
export const bundledFile = (out, target) => join(out, FOLDER, `${target}.json`);

/** @param {string} out @param {readonly string[]} targets @returns {string[]} folders of packages, each once */
export const readBundled = (out, targets) =>
  [
    ...new Set(
      targets.flatMap(
        (target) => /** @type {string[]} */ (JSON.parse(readFileSync(bundledFile(out, target), 'utf8'))),
      ),
    ),
  ].sort();
