import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NO_COOKIE, parseAddresses, PulseClient } from '../../../electron/audio/pulse/index.ts';
import { startTestDaemon } from '../../support/pulse-daemons.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';
import {
  discontinuityDb,
  Listener,
  makeMicrophone,
  measureSource,
  playTone,
} from '../../support/pulse-tone.ts';
import { eventually } from '../../support/pulse-wait.ts';
import { startEngineProcess } from '../../support/pulse-engine-process.ts';
import { daemonPid } from '../../support/pulse-private.ts';

const ROUTE = 'mic:room|desk.mic';
const BUS = 'crosspoint.desk.mic.monitor';
const routed = desire({ gadgets: ['desk'], mics: { 'mic:room': 'room' }, routes: { [ROUTE]: -6 } });

describe('the private sound server', () => {
  let directory: string;
  let env: NodeJS.ProcessEnv;
  let rig: TestPlane;
  const clients: PulseClient[] = [];

  const connect = async (where = rig.plane.status.sound.address!): Promise<PulseClient> => {
    const address = parseAddresses(where)[0]!;
    const client = await PulseClient.connect({
      address,
      cookie: NO_COOKIE,
      properties: { 'application.id': 'test' },
    });
    clients.push(client);
    return client;
  };
  const start = () =>
    startPlane({ server: 'auto', env, runtimeDir: join(directory, 'engine'), lookForUserMs: 200 });
  const live = () =>
    rig.until('the route is live', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'live');
  const feedMicrophone = async (): Promise<void> => {
    const client = await connect();
    const { feed } = await makeMicrophone(client, 'room');
    await playTone(client, feed);
  };

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'xp-private-'));
    env = { PATH: process.env.PATH, HOME: directory, XDG_RUNTIME_DIR: join(directory, 'run') };
    rig = await start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.dispose();
    await rig.dispose();
    await rm(directory, { recursive: true, force: true });
  });

  it('is started at once when it is asked for, though the user has one', async () => {
    const daemon = await startTestDaemon('pulseaudio');
    const own = await startPlane({
      server: 'private',
      env: { ...env, PULSE_SERVER: daemon.address },
      runtimeDir: join(directory, 'asked'),
    });
    try {
      const { sound } = await own.until('ready', (status) => status.sound.state === 'ready');
      expect(sound.private).toBe(true);
      expect(sound.address).not.toBe(daemon.address);
    } finally {
      await own.dispose();
      await daemon.dispose();
    }
  });

  it('is started when the user has none, and ended by a clean stop', async () => {
    expect(rig.plane.status.sound).toMatchObject({
      state: 'ready',
      private: true,
      version: 'PulseAudio 16.1',
    });
    const pid = await daemonPid(rig.runtimeDir);
    expect(() => process.kill(pid, 0)).not.toThrow();
    await rig.dispose();
    expect(() => process.kill(pid, 0)).toThrow();
  });

  it('is hidden: its own helper devices are no speakers or microphones', () => {
    expect(rig.plane.status.devices).toEqual({ microphones: [], speakers: [] });
  });

  it('comes back with all routes within 3 s when it is killed', async () => {
    rig.plane.apply(routed);
    await feedMicrophone();
    await live();
    const died = performance.now();
    process.kill(await daemonPid(rig.runtimeDir), 'SIGKILL');
    await rig.until('it notices', ({ sound }) => sound.state !== 'ready');
    await rig.until('it is back', ({ sound, devices }) => sound.state === 'ready' && devices !== null, 3000);
    await feedMicrophone();
    await live();
    await eventually(
      'the tone',
      async () => Math.abs((await measureSource(clients.at(-1)!, BUS)).dbfs + 18) < 1,
    );
    expect(performance.now() - died).toBeLessThan(3000);
  });

  it('is adopted by the next engine after a crash, without a gap in the sound', async () => {
    await rig.dispose();
    const engine = { server: 'auto', runtimeDir: join(directory, 'engine'), desired: routed };
    const first = startEngineProcess(engine, env);
    const { sound } = await first.until('it is ready', (status) => status.sound.state === 'ready');
    const client = await connect(sound.address);
    const { feed } = await makeMicrophone(client, 'room');
    await playTone(client, feed);
    await first.until('the route is live', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'live');
    const pid = await daemonPid(engine.runtimeDir);
    const listener = await Listener.open(client, BUS);
    await listener.hear(200);
    listener.reset();
    await first.end('SIGKILL');
    rig = await start();
    rig.plane.apply(routed);
    await live();
    await eventually('enough sound', () => listener.heard().length > 24_000);
    expect(await daemonPid(engine.runtimeDir)).toBe(pid);
    expect(discontinuityDb(listener.heard())).toBeLessThan(-40);
    await listener.dispose();
  });

  it('gives its place back to the user’s own with all routes, but not while somebody speaks', async () => {
    rig.plane.apply(routed);
    const speaker = await connect();
    const { feed } = await makeMicrophone(speaker, 'room');
    const tone = await playTone(speaker, feed);
    await live();
    const pid = await daemonPid(rig.runtimeDir);
    const own = await startTestDaemon('pulseaudio');
    try {
      const client = await own.connect();
      clients.push(client);
      await playTone(client, (await makeMicrophone(client, 'room')).feed);
      await mkdir(join(directory, 'run'));
      await symlink(join(own.directory, 'run/pulse'), join(directory, 'run/pulse'));
      await rig.until('it tells', ({ sound }) => sound.reason?.includes('as soon as nobody speaks') === true);
      const listener = await Listener.open(speaker, BUS);
      await listener.hear(2500);
      expect(rig.plane.status.sound).toMatchObject({ state: 'ready', private: true });
      expect(discontinuityDb(listener.heard())).toBeLessThan(-40);
      await tone.dispose();
      await rig.until('it has moved', ({ sound }) => sound.state === 'ready' && sound.private === false);
      await live();
      expect(rig.plane.status.sound.reason).toBeUndefined();
      await eventually(
        'the tone at the user’s server',
        async () => Math.abs((await measureSource(client, BUS)).dbfs + 18) < 1,
      );
      expect(() => process.kill(pid, 0)).toThrow();
      await rig.dispose();
      expect((await client.sinks()).filter(({ name }) => name.startsWith('crosspoint.'))).toEqual([]);
    } finally {
      await rig.dispose();
      await own.dispose();
    }
  });
});
