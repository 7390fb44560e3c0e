#!/usr/bin/env node
// Bundles everything into out/, and only what is not up to date.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundledFile, noteBundled, readBundled } from './bundled.mjs';
import { sbomText } from './sbom.mjs';
import { canBuildMixer, makeMixer, MIXER_INPUTS, mixerFile } from './mixer.mjs';
import { ROOT, say, setUp } from './setup.mjs';
import { Stamps, exclusively, fingerprint } from './stamp.mjs';

export const OUT = join(ROOT, 'out');

/** @typedef {{ name: string, inputs: readonly string[], outputs: readonly string[], make: () => Promise<void> }} Target */

/** What decides about every bundle. */
const COMMON = ['package.json', 'package-lock.json', 'tsconfig.json', 'build/build.mjs', 'build/bundled.mjs'];

/**
 * What is not bundled: the runtime itself, a package that only carries a binary, and native add-ons, which ssh2 does
 * without.
 */
const EXTERNAL = ['electron', 'ffmpeg-static', '*.node'];

/** Its own bundle hides the packages in it, and their licences. @type {Readonly<Record<string, string>>} */
const ALIAS = { glob: 'glob/raw' };

/** Bundled CommonJS packages ask for these, which modules do not have. */
const COMMONJS_BANNER = [
  "import { createRequire as __createRequire } from 'node:module';",
  "import { fileURLToPath as __toPath } from 'node:url';",
  "import { dirname as __dirnameOf } from 'node:path';",
  'const require = __createRequire(import.meta.url);',
  'const __filename = __toPath(import.meta.url);',
  'const __dirname = __dirnameOf(__filename);',
].join('\n');

/** @returns {string} */
const version = () => JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')).version;

/**
 * @param {string} entry
 * @param {string} outfile
 * @param {import('esbuild').BuildOptions} options
 */
async function bundle(entry, outfile, options) {
  const { build } = await import('esbuild');
  const temporary = join(OUT, '.new', basename(outfile));
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [entry],
    outfile: temporary,
    bundle: true,
    platform: 'node',
    target: 'node20.19',
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    external: EXTERNAL,
    alias: ALIAS,
    define: { __CROSSPOINT_VERSION__: JSON.stringify(version()) },
    logLevel: 'warning',
    ...options,
    metafile: true,
  });
  const contents = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  noteBundled(
    OUT,
    basename(outfile),
    contents.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path),
  );
  // A program that is being started meanwhile sees the old bundle or the new one, never half of one.
  renameSync(`${temporary}.map`, `${outfile}.map`);
  renameSync(temporary, outfile);
}

/** @param {string} entry @param {string} output @param {import('esbuild').BuildOptions} options @returns {Target} */
const bundleTarget = (entry, output, options) => ({
  name: output,
  inputs: [...COMMON, 'electron'],
  outputs: [join(OUT, output), bundledFile(OUT, output)],
  make: () => bundle(entry, join(OUT, output), options),
});

/** @type {import('esbuild').BuildOptions} */
const MODULE = { format: 'esm', banner: { js: COMMONJS_BANNER } };

/** Marks in packages that are meant for other bundlers. */
const NOISE = new Set(['INVALID_ANNOTATION', 'MODULE_LEVEL_DIRECTIVE']);

/** @returns {Promise<void>} */
async function makeRenderer() {
  const { build } = await import('vite');
  const fresh = join(OUT, '.new/renderer');
  await build({
    configFile: join(ROOT, 'vite.config.ts'),
    logLevel: 'warn',
    plugins: [
      {
        name: 'bundled-packages',
        generateBundle(_options, bundle) {
          const chunks = Object.values(bundle).flatMap((output) =>
            output.type === 'chunk' ? Object.entries(output.modules) : [],
          );
          const kept = chunks.filter(([, { renderedLength }]) => renderedLength > 0);
          noteBundled(
            OUT,
            'renderer',
            kept.map(([path]) => path),
          );
        },
      },
    ],
    build: {
      outDir: fresh,
      emptyOutDir: true,
      rollupOptions: {
        onwarn: (warning, warn) => {
          if (!NOISE.has(warning.code ?? '')) warn(warning);
        },
      },
    },
  });
  rmSync(join(OUT, 'renderer'), { recursive: true, force: true });
  renameSync(fresh, join(OUT, 'renderer'));
}

/** @type {readonly Target[]} */
const TARGETS = [
  bundleTarget('electron/cli.ts', 'cli.mjs', MODULE),
  bundleTarget('electron/main.ts', 'main.mjs', MODULE),
  // A sandboxed preload script must be CommonJS.
  bundleTarget('electron/preload.ts', 'preload.cjs', { format: 'cjs' }),
  {
    name: 'renderer',
    inputs: [...COMMON, 'vite.config.ts', 'renderer', 'electron/contract'],
    outputs: [join(OUT, 'renderer/index.html'), bundledFile(OUT, 'renderer')],
    make: makeRenderer,
  },
  {
    // After the others: they say what is in it.
    name: 'sbom.cdx.json',
    inputs: [...COMMON, 'vite.config.ts', 'build/sbom.mjs', 'electron', 'renderer'],
    outputs: [join(OUT, 'sbom.cdx.json')],
    make: () => {
      const bundled = (/** @type {string} */ target) => readBundled(OUT, [target]);
      const targets = ['cli.mjs', 'main.mjs', 'preload.cjs', 'renderer'];
      writeFileSync(join(OUT, 'sbom.cdx.json'), sbomText(ROOT, bundled, targets));
      return Promise.resolve();
    },
  },
];

/** Only where there is a compiler: without it the sound server's loopbacks mix. @returns {readonly Target[]} */
const mixerTargets = () =>
  canBuildMixer()
    ? [
        {
          name: 'mixer',
          inputs: MIXER_INPUTS,
          outputs: [mixerFile(join(OUT, 'mixer'))],
          make: () => makeMixer(join(OUT, 'mixer')),
        },
      ]
    : [];

const stamps = new Stamps(join(OUT, '.stamp.json'));

const stale = () =>
  [...TARGETS, ...mixerTargets()]
    .map((target) => ({ target, print: fingerprint(ROOT, target.inputs) }))
    .filter(({ target, print }) => !stamps.isFresh(target.name, print, target.outputs));

/** @returns {Promise<boolean>} was there anything to do? */
async function build() {
  if (stale().length === 0) return false;
  // The tools look for their files from here.
  process.chdir(ROOT);
  return exclusively(join(OUT, '.lock'), async () => {
    // Looked at again: somebody else may have built while we waited.
    for (const { target, print } of stale()) {
      const start = performance.now();
      await target.make();
      stamps.set(target.name, print);
      say(`built out/${target.name} in ${((performance.now() - start) / 1000).toFixed(1)} s`);
    }
    rmSync(join(OUT, '.new'), { recursive: true, force: true });
    return true;
  });
}

/**
 * Brings out/ up to date, in a process of its own: the build tools shall not live on in the app's.
 * @returns {boolean} false: it failed, and said why
 */
export function ensureBuilt() {
  if (stale().length === 0) return true;
  return spawnSync(process.execPath, [import.meta.filename], { stdio: ['ignore', 2, 2] }).status === 0;
}

/** False in an installed package, which brings out/ and nothing to build it from. */
export const isCheckout = () => existsSync(join(ROOT, 'electron/cli.ts'));

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (!setUp('npm')) process.exit(1);
  if (process.argv.includes('--force')) rmSync(join(OUT, '.stamp.json'), { force: true });
  try {
    if (!(await build())) say('out/ is up to date');
  } catch (error) {
    say(`The build failed: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  }
}
