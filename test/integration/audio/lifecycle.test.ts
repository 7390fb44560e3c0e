import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AudioStatus } from '../../../electron/audio/plane.ts';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';
import { type Levels } from '../../../electron/contract/index.ts';
import { FLAVOURS, startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { type EngineProcess, startEngineProcess } from '../../support/pulse-engine-process.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';
import {
  discontinuityDb,
  Listener,
  makeMicrophone,
  makeSpeaker,
  measureSource,
  playTone,
} from '../../support/pulse-tone.ts';
import { eventually } from '../../support/pulse-wait.ts';

const ROUTE = 'mic:room|desk.mic';
const BUS = 'crosspoint.desk.mic.monitor';
const routed = desire({ gadgets: ['desk'], mics: { 'mic:room': 'room' }, routes: { [ROUTE]: -6 } });
const isLive = ({ crosspoints }: AudioStatus): boolean => crosspoints[ROUTE]?.state === 'live';

describe.each(FLAVOURS)('the mixer on the user’s own %s', (flavour) => {
  let daemon: TestDaemon;
  let client: PulseClient;
  let rig: TestPlane | undefined;
  let engine: EngineProcess | undefined;

  beforeEach(async () => {
    daemon = await startTestDaemon(flavour);
    client = await daemon.connect();
  });
  afterEach(async () => {
    await engine?.end('SIGKILL');
    engine = undefined;
    await rig?.dispose();
    rig = undefined;
    client.dispose();
    await daemon.dispose();
  });

  const start = async (desired = routed): Promise<TestPlane> => {
    rig = await startPlane({ server: daemon.address });
    rig.plane.apply(desired);
    return rig;
  };
  const tone = async (): Promise<void> => {
    const { feed } = await makeMicrophone(client, 'room');
    await playTone(client, feed);
  };
  /** What a person would do with another program. */
  const pactl = (...args: string[]): Promise<unknown> =>
    promisify(execFile)('pactl', ['--server', daemon.address, ...args], { env: daemon.env });
  const ownModules = async () =>
    (await client.modules()).filter(({ argument }) => argument.includes('dev.crosspoint'));
  const heard = (dbfs: number) =>
    eventually(`a tone of ${dbfs} dBFS`, async () => {
      const measured = await measureSource(client, BUS).catch(() => null);
      return measured && Math.abs(measured.dbfs - dbfs) < 1;
    });

  it('is adopted after a crash of the engine without a gap in the sound', async () => {
    await tone();
    const runtimeDir = await mkdtemp(join(tmpdir(), 'xp-crash-'));
    const startEngine = async (): Promise<void> => {
      engine = startEngineProcess({ server: daemon.address, runtimeDir, desired: routed }, daemon.env);
      await engine.until('the route is live', isLive);
    };
    await startEngine();
    const listener = await Listener.open(client, BUS);
    await listener.hear(500);
    const before = await ownModules();
    // A busy machine may tear the sound by itself; an adoption that did would do so every time.
    let cleanest = 0;
    for (let attempt = 0; attempt < 4 && cleanest > -40; attempt++) {
      listener.reset();
      await engine!.end('SIGKILL');
      await startEngine();
      await eventually('sound of after it', () => listener.heard().length > 24_000);
      cleanest = Math.min(cleanest, discontinuityDb(listener.heard()));
      expect(await ownModules()).toEqual(before);
    }
    expect(cleanest).toBeLessThan(-40);
    await listener.dispose();
    await rm(runtimeDir, { recursive: true });
  });

  it('removes what an earlier engine left, and nothing of anybody else’s', async () => {
    await tone();
    await makeSpeaker(client, 'hall');
    await client.loadModule('module-loopback', 'source=room sink=hall latency_msec=20');
    const users = await client.modules();
    const runtimeDir = await mkdtemp(join(tmpdir(), 'xp-crash-'));
    const before = desire({
      gadgets: ['desk', 'office'],
      mics: { 'mic:room': 'room' },
      routes: { [ROUTE]: -6, 'mic:room|office.mic': 0 },
    });
    engine = startEngineProcess({ server: daemon.address, runtimeDir, desired: before }, daemon.env);
    await engine.until(
      'both are live',
      ({ crosspoints }) =>
        Object.values(crosspoints).every(({ state }) => state === 'live') &&
        Object.keys(crosspoints).length === 2,
    );
    await engine.end('SIGKILL');
    await start();
    await eventually('only one gadget', async () => (await ownModules()).length === 3);
    const stopping = performance.now();
    await rig!.dispose();
    expect(performance.now() - stopping).toBeLessThan(1000);
    expect(await client.modules()).toEqual(users);
    await rm(runtimeDir, { recursive: true });
  });

  it('finds microphones and speakers as they come and go, and brings their routes back', async () => {
    const { plane, until } = await start();
    expect(plane.status.devices).toEqual({ microphones: [], speakers: [] });
    await until('offline', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'offline');
    expect(plane.status.crosspoints[ROUTE]?.reason).toBe('The microphone is not connected.');
    for (let plugged = 0; plugged < 2; plugged++) {
      const { feed, modules } = await makeMicrophone(client, 'room', 'Conference room');
      await until('live', isLive);
      expect(plane.status.devices?.microphones).toEqual([
        { name: 'room', description: 'Conference room', hears: feed },
      ]);
      expect(plane.status.devices?.speakers.map(({ name }) => name)).toEqual([feed]);
      await playTone(client, feed);
      await heard(-18);
      for (const module of [...modules].reverse()) await client.unloadModule(module);
      await until('offline', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'offline');
      await until(
        'no devices',
        ({ devices }) => devices?.microphones.length === 0 && devices.speakers.length === 0,
      );
    }
  });

  it('shows what another mixer did to a path, and lets the next change here win', async () => {
    await tone();
    const { plane, until } = await start();
    await until('live', isLive);
    await heard(-18);
    const stream = await eventually('its stream', async () =>
      (await client.sinkInputs()).find(({ properties }) => properties['crosspoint.source'] === 'mic:room'),
    );
    const turned = performance.now();
    await client.setSinkInputVolume(stream.index, [30_419, 30_419]);
    const shown = await until('it is shown', ({ crosspoints }) => crosspoints[ROUTE]?.heard !== undefined);
    expect(performance.now() - turned).toBeLessThan(1000);
    expect(shown.crosspoints[ROUTE]).toMatchObject({ state: 'live', heard: { gain: -20, muted: false } });
    await client.setSinkInputMuted(stream.index, true);
    await until('the mute is shown', ({ crosspoints }) => crosspoints[ROUTE]?.heard?.muted === true);
    plane.apply(desire({ gadgets: ['desk'], mics: { 'mic:room': 'room' }, routes: { [ROUTE]: 0 } }));
    await until('as asked', ({ crosspoints }) => isLive(plane.status) && !crosspoints[ROUTE]?.heard);
    await heard(-12);
  });

  it('keeps its own buses open, whatever another mixer does to them', async () => {
    await tone();
    await start();
    await rig!.until('live', isLive);
    await client.setSinkVolume('crosspoint.desk.mic', [20_000, 20_000]);
    await eventually('it is put back', async () =>
      (await client.sink('crosspoint.desk.mic')).volumes.every((raw) => raw === 65_536),
    );
    await heard(-18);
  });

  it('stays where it is when the default devices change', async () => {
    await tone();
    await start();
    await rig!.until('live', isLive);
    await heard(-18);
    await makeSpeaker(client, 'other-speaker');
    await makeMicrophone(client, 'other-mic');
    await pactl('set-default-sink', 'other-speaker');
    await pactl('set-default-source', 'other-mic');
    await eventually('the new defaults', async () => {
      const { defaultSink, defaultSource } = await client.serverInfo();
      return defaultSink === 'other-speaker' && defaultSource === 'other-mic';
    });
    await heard(-18);
    const { crosspoints } = rig!.plane.status;
    expect(crosspoints[ROUTE]?.state).toBe('live');
  });

  // PipeWire 0.3.65 leaves what was suspended by hand silent, and calls it running all the while.
  const itWakes = flavour === 'pulseaudio' ? it : () => undefined;
  itWakes('sounds again after its devices were suspended', async () => {
    await tone();
    await start();
    await rig!.until('live', isLive);
    await heard(-18);
    for (const suspended of ['1', '0']) {
      await pactl('suspend-source', 'room', suspended);
      await pactl('suspend-sink', 'crosspoint.desk.mic', suspended);
    }
    await heard(-18);
    await rig!.until('live again', isLive);
  });

  it('rebuilds what somebody unloaded', async () => {
    await tone();
    await start();
    await rig!.until('live', isLive);
    for (const { index } of (await ownModules()).reverse())
      await client.unloadModule(index).catch(() => undefined);
    await heard(-18);
    expect(await ownModules()).toHaveLength(3);
  });

  it('shows levels of what is looked at, per channel, and only then', async () => {
    await tone();
    const { plane, until } = await start();
    await until('live', isLive);
    let latest: Levels = {};
    let ticks = 0;
    const watch = plane.meter(['mic:room', 'desk.mic', 'desk.return', 'mic:nobody'] as never[], (levels) => {
      latest = levels;
      ticks++;
    });
    const near = (id: string, dbfs: number): boolean =>
      latest[id]?.length === 2 && latest[id].every((level) => Math.abs(level - dbfs) < 1.5);
    await eventually('levels', () => near('mic:room', -12) && near('desk.mic', -18));
    expect(latest['desk.return']).toEqual([-100, -100]);
    expect(Object.keys(latest)).not.toContain('mic:nobody');
    const from = ticks;
    const since = performance.now();
    await eventually('25 more', () => ticks - from >= 25);
    expect(performance.now() - since).toBeGreaterThan(700);
    await watch.dispose();
    await eventually('no meters', async () =>
      (await client.sourceOutputs()).every(({ properties }) => properties['crosspoint.meter'] === undefined),
    );
    expect(plane.status.gadgets).toEqual({ desk: { connected: false } });
  });

  it('goes on metering after the sound server came back', async () => {
    await tone();
    const { plane, until } = await start();
    await until('live', isLive);
    let latest: Levels = {};
    plane.meter(['desk.mic'] as never[], (levels) => (latest = levels));
    await eventually('a level', () => (latest['desk.mic']?.[0] ?? -100) > -20);
    await daemon.kill();
    await eventually('no level', () => latest['desk.mic'] === undefined);
    await daemon.start();
    client = await daemon.connect();
    await tone();
    await eventually('a level again', () => (latest['desk.mic']?.[0] ?? -100) > -20);
  });

  it.each([
    `Müller's "Büro" \\ 2`,
    `'; load-module module-null-sink sink_name=evil`,
    `" sink_name=evil`,
    `}{[]$(touch /tmp/x)\`id\``,
    `ends with \\`,
    `\u202Eright to left\u2069 🎤`,
    `'" application.id='x`,
  ])('makes devices for a gadget called %j', async (label) => {
    const desired = desire({ gadgets: ['desk'] });
    await start({ ...desired, gadgets: [{ id: desired.gadgets[0]!.id, label }] });
    const sinks = await eventually('both buses', async () => {
      const own = (await client.sinks()).filter(({ name }) => name.startsWith('crosspoint.'));
      return own.length === 2 && own;
    });
    expect(sinks.map(({ name }) => name).sort()).toEqual(['crosspoint.desk.mic', 'crosspoint.desk.return']);
    for (const { description, properties } of sinks) {
      if (flavour === 'pulseaudio') expect(description).toContain(label);
      else expect(description).toMatch(/^Crosspoint: (to|from) ./);
      expect(properties['application.id']).toBe('dev.crosspoint');
    }
    expect((await client.sinks()).some(({ name }) => name.includes('evil'))).toBe(false);
  });

  // PipeWire's session manager needs its time for each; the larger figure is for the benchmark.
  const side = flavour === 'pulseaudio' ? 8 : 4;
  it(`builds ${side * side} crosspoints at once, and all of them right`, async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].slice(0, side);
    const desired = desire({
      gadgets: names,
      routes: Object.fromEntries(
        names.flatMap((from) => names.map((to) => [`${from}.return|${to}.mic`, -20] as const)),
      ),
    });
    rig = await startPlane({ server: daemon.address });
    const began = performance.now();
    rig.plane.apply(desired);
    await rig.until(
      'all live',
      ({ crosspoints }) =>
        Object.keys(crosspoints).length === side * side &&
        Object.values(crosspoints).every(({ state }) => state === 'live'),
      30_000,
    );
    console.log(`${flavour}: ${side * side} crosspoints in ${Math.round(performance.now() - began)} ms`);
    await eventually('all at their level', async () => {
      const inputs = await client.sinkInputs();
      const right = inputs.filter(({ muted, volumes }) => !muted && volumes.every((raw) => raw === 30_419));
      return inputs.length === side * side && right.length === side * side;
    });
  });
});
