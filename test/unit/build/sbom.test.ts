import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sbom } from '../../../build/sbom.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as Parameters<typeof sbom>[0];

interface Component {
  readonly 'bom-ref': string;
  readonly group?: string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
  readonly properties: readonly { readonly value: string }[];
}
interface Sbom {
  readonly serialNumber: string;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}
const made = (shipped: Record<string, readonly string[]>): Sbom =>
  sbom(lock, new Map(Object.entries(shipped))) as unknown as Sbom;

const SHIPPED = {
  'cli.mjs': ['node_modules/fastify', 'node_modules/zod', 'node_modules/@fastify/static', 'node_modules/ws'],
  renderer: ['node_modules/zod', 'node_modules/react', 'node_modules/@mui/material'],
};

describe('the bill of materials', () => {
  test('has each package once, with all that it is part of', () => {
    const { components } = made(SHIPPED);
    expect(components.map(({ group, name }) => (group ? `${group}/${name}` : name))).toEqual([
      '@fastify/static',
      '@mui/material',
      'fastify',
      'react',
      'ws',
      'zod',
    ]);
    expect(components.at(-1)?.properties.map(({ value }) => value)).toEqual(['cli.mjs', 'renderer']);
  });

  test('is the same for the same build, and another one for another', () => {
    expect(made(SHIPPED)).toEqual(made(SHIPPED));
    const { serialNumber } = made({ ...SHIPPED, renderer: [] });
    expect(serialNumber).not.toBe(made(SHIPPED).serialNumber);
    expect(serialNumber).toMatch(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  test('knows what needs what, and points to nothing that is not there', () => {
    const { components, dependencies } = made(SHIPPED);
    const refs = new Set(components.map((component) => component['bom-ref']));
    const of = (name: string) =>
      dependencies.find(({ ref }) => ref.startsWith(`pkg:${name}@`))?.dependsOn ?? [];
    expect(
      dependencies
        .map(({ ref }) => ref)
        .slice(1)
        .sort(),
    ).toEqual([...refs].sort());
    for (const { dependsOn } of dependencies) for (const ref of dependsOn) expect(refs).toContain(ref);
    expect(of('generic/crosspoint').length).toBe(6);
  });

  test('refuses a package that the lockfile does not know', () => {
    expect(() => made({ 'cli.mjs': ['node_modules/left-over'] })).toThrow('left-over');
  });

  test('says of each package what npm itself says: address, version and hashes', () => {
    const npm = JSON.parse(
      execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
        cwd: ROOT,
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      }),
    ) as Sbom;
    const everything = Object.keys(lock.packages).filter((folder) => folder !== '');
    const theirs = new Map(npm.components.map((component) => [component.purl, component]));
    const ours = made({ everything }).components.filter(({ purl }) => theirs.has(purl));
    // Packages of other systems are in the lockfile, and not in npm's list.
    expect(ours.length).toBe(theirs.size);
    for (const { purl, version, hashes } of ours)
      expect({ purl, version, hashes }).toEqual({
        purl,
        version: theirs.get(purl)?.version,
        hashes: theirs.get(purl)?.hashes,
      });
  }, 30_000);
});
