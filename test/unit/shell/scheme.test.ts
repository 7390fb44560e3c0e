import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { CONTENT_SECURITY_POLICY } from '../../../electron/shell/policy.ts';
import { registerScheme, respond } from '../../../electron/shell/scheme.ts';
import { RIG } from '../../support/engine-model.ts';
import { engineOn } from '../../support/engine-rig.ts';
import { electronState, resetElectron } from '../../support/shell-electron.ts';

vi.mock('electron', async () => (await import('../../support/shell-electron.ts')).electron);

let folder: string;
let rig: Awaited<ReturnType<typeof engineOn>>;

beforeEach(async () => {
  resetElectron();
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-scheme-'));
  mkdirSync(join(folder, 'renderer/assets'), { recursive: true });
  writeFileSync(join(folder, 'renderer/index.html'), '<title>Crosspoint</title>');
  writeFileSync(join(folder, 'renderer/assets/main.js'), 'export {}');
  writeFileSync(join(folder, 'secret.js'), 'PLANTED');
  rig = await engineOn(RIG);
});
afterEach(async () => {
  await rig.dispose();
  rmSync(folder, { recursive: true });
});

const get = (path: string, init: RequestInit = {}) => ask(`app://crosspoint${path}`, init);
const ask = (url: string, init: RequestInit = {}) =>
  respond(new Request(url, init), {
    engine: rig.engine,
    diagnostics: () => Promise.resolve(new Uint8Array([80, 75, 5, 6])),
    rendererDir: join(folder, 'renderer'),
    log: silentLogger,
  });

it('the scheme has the rights of a secure origin of its own', () => {
  registerScheme();
  expect(electronState.schemes).toEqual([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
});

describe('files', () => {
  it('are served with their type and the policy', async () => {
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(await page.text()).toContain('Crosspoint');
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    expect((await get('/assets/main.js')).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
  });

  it.each([
    '/%2e%2e%2fsecret.js',
    '/..%2fsecret.js',
    '/assets/..%2f..%2fsecret.js',
    '/%5c..%5csecret.js',
    '/%00.js',
    '/%ff.js',
    '/assets',
    '/nothing.js',
    '/../../secret.js',
  ])('outside of the renderer or not there: %s is 404', async (path) => {
    const response = await get(path);
    expect(response.status).toBe(404);
    expect(await response.text()).not.toContain('PLANTED');
    expect(response.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  });

  it('nothing is written through it, and no other host is served', async () => {
    expect((await get('/', { method: 'POST' })).status).toBe(404);
    expect((await ask('app://elsewhere/')).status).toBe(404);
  });
});

describe('pictures', () => {
  it('the newest picture of a camera, then nobody follows it any more', async () => {
    const response = get('/api/video/cam:front.jpg');
    await vi.waitFor(() => expect(rig.video.followers.has('cam:front')).toBe(true));
    rig.video.followers.get('cam:front')?.(new Uint8Array([0xff, 0xd8, 1]));
    expect(new Uint8Array(await (await response).arrayBuffer())).toEqual(new Uint8Array([0xff, 0xd8, 1]));
    expect((await response).headers.get('content-type')).toBe('image/jpeg');
    expect(rig.video.followers.size).toBe(0);
  });

  it('a live stream gives the newest picture when the reader is slow, and ends with it', async () => {
    const response = await get('/api/video/desk.webcam.mjpg');
    const reader = response.body!.getReader();
    const show = rig.video.followers.get('desk.webcam')!;
    for (const byte of [1, 2, 3]) show(new Uint8Array([byte]));
    const read = async () => Buffer.from((await reader.read()).value!).toString('latin1');
    expect(await read()).toMatch(
      /^--crosspoint-frame\r\nContent-Type: image\/jpeg\r\nContent-Length: 1\r\n\r\n\x01\r\n$/,
    );
    expect(await read()).toMatch(/\x03\r\n$/);
    await reader.cancel();
    expect(rig.video.followers.size).toBe(0);
  });

  it.each([
    ['/api/video/cam:nobody.jpg', 404],
    ['/api/video/cam:nobody.mjpg', 404],
    ['/api/video/mic:desk.jpg', 400],
    ['/api/video/cam:front.png', 404],
    ['/api/state', 404],
  ])('%s is %i', async (path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  it('an abandoned request leaves nothing behind', async () => {
    const abort = new AbortController();
    const response = get('/api/video/cam:front.jpg', { signal: abort.signal });
    await vi.waitFor(() => expect(rig.video.followers.size).toBe(1));
    abort.abort();
    expect((await response).status).toBe(503);
    expect(rig.video.followers.size).toBe(0);
  });
});

it('the diagnostics are a zip, made when they are asked for', async () => {
  const response = await get('/api/diagnostics');
  expect(response.headers.get('content-type')).toBe('application/zip');
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([80, 75, 5, 6]);
});
