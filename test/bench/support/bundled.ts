import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buildSync } from 'esbuild';

const made = new Map<string, string>();
let directory: string | undefined;

/** A TypeScript program as one file for plain Node, as Crosspoint is shipped: a loader's helpers would be measured too. */
export function bundled(file: string): string {
  const known = made.get(file);
  if (known !== undefined) return known;
  if (directory === undefined) {
    const created = mkdtempSync(path.join(tmpdir(), 'crosspoint-bench-js-'));
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
    directory = created;
  }
  const outfile = path.join(directory, `${made.size}.mjs`);
  buildSync({
    entryPoints: [file],
    ...{ outfile, bundle: true, platform: 'node', format: 'esm', target: 'node20', logLevel: 'error' },
    // Packages in the older form of modules ask for what they need.
    banner: {
      js: "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);",
    },
  });
  made.set(file, outfile);
  return outfile;
}
