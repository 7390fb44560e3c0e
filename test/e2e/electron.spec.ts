import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron as electron, type ElectronApplication, expect, test } from '@playwright/test';
import { findRuntime, hasDisplay, NOT_AVAILABLE } from '../../build/host.mjs';

const ROOT = join(import.meta.dirname, '../..');
const runtime = findRuntime(ROOT, process.env);

/** A display of our own, where there is none. */
function startDisplay(): Promise<{ name: string; server: ChildProcess }> {
  return new Promise((resolve, reject) => {
    const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    });
    server.once('error', reject);
    server.once('exit', (code) => reject(new Error(`Xvfb ended with ${code ?? 'a signal'}`)));
    server.stdio[3]?.once('data', (data: Buffer) => resolve({ name: `:${data.toString().trim()}`, server }));
  });
}

test.describe('Crosspoint in Electron', () => {
  test.skip(runtime === null, NOT_AVAILABLE);

  let folder: string;
  let app: ElectronApplication;
  let display: Awaited<ReturnType<typeof startDisplay>> | undefined;

  test.beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crosspoint-electron-'));
    for (const name of ['home', 'config', 'runtime']) mkdirSync(join(folder, name), { mode: 0o700 });
    if (!hasDisplay(process.env)) display = await startDisplay();
    app = await electron.launch({
      executablePath: runtime ?? '',
      args: [
        ROOT,
        ...['--state-dir', join(folder, 'state'), '--http', '127.0.0.1:0', '--rtmp', '127.0.0.1:0'],
        ...['--pulse', 'private', '--demo'],
      ],
      env: {
        ...(process.env as Record<string, string>),
        HOME: join(folder, 'home'),
        XDG_CONFIG_HOME: join(folder, 'config'),
        XDG_RUNTIME_DIR: join(folder, 'runtime'),
        ...(display ? { DISPLAY: display.name } : {}),
      },
    });
  });

  test.afterEach(async () => {
    await app.close().catch(() => undefined);
    display?.server.kill('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  });

  test('opens the matrix of the demo rig in a sandboxed page', async () => {
    const page = await app.firstWindow();
    await expect(page.getByRole('grid').first()).toBeVisible();
    expect(page.url()).toBe('app://crosspoint/');
    const globals = await page.evaluate(() => ({
      bridge: typeof Reflect.get(window, 'crosspoint'),
      node: [typeof Reflect.get(window, 'require'), typeof Reflect.get(window, 'process')],
    }));
    expect(globals).toEqual({ bridge: 'object', node: ['undefined', 'undefined'] });
    const preferences = await app.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents;
      return (contents as unknown as { getLastWebPreferences: () => object }).getLastWebPreferences();
    });
    expect(preferences).toMatchObject({ contextIsolation: true, sandbox: true, nodeIntegration: false });
  });

  test('carries out commands of the page and refuses malformed ones', async () => {
    const page = await app.firstWindow();
    const send = (command: object) =>
      page.evaluate(async (sent) => {
        const bridge = Reflect.get(window, 'crosspoint') as { send: (commands: unknown) => Promise<object> };
        return bridge.send(sent);
      }, command);
    expect(await send({ type: 'mute', id: 'microphones' })).toMatchObject({ ok: true });
    expect(await send({ type: 'format-disk' })).toMatchObject({
      ok: false,
      error: { code: 'unknown-command' },
    });
  });

  test('stays on its own page, and loads nothing from the network', async () => {
    const page = await app.firstWindow();
    await expect(page.getByRole('grid').first()).toBeVisible();
    expect(await page.evaluate(() => window.open('https://example.org/') === null)).toBe(true);
    await page.evaluate(() => window.location.assign('https://example.org/'));
    const reached = await page.evaluate(() =>
      fetch('https://example.org/').then(
        () => true,
        () => false,
      ),
    );
    expect(reached).toBe(false);
    expect(page.url()).toBe('app://crosspoint/');
    expect(app.windows()).toHaveLength(1);
  });

  test('ends cleanly within 3 s when it is told to', async () => {
    await app.firstWindow();
    const start = Date.now();
    const ended = new Promise<number | null>((resolve) => app.process().once('exit', resolve));
    await app.evaluate(({ app: own }) => own.quit());
    expect(await ended).toBe(0);
    expect(Date.now() - start).toBeLessThan(3_000);
  });
});
