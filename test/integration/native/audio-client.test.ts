import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { FLAVOURS, startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';
import { eventually } from '../../support/pulse-wait.ts';

const GADGET = fileURLToPath(new URL('../../../native/gadget', import.meta.url));

/** crosspoint-audio as it is, on this machine, without a card: the project's mixer on the other side. */
describe.each(FLAVOURS)('crosspoint-audio and the mixer on %s', (flavour) => {
  let directory: string;
  let daemon: TestDaemon;
  let rig: TestPlane;
  let program: ChildProcess | undefined;
  let log = '';

  beforeAll(() => {
    execFileSync('make', ['-s', '-C', GADGET, 'build/native/crosspoint-audio'], { stdio: 'pipe' });
  }, 120_000);
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crosspoint-audio-'));
    daemon = await startTestDaemon(flavour);
    rig = await startPlane({ server: daemon.address, listen: { host: '127.0.0.1', port: 0, allow: [] } });
    rig.plane.apply(desire({ gadgets: ['desk'], mics: {}, speakers: {}, routes: {} }));
    await rig.until('it listens', ({ listening }) => listening?.state === 'ready', 20_000);
    log = '';
  });
  afterEach(async () => {
    await end('SIGKILL');
    await rig.dispose();
    await daemon.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  async function end(signal: NodeJS.Signals): Promise<number | null> {
    if (program?.exitCode !== null || program.signalCode !== null) return null;
    const exit = once(program, 'exit');
    program.kill(signal);
    await exit;
    return program.exitCode;
  }

  async function start(cookie?: Uint8Array): Promise<void> {
    const access = rig.plane.gadgetAccess()!;
    const lines = {
      pulse_server: access.address,
      pulse_cookie: join(directory, 'cookie'),
      pulse_sink: 'crosspoint.desk.return',
      pulse_source: 'crosspoint.desk.mic.monitor',
    };
    await writeFile(lines.pulse_cookie, cookie ?? access.cookie);
    const conf = join(directory, 'gadget.conf');
    await writeFile(
      conf,
      Object.entries(lines)
        .map(([key, value]) => `${key}=${value}\n`)
        .join(''),
    );
    program = spawn(
      join(GADGET, 'build/native/crosspoint-audio'),
      ['-c', conf, '-a', join(directory, 'audio.sock')],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    program.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
  }

  test('both its streams tell how often they ran empty or over, and the mixer shows it', async () => {
    await start();
    await rig.until('it is connected', ({ gadgets }) => gadgets.desk?.connected === true, 20_000);
    await rig.until('its gaps are known', ({ gadgets }) => gadgets.desk?.xruns === 0);
    const client = await daemon.connect();
    try {
      const counts = await eventually('both streams', async () => {
        const streams = [...(await client.sinkInputs()), ...(await client.sourceOutputs())].filter(
          ({ properties }) => properties['application.id'] === 'dev.crosspoint.gadget',
        );
        return streams.length === 2 && streams.map(({ properties }) => properties['crosspoint.xruns']);
      });
      expect(counts).toEqual(['0', '0']);
    } finally {
      client.dispose();
    }
    expect(await end('SIGTERM')).toBe(0);
    await rig.until('it is gone', ({ gadgets }) => gadgets.desk?.connected === false);
  });

  test('is refused with another cookie, and goes on trying', async () => {
    await start(Buffer.alloc(256, 7));
    await eventually('that it was refused', () => log.includes('Access denied'), 10_000);
    expect(program?.exitCode).toBeNull();
    expect(rig.plane.status.gadgets.desk?.connected).not.toBe(true);
  });
});
