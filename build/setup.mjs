#!/usr/bin/env node
// Makes a fresh machine ready. Runs before anything is installed: Node's own modules only.
// Everything that it says goes to stderr: stdout belongs to the command that it prepares.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { installNpmPackages } from './npm-packages.mjs';
import { installSystemPackages, isPurpose, SECTIONS } from './system-packages.mjs';

export const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} line */
export const say = (line) => void process.stderr.write(`${line}\n`);

/**
 * @param {string} version what runs, e.g. `20.20.2`
 * @param {string} range what is needed, e.g. `>=20.19`
 * @returns {boolean}
 */
export function isNewEnough(version, range) {
  const numbers = (/** @type {string} */ text) => (text.match(/\d+/g) ?? []).slice(0, 3).map(Number);
  const [have, need] = [numbers(version), numbers(range)];
  for (let i = 0; i < 3; i++) {
    const difference = (have[i] ?? 0) - (need[i] ?? 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}

/**
 * Does nothing, and quickly, when nothing is missing.
 * @param {'npm' | import('./system-packages.mjs').Purpose} purpose `npm`: only what builds and checks; `run`: also what the app needs of the system
 * @returns {boolean} false: something is missing, and the person was told what to do
 */
export function setUp(purpose) {
  const { engines } = JSON.parse(readFileSync(`${ROOT}/package.json`, 'utf8'));
  if (!isNewEnough(process.versions.node, engines.node)) {
    say(`Crosspoint needs Node.js ${engines.node}; this is ${process.versions.node} (${process.execPath}).`);
    say('Get a newer one from https://nodejs.org or your system, then try again.');
    return false;
  }
  // For packagers, and machines that are prepared in another way.
  if (process.env.CROSSPOINT_SETUP === 'skip') return true;
  if (!installNpmPackages(ROOT, say)) return false;
  return purpose === 'npm' || installSystemPackages(purpose, say);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const purpose = process.argv[2] ?? 'run';
  if (purpose !== 'npm' && !isPurpose(purpose)) {
    say(`usage: node build/setup.mjs [npm|${Object.keys(SECTIONS).join('|')}]`);
    process.exit(2);
  }
  process.exit(setUp(purpose) ? 0 : 1);
}
