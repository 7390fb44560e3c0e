#!/usr/bin/env node
// `npm run bench -- video …`: sets up and builds, then measures. What follows goes to the measurement.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ensureBuilt } from './build.mjs';
import { ROOT, say, setUp } from './setup.mjs';

/** By the name of the plane that is measured. @type {Readonly<Record<string, string>>} */
const BENCHES = { video: 'test/bench/rtmp/bench.ts' };

const [name = '', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (bench === undefined) {
  say(`usage: npm run bench -- ${Object.keys(BENCHES).join('|')} [arguments]`);
  process.exit(2);
}
if (!setUp('test') || !ensureBuilt()) process.exit(1);
const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
const { status } = spawnSync(process.execPath, [tsx, join(ROOT, bench), ...args], {
  cwd: ROOT,
  stdio: 'inherit',
});
process.exit(status ?? 1);
