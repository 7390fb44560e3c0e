import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  answers,
  CHOICE_MS,
  chooseHost,
  downloadHost,
  findRuntime,
  hasDisplay,
} from '../../../build/host.mjs';

type Surroundings = Parameters<typeof chooseHost>[0];

const never = () => new Promise<boolean>(() => undefined);
const desktop = (changes: Partial<Surroundings> = {}): Surroundings => ({
  wantsBrowser: false,
  display: true,
  root: false,
  findRuntime: () => null,
  canFetch: () => Promise.resolve(false),
  fetchRuntime: vi.fn(() => Promise.resolve(false)),
  ...changes,
});

describe('the host', () => {
  it('is Electron where its runtime is, without asking the network', async () => {
    const canFetch = vi.fn(never);
    expect(await chooseHost(desktop({ findRuntime: () => '/e/electron', canFetch }))).toEqual({
      host: 'electron',
      program: '/e/electron',
    });
    expect(canFetch).not.toHaveBeenCalled();
  });

  it('is Electron when it can be fetched', async () => {
    let here = false;
    const choice = await chooseHost(
      desktop({
        findRuntime: () => (here ? '/e/electron' : null),
        canFetch: () => Promise.resolve(true),
        fetchRuntime: () => Promise.resolve((here = true)),
      }),
    );
    expect(choice).toEqual({ host: 'electron', program: '/e/electron' });
  });

  it.each<[string, Partial<Surroundings>, RegExp]>([
    ['the person asked for it', { wantsBrowser: true, findRuntime: () => '/e/electron' }, /you asked/],
    ['there is no display', { display: false, findRuntime: () => '/e/electron' }, /no display/],
    ['Electron refuses root', { root: true, findRuntime: () => '/e/electron' }, /root/],
    ['the machine is offline', {}, /cannot be fetched/],
    ['the probe fails', { canFetch: () => Promise.reject(new Error('no')) }, /cannot be fetched/],
    ['the download fails', { canFetch: () => Promise.resolve(true) }, /could not be fetched/],
    [
      'the download leaves nothing usable',
      { canFetch: () => Promise.resolve(true), fetchRuntime: () => Promise.resolve(true) },
      /could not be fetched/,
    ],
  ])('is the browser when %s', async (_why, changes, reason) => {
    expect(await chooseHost(desktop(changes))).toEqual({
      host: 'browser',
      reason: expect.stringMatching(reason) as string,
    });
  });

  it('starts no download when the download host does not answer', async () => {
    const surroundings = desktop({ canFetch: never });
    await chooseHost(surroundings, { probeMs: 20 });
    expect(surroundings.fetchRuntime).not.toHaveBeenCalled();
  });

  it('is chosen in time, whatever the network does', async () => {
    const start = performance.now();
    const choice = await chooseHost(desktop({ canFetch: () => Promise.resolve(true), fetchRuntime: never }), {
      choiceMs: 100,
    });
    expect(choice).toMatchObject({
      host: 'browser',
      reason: expect.stringMatching(/still being fetched/) as string,
    });
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(CHOICE_MS).toBeLessThan(10_000);
  });
});

describe("Electron's runtime", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'crosspoint-host-'));
    mkdirSync(join(root, 'node_modules/electron/dist'), { recursive: true });
  });
  afterEach(() => rmSync(root, { recursive: true }));
  const write = (path: string, text = '') => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  };

  it('is not there after a plain installation', () => {
    expect(findRuntime(root, {})).toBeNull();
  });
  it('is there when its program and its path file are', () => {
    write('node_modules/electron/path.txt', 'electron');
    expect(findRuntime(root, {})).toBeNull();
    write('node_modules/electron/dist/electron');
    expect(findRuntime(root, {})).toBe(join(root, 'node_modules/electron/dist/electron'));
  });
  it('may be elsewhere', () => {
    write('elsewhere/electron');
    expect(findRuntime(root, { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'elsewhere') })).toBe(
      join(root, 'elsewhere/electron'),
    );
    expect(findRuntime(root, { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'nowhere') })).toBeNull();
  });
});

describe('the surroundings', () => {
  it('have a display on X11 and on Wayland', () => {
    expect(
      [{}, { DISPLAY: '' }, { DISPLAY: ':0' }, { WAYLAND_DISPLAY: 'wayland-0' }].map(hasDisplay),
    ).toEqual([false, false, true, true]);
  });
  it.each([
    [{}, 'github.com', 443],
    [{ ELECTRON_MIRROR: 'https://mirror.example/electron/' }, 'mirror.example', 443],
    [{ ELECTRON_MIRROR: 'http://mirror.example:8081/' }, 'mirror.example', 8081],
    [{ HTTPS_PROXY: 'http://proxy.example:3128' }, 'proxy.example', 3128],
    [{ ELECTRON_MIRROR: 'nonsense' }, 'github.com', 443],
  ])('fetch with %j from %s:%i', (env, host, port) => {
    expect(downloadHost(env)).toEqual({ host, port });
  });
  it('know whether a host answers', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    expect(await answers({ host: '127.0.0.1', port }, AbortSignal.timeout(5_000))).toBe(true);
    await new Promise((resolve) => server.close(resolve));
    expect(await answers({ host: '127.0.0.1', port }, AbortSignal.timeout(5_000))).toBe(false);
  });
});
