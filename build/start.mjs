#!/usr/bin/env node
// `npm start`: makes the machine ready, builds, and opens Crosspoint in Electron or in the browser.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OUT, ensureBuilt } from './build.mjs';
import { ENGINE_FLAGS } from './engine-flags.mjs';
import { answers, chooseHost, downloadHost, findRuntime, hasDisplay } from './host.mjs';
import { ROOT, say, setUp } from './setup.mjs';
import { findBrowser, findProgram } from './system-packages.mjs';

const args = process.argv.slice(2);
/** @param {string} flag @returns {boolean} was it there? It is ours: nobody else sees it. */
const take = (flag) => {
  const at = args.indexOf(flag);
  if (at >= 0) args.splice(at, 1);
  return at >= 0;
};
const wantsBrowser = take('--browser');
const wantsQuiet = take('--no-open');

if (!setUp('run') || !ensureBuilt()) process.exit(1);

/** What we started, to be ended with us. @type {Set<import('node:child_process').ChildProcess>} */
const children = new Set();
const life = { stopping: false };

/** @param {string} program @param {readonly string[]} programArgs @param {import('node:child_process').SpawnOptions} options */
function start(program, programArgs, options) {
  const child = spawn(program, programArgs, { cwd: ROOT, ...options });
  children.add(child);
  child.once('close', () => children.delete(child));
  return child;
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => {
    // At a terminal the children have Ctrl+C from there already; the app takes a second signal as the first.
    life.stopping = true;
    for (const child of children) child.kill('SIGTERM');
  });
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @returns {Promise<{ code: number, signal: NodeJS.Signals | null }>}
 */
const ended = (child) =>
  new Promise((resolve) => {
    child.once('error', (error) => {
      say(error.message);
      resolve({ code: 127, signal: null });
    });
    child.once('close', (code, signal) => resolve({ code: code ?? 1, signal }));
  });

/** Goes on behind the browser host when it takes longer than the choice may. @returns {Promise<boolean>} */
async function fetchRuntime() {
  say("Fetching Electron's runtime, once …");
  const installer = start(process.execPath, [join(ROOT, 'node_modules/electron/install.js')], {
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  return (await ended(installer)).code === 0;
}

/** @param {string} program @returns {Promise<number | null>} exit code; null: it cannot run here */
async function runElectron(program) {
  const begin = performance.now();
  const { code, signal } = await ended(start(program, [ROOT, ...args], { stdio: 'inherit' }));
  const failedAtOnce = performance.now() - begin < 3_000 && (code !== 0 || signal !== null);
  return failedAtOnce && !life.stopping ? null : code;
}

/** @returns {Promise<number>} exit code */
async function runServer() {
  // These are for windows only.
  const serverArgs = args.filter((arg) => arg !== '--no-sandbox' && arg !== '--hidden');
  // Who starts it here wants to read the address, not the log.
  if (!args.some((arg) => arg.startsWith('--log-level'))) serverArgs.push('--log-level', 'warn');
  const server = start(process.execPath, [...ENGINE_FLAGS, join(OUT, 'cli.mjs'), 'serve', ...serverArgs], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (server.stdout) {
    createInterface({ input: server.stdout }).once('line', (line) => {
      const address = addressOf(line);
      if (address) open(address);
      else say(line);
    });
  }
  const { code } = await ended(server);
  return life.stopping ? 0 : code;
}

/** @param {string} line the ready line @returns {string | null} */
function addressOf(line) {
  try {
    const { http } = JSON.parse(line);
    return typeof http === 'string' ? http : null;
  } catch {
    return null;
  }
}

/** @param {string} address */
function open(address) {
  say(`Crosspoint is at ${address} (Ctrl+C ends it)`);
  if (wantsQuiet || !hasDisplay(process.env)) return;
  const xdgOpen = findProgram('xdg-open');
  const chromium = findBrowser();
  const browser = xdgOpen ? [xdgOpen, address] : chromium ? [chromium, `--app=${address}`] : null;
  if (!browser) return;
  const [program = '', ...rest] = browser;
  // The browser is the person's own: it stays when we end.
  const child = spawn(program, rest, { stdio: 'ignore', detached: true });
  child.on('error', () => say(`Please open ${address} in your browser.`));
  child.on('exit', (code) => {
    if (code !== 0 && !life.stopping) say(`Please open ${address} in your browser.`);
  });
  child.unref();
}

const choice = await chooseHost({
  wantsBrowser,
  display: hasDisplay(process.env),
  root: process.getuid?.() === 0 && !args.includes('--no-sandbox'),
  findRuntime: () => findRuntime(ROOT, process.env),
  canFetch: (signal) => answers(downloadHost(process.env), signal),
  fetchRuntime,
});

/** @type {number | null} */ let code = null;
let reason = choice.host === 'browser' ? choice.reason : 'Electron cannot run here';
if (choice.host === 'electron') code = await runElectron(choice.program);
if (code === null) {
  if (!life.stopping) {
    say(`Crosspoint runs in the browser: ${reason}.`);
    code = await runServer();
  } else code = 0;
}
for (const child of children) child.kill('SIGTERM');
process.exitCode = code;
