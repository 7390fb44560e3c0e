import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const ROOT = join(import.meta.dirname, '../../..');

let folder: string;
let running: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-start-'));
  for (const name of ['home', 'runtime', 'electron']) mkdirSync(join(folder, name), { mode: 0o700 });
});
afterEach(async () => {
  if (running?.exitCode === null && running.signalCode === null) {
    const gone = new Promise((resolve) => running?.once('exit', resolve));
    running.kill('SIGTERM');
    await gone;
  }
  rmSync(folder, { recursive: true, force: true });
});

/** A program of build/ on a machine of its own; what it says is gathered. */
function run(program: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !['DISPLAY', 'WAYLAND_DISPLAY'].includes(name),
  );
  const child = spawn(process.execPath, [join(ROOT, 'build', program), ...args], {
    // Somewhere else: nothing may depend on the folder that one is in.
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...Object.fromEntries(inherited),
      HOME: join(folder, 'home'),
      XDG_RUNTIME_DIR: join(folder, 'runtime'),
      XDG_STATE_HOME: '',
      ...env,
    },
  });
  running = child;
  const said = { out: '', err: '' };
  child.stdout.on('data', (data: Buffer) => (said.out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (said.err += data.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const find = (stream: 'out' | 'err', pattern: RegExp) =>
    vi.waitFor(
      () => {
        const match = pattern.exec(said[stream]);
        if (!match) throw new Error(`not said within 40 s: ${String(pattern)}\n${said.err}`);
        return match;
      },
      { timeout: 40_000, interval: 50 },
    );
  return { child, said, ended, find };
}

const PRIVATE = ['--http', '127.0.0.1:0', '--rtmp', '127.0.0.1:0', '--pulse', 'private'];
const privately = () => [...PRIVATE, '--state-dir', join(folder, 'state')];

describe('npm start', () => {
  it('without a display says so in one line, serves the pages and ends with Ctrl+C', async () => {
    const { child, said, ended, find } = run('start.mjs', [...privately(), '--demo']);
    const [, address = ''] = await find('err', /Crosspoint is at (http:\S+)/);
    expect(said.err).toMatch(/^Crosspoint runs in the browser: there is no display for a window\.$/m);
    const page = await fetch(address);
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('<title>Crosspoint</title>');
    const state = (await (await fetch(`${address}/api/state`)).json()) as { status: { demo: boolean } };
    expect(state.status.demo).toBe(true);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    await expect(fetch(`${address}/healthz`)).rejects.toThrow();
  });

  it('ends with 1 when the engine cannot start', async () => {
    const { said, ended } = run('start.mjs', [...privately(), '--http', '0.0.0.0:0']);
    expect(await ended).toBe(1);
    expect(said.err).toContain('needs a token');
    expect(said.err).not.toContain('Crosspoint is at');
  });

  describe('with a runtime of Electron', () => {
    const runtime = (script: string) => {
      const program = join(folder, 'electron/electron');
      writeFileSync(program, `#!/bin/sh\n${script}\n`);
      chmodSync(program, 0o755);
      return { ELECTRON_OVERRIDE_DIST_PATH: join(folder, 'electron'), DISPLAY: ':4242' };
    };

    it('opens the app in it, with what was asked for', async () => {
      const env = runtime(`echo "$@" > ${join(folder, 'args')}; exit 0`);
      const { ended } = run('start.mjs', ['--demo', '--no-sandbox'], env);
      expect(await ended).toBe(0);
      expect(readFileSync(join(folder, 'args'), 'utf8')).toBe(`${ROOT} --demo --no-sandbox\n`);
    });

    it('that cannot run here goes on in the browser', async () => {
      const env = runtime('echo "error while loading shared libraries" >&2; exit 127');
      const { child, said, ended, find } = run(
        'start.mjs',
        [...privately(), '--no-open', '--no-sandbox'],
        env,
      );
      await find('err', /Crosspoint is at http/);
      expect(said.err).toMatch(/^Crosspoint runs in the browser: Electron cannot run here\.$/m);
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    });
  });
});

describe('the command line of a checkout', () => {
  it('prints the ready line, and nothing else, on stdout; signals reach the engine', async () => {
    const { child, said, ended, find } = run('crosspoint.mjs', ['serve', ...privately()]);
    await find('out', /\n/);
    const ready = JSON.parse(said.out) as { ready: boolean; version: string };
    expect(ready).toMatchObject({
      ready: true,
      version: (JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string }).version,
    });
    const start = Date.now();
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(Date.now() - start).toBeLessThan(3_000);
    expect(said.out.trim().split('\n')).toHaveLength(1);
  });

  it('ends with 2 when it is used wrongly', async () => {
    expect(await run('crosspoint.mjs', ['dance']).ended).toBe(2);
  });
});
