import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export const ROOT = join(import.meta.dirname, '../..');
const run = promisify(execFile);

/** What a program says on stdout. @throws with all that it said, when it fails */
export async function output(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const options = { maxBuffer: 32 * 1024 * 1024, env: { ...process.env, ...env } };
    return (await run(program, [...args], options)).stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`${program} ${args.join(' ')} failed: ${stdout}${stderr}`, { cause: error });
  }
}

/** The version of the program, from package.json. */
export const version = (): string =>
  (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version;

/** Builds the package of the engine without a window, as `npm run dist:headless` does. @returns its file */
export async function buildHeadless(
  out: string,
  options: { readonly gadgets: string; readonly revision?: string },
): Promise<string> {
  const args = ['--out', out, '--gadgets', options.gadgets, '--revision', options.revision ?? '1'];
  const stdout = await output(process.execPath, [join(ROOT, 'build/dist-headless.mjs'), ...args], {
    CROSSPOINT_SETUP: 'skip',
    // The same for all packages of a run, also when somebody commits meanwhile.
    SOURCE_DATE_EPOCH: '1750000000',
  });
  return stdout.trim();
}

/** A folder for packages, and how to be rid of it. */
export function packageFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), 'crosspoint-packages-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** A control file as fields; continued lines are joined. */
export const controlFields = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .replace(/\n /g, '\n\t')
      .split(/\n(?!\t)/)
      .flatMap((line) => {
        const match = /^([^:\s]+):\s*([\s\S]*)$/.exec(line);
        return match?.[1] === undefined ? [] : [[match[1], (match[2] ?? '').replaceAll('\t', '').trim()]];
      }),
  );

/** What is in a package, by path below `/`. */
export async function contentsOf(file: string): Promise<Map<string, { mode: string; owner: string }>> {
  const lines = (await output('dpkg-deb', ['--contents', file])).trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [mode = '', owner = '', , , , path = ''] = line.split(/\s+/);
      return [path.replace(/^\.\//, ''), { mode, owner }];
    }),
  );
}

/** What @electron/fuses looks for in Electron's program: a mark, version 1, eight fuses as they are delivered. */
const FUSE_WIRE = Buffer.concat([
  Buffer.alloc(4096),
  Buffer.from('dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX'),
  Buffer.from([1, 8]),
  Buffer.from('10110001'),
  Buffer.alloc(4096),
]);

/** In the place of Electron's runtime, which cannot be fetched everywhere: a program that does nothing. @returns its folder */
export function standInRuntime(within: string): string {
  const runtime = join(within, 'runtime');
  mkdirSync(join(runtime, 'resources'), { recursive: true });
  writeFileSync(join(runtime, 'electron'), Buffer.concat([readFileSync('/bin/true'), FUSE_WIRE]));
  chmodSync(join(runtime, 'electron'), 0o755);
  writeFileSync(join(runtime, 'chrome-sandbox'), readFileSync('/bin/true'), { mode: 0o755 });
  for (const name of ['version', 'LICENSE', 'LICENSES.chromium.html'])
    writeFileSync(join(runtime, name), '0');
  return runtime;
}
