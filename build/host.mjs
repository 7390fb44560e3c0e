// Which host shows the user interface: Electron's window, or the system's browser.
import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';

/**
 * @typedef {{ host: 'electron', program: string } | { host: 'browser', reason: string }} Choice
 *
 * @typedef {object} Surroundings what the choice depends on
 * @property {boolean} wantsBrowser the person asked for it
 * @property {boolean} display is there a screen to open a window on?
 * @property {boolean} root Electron's sandbox refuses to run as root
 * @property {() => string | null} findRuntime path of Electron's program, when it is here and whole
 * @property {(signal: AbortSignal) => Promise<boolean>} canFetch does the download host answer?
 * @property {() => Promise<boolean>} fetchRuntime resolves when it is here (true) or failed
 */

export const NOT_AVAILABLE = 'Electron runtime not available';

/** How long the download host has to answer, and how long the whole choice may take, in ms. */
export const PROBE_MS = 3_000;
export const CHOICE_MS = 9_000;

/**
 * @param {Surroundings} surroundings
 * @param {{ probeMs?: number, choiceMs?: number }} [limits]
 * @returns {Promise<Choice>} within `choiceMs`, whatever the network does
 */
export async function chooseHost(surroundings, { probeMs = PROBE_MS, choiceMs = CHOICE_MS } = {}) {
  /** @param {string} reason @returns {Choice} */
  const browser = (reason) => ({ host: 'browser', reason });
  const start = performance.now();
  if (surroundings.wantsBrowser) return browser('as you asked');
  if (!surroundings.display) return browser('there is no display for a window');
  if (surroundings.root) return browser('Electron does not run as root');
  const program = surroundings.findRuntime();
  if (program) return { host: 'electron', program };

  const reachable = await settle(surroundings.canFetch(AbortSignal.timeout(probeMs)), probeMs);
  if (reachable !== true) return browser('Electron is not installed here and cannot be fetched now');
  const fetched = await settle(surroundings.fetchRuntime(), choiceMs - (performance.now() - start));
  if (fetched === undefined) return browser('Electron is still being fetched, for the next start');
  const found = fetched ? surroundings.findRuntime() : null;
  return found ? { host: 'electron', program: found } : browser('Electron could not be fetched');
}

/**
 * @param {Promise<boolean>} promise
 * @param {number} limitMs
 * @returns {Promise<boolean | undefined>} undefined: it was not settled in time; a rejection counts as false
 */
async function settle(promise, limitMs) {
  /** @type {NodeJS.Timeout | undefined} */ let timer;
  /** @type {Promise<undefined>} */
  const late = new Promise((resolve) => {
    timer = setTimeout(() => resolve(undefined), Math.max(0, limitMs));
  });
  try {
    return await Promise.race([promise.catch(() => false), late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Never by `require('electron')`: that starts a download.
 * @param {string} root the checkout
 * @param {NodeJS.ProcessEnv} env
 * @returns {string | null}
 */
export function findRuntime(root, env) {
  const folder = join(root, 'node_modules/electron');
  const pathFile = join(folder, 'path.txt');
  const name = existsSync(pathFile) ? readFileSync(pathFile, 'utf8').trim() : null;
  const program = env.ELECTRON_OVERRIDE_DIST_PATH
    ? join(env.ELECTRON_OVERRIDE_DIST_PATH, name ?? 'electron')
    : name && join(folder, 'dist', name);
  return program && existsSync(program) ? program : null;
}

/** @param {NodeJS.ProcessEnv} env @returns {boolean} */
export const hasDisplay = (env) => Boolean(env.DISPLAY) || Boolean(env.WAYLAND_DISPLAY);

/** @param {NodeJS.ProcessEnv} env @returns {{ host: string, port: number }} where Electron's runtime comes from */
export function downloadHost(env) {
  const mirror = env.ELECTRON_MIRROR ?? env.npm_config_electron_mirror ?? '';
  // Behind a proxy the proxy is what must answer.
  const text = env.HTTPS_PROXY ?? env.https_proxy ?? (mirror === '' ? 'https://github.com' : mirror);
  try {
    const url = new URL(text);
    return { host: url.hostname, port: Number(url.port) || (url.protocol === 'http:' ? 80 : 443) };
  } catch {
    return { host: 'github.com', port: 443 };
  }
}

/** @param {{ host: string, port: number }} address @param {AbortSignal} signal @returns {Promise<boolean>} */
export function answers(address, signal) {
  return new Promise((resolve) => {
    const socket = connect(address);
    /** @param {boolean} answer */
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    signal.addEventListener('abort', () => done(false), { once: true });
    socket.once('connect', () => done(true)).once('error', () => done(false));
  });
}
