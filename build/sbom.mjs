// The software bill of materials (CycloneDX 1.5): which packages of others are in what was built. The bundlers said which
// they are, package-lock.json what they are.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * @typedef {{ version: string, resolved?: string, integrity?: string, license?: string, dependencies?: Record<string, string> }} Locked
 * @typedef {{ version: string, packages: Record<string, Locked> }} Lock
 */

/** In packages of the desktop application beside what is bundled. */
const BESIDE = ['node_modules/electron'];

const HASHES = /** @type {Record<string, string>} */ ({
  sha1: 'SHA-1',
  sha256: 'SHA-256',
  sha384: 'SHA-384',
  sha512: 'SHA-512',
});

/** @param {string} folder `node_modules/a/node_modules/@b/c` → `@b/c` */
const nameOf = (folder) => folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length);

/** Package URL: the specification wants "@" of a scope as "%40". @param {string} name @param {string} version */
const purlOf = (name, version) => `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`;

/** The package that another one means by a name: the nearest, as Node looks for it. @param {Lock} lock @param {string} from @param {string} name */
function resolve(lock, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    const place = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (place in lock.packages) return place;
    if (folder === '') return undefined;
  }
}

/** @param {string} folder @param {Locked} locked @param {readonly string[]} parts */
function component(folder, { version, resolved, integrity = '', license }, parts) {
  const name = nameOf(folder);
  const slash = name.startsWith('@') ? name.indexOf('/') : -1;
  const purl = purlOf(name, version);
  return {
    type: folder.endsWith('/electron') ? 'framework' : 'library',
    'bom-ref': purl,
    ...(slash > 0 ? { group: name.slice(0, slash) } : {}),
    name: name.slice(slash + 1),
    version,
    scope: 'required',
    hashes: integrity
      .split(' ')
      .filter(Boolean)
      .map((hash) => ({
        alg: HASHES[hash.slice(0, hash.indexOf('-'))] ?? '',
        content: Buffer.from(hash.slice(hash.indexOf('-') + 1), 'base64').toString('hex'),
      })),
    // An expression such as "(MIT OR GPL-2.0)" stands at another place than an id.
    ...(license === undefined
      ? {}
      : { licenses: [/[ (]/.test(license) ? { expression: license } : { license: { id: license } }] }),
    purl,
    ...(resolved === undefined ? {} : { externalReferences: [{ type: 'distribution', url: resolved }] }),
    properties: parts.map((part) => ({ name: 'crosspoint:part', value: part })),
  };
}

/**
 * @param {Lock} lock package-lock.json
 * @param {ReadonlyMap<string, readonly string[]>} shipped folders of packages by what they are part of (`cli.mjs`)
 * @returns {Record<string, unknown>} the same for the same input
 * @throws Error: a package is not in the lockfile
 */
export function sbom(lock, shipped) {
  /** @type {Map<string, string[]>} */ const parts = new Map();
  for (const [part, folders] of shipped)
    for (const folder of folders) parts.set(folder, [...(parts.get(folder) ?? []), part]);
  const folders = [...parts.keys()].sort();
  /** @param {string} folder */
  const locked = (folder) => {
    const found = lock.packages[folder];
    if (!found) throw new Error(`${folder} is in the build but not in package-lock.json.`);
    return found;
  };
  /** @param {string} folder */
  const ref = (folder) => purlOf(nameOf(folder), locked(folder).version);
  // The same version in two places is one component.
  const components = new Map(
    folders.map((folder) => [ref(folder), component(folder, locked(folder), parts.get(folder) ?? [])]),
  );
  const own = `pkg:generic/crosspoint@${lock.version}`;
  /** @type {Map<string, Set<string>>} */ const edges = new Map();
  const known = new Set(folders);
  for (const folder of folders) {
    const needs = edges.get(ref(folder)) ?? new Set();
    for (const name of Object.keys(locked(folder).dependencies ?? {})) {
      const target = resolve(lock, folder, name);
      if (target !== undefined && known.has(target)) needs.add(ref(target));
    }
    edges.set(ref(folder), needs);
  }
  const needed = new Set([...edges.values()].flatMap((needs) => [...needs]));
  const direct = [...components.keys()].filter(
    (name) => !needed.has(name) || isDirect(lock, components.get(name)),
  );
  const content = {
    metadata: {
      component: {
        type: 'application',
        'bom-ref': own,
        name: 'crosspoint',
        version: lock.version,
        purl: own,
      },
      licenses: [{ license: { id: 'MIT' } }],
    },
    components: [...components.values()],
    dependencies: [
      { ref: own, dependsOn: direct.sort() },
      ...[...edges].map(([from, needs]) => ({ ref: from, dependsOn: [...needs].sort() })),
    ],
  };
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.5.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.5',
    serialNumber: `urn:uuid:${uuidOf(JSON.stringify(content))}`,
    version: 1,
    ...content,
  };
}

/** @param {Lock} lock @param {{ group?: string, name: string } | undefined} part */
function isDirect(lock, part) {
  const root = /** @type {any} */ (lock.packages['']) ?? {};
  const name = part?.group === undefined ? (part?.name ?? '') : `${part.group}/${part.name}`;
  return ['dependencies', 'devDependencies', 'optionalDependencies'].some(
    (kind) => name in (root[kind] ?? {}),
  );
}

/** A version 4 UUID that is the same for the same text. @param {string} text */
function uuidOf(text) {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Of what is in `out/` now.
 * @param {string} root the checkout
 * @param {(target: string) => readonly string[]} bundled folders of packages in one thing that is built
 * @param {readonly string[]} targets
 * @returns {string}
 */
export function sbomText(root, bundled, targets) {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const shipped = new Map([
    ...targets.map((target) => /** @type {const} */ ([target, bundled(target)])),
    /** @type {const} */ (['desktop', BESIDE]),
  ]);
  return `${JSON.stringify(sbom(lock, shipped), null, 2)}\n`;
}
