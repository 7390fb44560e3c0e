#!/usr/bin/env node
// `npm run dist`: packs the desktop application into dist/. Needs Electron's runtime, or its download host.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ROOT, say, setUp } from './setup.mjs';

if (!setUp('npm') || !ensureBuilt()) process.exit(1);
// What the app installs on its gadgets.
const { status: packed } = spawnSync(
  join(ROOT, 'native/gadget/deb.sh'),
  ['arm64', join(ROOT, 'native/gadget/build')],
  { stdio: ['ignore', 'ignore', 'inherit'] },
);
if (packed !== 0)
  say("The gadget's package is not up to date: this app sets up gadgets with an older one, or none.");
const builder = [
  join(ROOT, 'node_modules/electron-builder/cli.js'),
  ...['--config', 'build/electron-builder.config.mjs', '--publish', 'never'],
];
const { status } = spawnSync(process.execPath, [...builder, ...process.argv.slice(2)], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.exit(status ?? 1);
