import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CrosspointError, EMPTY_CONFIG, EMPTY_STATUS } from '../../../../electron/contract/index.ts';
import { checkEngine } from '../../../../electron/engine/doctor/engine-checks.ts';
import {
  checkClock,
  checkDisk,
  checkFirewall,
  checkPort,
  checkTray,
} from '../../../../electron/engine/doctor/system-checks.ts';
import { checkCameras, checkFfmpeg } from '../../../../electron/engine/doctor/video-checks.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crosspoint-doctor-'));
});
afterEach(() => rm(directory, { recursive: true }));

const ALL = {
  path: '/usr/bin/ffmpeg',
  version: '6.1',
  hasFpsMode: true,
  decoders: new Set(['hevc']),
  encoders: new Set(['libx264']),
  filters: new Set<string>(),
  devices: new Set(['v4l2', 'x11grab']),
};

describe('the doctor', () => {
  it('tells which ffmpeg there is, and what cannot be done without its missing parts', async () => {
    expect(await checkFfmpeg(() => Promise.resolve(ALL))).toMatchObject({
      state: 'ok',
      detail: '/usr/bin/ffmpeg, version 6.1',
    });
    expect(await checkFfmpeg(() => Promise.resolve({ ...ALL, devices: new Set(['v4l2']) }))).toMatchObject({
      state: 'warning',
      detail: expect.stringContaining('without x11grab') as string,
      hint: expect.stringContaining('screens') as string,
    });
    const none = () =>
      Promise.reject(new CrosspointError('unavailable', 'ffmpeg was not found.', { hint: 'Install it.' }));
    expect(await checkFfmpeg(none)).toMatchObject({ state: 'failed', hint: 'Install it.' });
  });

  it('counts cameras that can be opened', async () => {
    expect(await checkCameras(directory)).toMatchObject([{ state: 'info' }]);
    for (const name of ['video0', 'video1', 'vcs']) await writeFile(join(directory, name), '');
    const [cameras] = await checkCameras(directory);
    expect(cameras).toMatchObject({ state: 'ok', detail: '2 video devices, all can be opened.' });
  });

  it('tells a port that is taken from one that is free, and from our own', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await checkPort('RTMP', port, undefined)).toMatchObject({
      state: 'failed',
      hint: expect.stringContaining('--rtmp') as string,
    });
    expect(await checkPort('RTMP', port, 'rtmp://127.0.0.1:1')).toMatchObject({ state: 'ok' });
    server.close();
    await once(server, 'close');
    expect(await checkPort('RTMP', port, undefined)).toMatchObject({ state: 'ok' });
  });

  it('looks for room where the state will be, also before it is there', async () => {
    expect(await checkDisk(join(directory, 'not', 'yet'))).toMatchObject({ state: 'ok' });
  });

  it('says when no state can be kept there', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    expect(await checkDisk(join(file, 'state'))).toMatchObject({
      state: 'failed',
      hint: expect.any(String) as string,
    });
  });

  it('knows a firewall that is on', async () => {
    const config = join(directory, 'ufw.conf');
    await writeFile(config, 'ENABLED=yes\nLOGLEVEL=low\n');
    expect(await checkFirewall(config)).toMatchObject({
      state: 'warning',
      detail: expect.stringMatching(/ufw is on/) as string,
    });
  });

  it('doubts a clock of long ago', async () => {
    expect(await checkClock(0)).toMatchObject({
      state: 'failed',
      detail: 'The clock says 1970-01-01T00:00:00.000Z.',
    });
  });

  it('expects no tray without a display', async () => {
    expect(await checkTray({})).toMatchObject({
      state: 'info',
      detail: expect.stringMatching(/no display/) as string,
    });
  });

  it('passes on what the engine complains about, and which gadgets are away', () => {
    const findings = checkEngine({
      revision: 1,
      config: {
        ...EMPTY_CONFIG,
        gadgets: [{ id: 'desk' as never, label: 'Desk', host: null, port: 22, user: 'pi', mixMinus: true }],
      },
      status: {
        ...EMPTY_STATUS,
        services: {
          ...EMPTY_STATUS.services,
          sound: { state: 'ready', mixer: 'loopbacks', reason: 'Crosspoint’s own mixer cannot be used.' },
        },
        gadgets: { desk: { video: 'connected', audio: 'offline' } },
        problems: [{ id: 'save', severity: 'error', message: 'The disk is full.', hint: 'Make room.' }],
      },
    });
    expect(findings).toMatchObject([
      {
        id: 'mixer',
        state: 'warning',
        detail: 'Loopbacks of the sound server mix. Crosspoint’s own mixer cannot be used.',
      },
      {
        id: 'gadget:desk',
        state: 'warning',
        detail: 'Not connected: audio.',
        hint: expect.stringMatching(/--audio-listen/) as string,
      },
      { id: 'problem:save', state: 'failed', hint: 'Make room.' },
    ]);
  });
});
