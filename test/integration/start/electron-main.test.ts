import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { electron } from '../../support/shell-electron.ts';

/**
 * What is shipped, as it was built: `out/main.mjs` runs with the real engine, and with a stand-in for Electron that tries
 * what a page could try. Electron's own side of it is only as good as Electron.
 */
const ROOT = join(import.meta.dirname, '../../..');
const REFUSED = { ok: false, error: { code: 'forbidden' } };

interface Found {
  readonly [name: string]: unknown;
  readonly start: { readonly status: number; readonly headers: Record<string, string> };
  readonly commands: Record<string, unknown>;
}
let folder: string;
let found: Found;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-main-'));
  const at = (name: string): string => join(folder, name);
  await build({
    entryPoints: [join(ROOT, 'test/support/shell-main-probe.ts')],
    outfile: at('probe.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
  });
  const url = (name: string): string => JSON.stringify(pathToFileURL(at(name)).href);
  writeFileSync(
    at('electron.mjs'),
    [
      `import { electron } from ${url('probe.mjs')};`,
      `export const { ${Object.keys(electron).join(', ')} } = electron;`,
    ].join('\n'),
  );
  writeFileSync(
    at('hooks.mjs'),
    `export const resolve = (name, context, next) => name === 'electron' ? { url: ${url('electron.mjs')}, shortCircuit: true } : next(name, context);`,
  );
  writeFileSync(at('register.mjs'), `import { register } from 'node:module'; register(${url('hooks.mjs')});`);
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [
      ...['--import', pathToFileURL(at('register.mjs')).href, join(ROOT, 'out/main.mjs')],
      ...['--state-dir', at('state'), '--http', '127.0.0.1:0', '--rtmp', '127.0.0.1:0', '--pulse', 'private'],
    ],
    {
      timeout: 45_000,
      env: {
        ...process.env,
        CROSSPOINT_PROBE_DIR: folder,
        XDG_CONFIG_HOME: at('config'),
        DBUS_SESSION_BUS_ADDRESS: '',
      },
    },
  );
  found = JSON.parse(stdout) as Found;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('the page is isolated and sandboxed, without Node and without tools', () => {
  expect(found.webPreferences).toEqual({
    preload: join(ROOT, 'out/preload.cjs'),
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    devTools: false,
  });
  expect(found.loaded).toEqual(['app://crosspoint/']);
  expect(found.everyPageSandboxed).toBe(true);
});

it('it comes from a scheme of its own that has no privilege beyond those of https', () => {
  expect(found.schemes).toEqual([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
  expect([found.escape, found.otherHost, found.post]).toMatchObject([
    { status: 404 },
    { status: 404 },
    { status: 404 },
  ]);
});

it('it may load nothing but its own files, and run no script that is not one of them', () => {
  expect(found.start.status).toBe(200);
  const policy = Object.fromEntries(
    (found.start.headers['content-security-policy'] ?? '').split('; ').map((directive) => {
      const [name = '', ...sources] = directive.split(' ');
      return [name, sources.join(' ')];
    }),
  );
  expect(policy).toEqual({
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self' 'unsafe-inline'",
    'img-src': "'self' blob: data:",
    'font-src': "'self'",
    'connect-src': "'self'",
    'base-uri': "'none'",
    'form-action': "'none'",
    'frame-ancestors': "'none'",
  });
  expect(found.network).toEqual([false, false, false, true]);
});

it('it goes nowhere else, opens no window, and gets no permission but to copy', () => {
  expect(found.navigation).toEqual([true, true, true, true]);
  expect(found.window).toEqual({ action: 'deny' });
  expect(found.permissions).toEqual([false, false, false, false, true]);
  expect([found.foreignPermission, found.devices]).toEqual([false, false]);
});

describe('the bridge', () => {
  it('hears the channels that the preload script knows, and no others', () => {
    const preload = readFileSync(join(ROOT, 'out/preload.cjs'), 'utf8');
    const known = new Set([...preload.matchAll(/"(crosspoint:[\w-]+)"/g)].map(([, name]) => name));
    // Of those that the preload script knows, two go the other way.
    const heard = [...known].filter((name) => name !== 'crosspoint:event' && name !== 'crosspoint:picture');
    expect(found.channels).toEqual(heard.sort());
  });

  it('does what its own page says when the schemas allow it', () => {
    expect(found.commands.own).toMatchObject({ ok: true });
    expect(found.commands.malformed).toMatchObject({ ok: false, error: { code: 'bad-request' } });
  });

  it.each(['foreignWindow', 'frame', 'otherPage', 'noFrame'])('refuses whoever else speaks: %s', (who) => {
    expect(found.commands[who]).toMatchObject(REFUSED);
  });

  it('gives the page a few functions and nothing of Electron', () => {
    const exposed: Record<string, Record<string, unknown>> = {};
    const asked: string[] = [];
    const context = createContext({
      module: { exports: {} },
      exports: {},
      require: (name: string) => {
        asked.push(name);
        return {
          contextBridge: {
            exposeInMainWorld: (key: string, api: Record<string, unknown>) => (exposed[key] = api),
          },
          ipcRenderer: { on: () => undefined },
        };
      },
    });
    runInContext(readFileSync(join(ROOT, 'out/preload.cjs'), 'utf8'), context);
    expect([...new Set(asked)]).toEqual(['electron']);
    expect(Object.keys(exposed)).toEqual(['crosspoint']);
    expect(Object.keys(exposed.crosspoint ?? {}).sort()).toEqual(['send', 'subscribe', 'watch']);
    expect(Object.values(exposed.crosspoint ?? {}).every((member) => typeof member === 'function')).toBe(
      true,
    );
  });
});

it('reports of crashes stay on this machine', () => {
  expect(found.crashReporter).toEqual({ uploadToServer: false });
});

it('collections of young objects free the memory of pictures: there is little room for them', () => {
  // V8 gives them 16 MB when it is left alone.
  expect(found.youngBytes).toBeLessThanOrEqual(4 * 1024 * 1024);
});
