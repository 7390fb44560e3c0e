#!/usr/bin/env node
// `npm run bench -- video|audio|ui …`: sets up and builds, then measures. What follows goes to the measurement.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ROOT, say, setUp } from './setup.mjs';

/**
 * By the name of what is measured: the programs, one after the other.
 * @type {Readonly<Record<string, readonly string[]>>}
 */
const BENCHES = {
  video: ['test/bench/video/bench.ts', 'test/bench/rtmp/bench.ts'],
  audio: ['test/bench/audio/bench.ts'],
  ui: ['test/bench/ui/bench.ts'],
  plane: ['test/bench/video/bench.ts'],
  relay: ['test/bench/rtmp/bench.ts'],
};

const [name = '', ...args] = process.argv.slice(2);
const benches = BENCHES[name];
if (benches === undefined || (benches.length > 1 && args.length > 0)) {
  say(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [arguments, for one program only]`);
  process.exit(2);
}
if (!setUp('test') || !ensureBuilt()) process.exit(1);
const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
for (const bench of benches) {
  const { status } = spawnSync(process.execPath, [tsx, join(ROOT, bench), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) process.exit(status ?? 1);
}
