#!/usr/bin/env node
// `npm run drill [-- MINUTES]`: random faults under the load of the demo rig, 30 minutes unless told otherwise.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, say } from './setup.mjs';

const minutes = Number(process.argv[2] ?? 30);
if (!(minutes >= 0 && minutes <= 24 * 60)) {
  say('usage: npm run drill [-- MINUTES]');
  process.exit(2);
}
const { status } = spawnSync(process.execPath, [join(ROOT, 'build/test.mjs'), '--only', 'drill'], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, CROSSPOINT_DRILL_MINUTES: String(minutes) },
});
process.exit(status ?? 1);
