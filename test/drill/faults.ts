import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { type LogEntry } from '../../electron/contract/events.ts';
import { cli, type EngineProcess } from '../support/engine-process.ts';
import { type TestDaemon } from '../support/pulse-daemons.ts';
import { type SmallDisk } from '../support/small-disk.ts';
import { type Strain } from './strain.ts';

/** What a fault can do its harm to. */
export interface Victim {
  engine: EngineProcess;
  readonly sound: TestDaemon;
  readonly disk: SmallDisk | null;
  readonly strain: Strain;
  readonly stateDir: string;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** The speaker of a sound card that can be pulled out, and the module that is in its place. */
export const CARD = 'speaker:card';
export const TONE = 'mic:demo-tone';
export const cardModule = ['module-null-sink', 'sink_name=card'] as const;

/** Makes trouble. When it resolves, its cause is over; what it broke has to come back by itself. */
export type Fault = (victim: Victim) => Promise<void>;

const childIds = async (pid: number): Promise<number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8'))
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map(Number);

/** When the last thing happened, in ms since 1970, by the engine's clock. */
async function newestEntryMs({ http }: EngineProcess): Promise<number> {
  const { entries } = (await (await fetch(`${http}/api/log`)).json()) as { entries: readonly LogEntry[] };
  return [...entries].sort((a, b) => b.number - a.number)[0]!.at;
}

const rtmpPort = ({ engine }: Victim): number => Number(new URL(engine.rtmp.replace('rtmp:', 'http:')).port);

const BAD_COMMANDS: readonly unknown[] = [
  null,
  [],
  'route',
  { type: 'explode' },
  { type: 'route' },
  { type: 'route', source: 'cam:none', destination: 'demo-laptop.webcam' },
  { type: 'route', source: TONE, destination: 'demo-laptop.webcam' },
  { type: 'setGain', id: TONE, gain: 1e9 },
  { type: 'setGain', id: TONE, gain: 'loud' },
  { type: 'camera.add', name: '', kind: 'test' },
  { type: 'camera.add', name: 'x'.repeat(5000), kind: 'test' },
  { type: 'route', source: 'demo-laptop.return', destination: 'demo-laptop.mic' },
  [
    { type: 'mute', id: TONE },
    { type: 'mute', id: 'nobody' },
  ],
];

export const FAULTS: Readonly<Record<string, Fault>> = {
  async 'a child is killed'({ engine, random }) {
    const ids = await childIds(engine.child.pid!);
    const victim = ids[Math.floor(random() * ids.length)];
    if (victim !== undefined) process.kill(victim, 'SIGKILL');
  },

  async 'the sound server is killed'({ sound, random }) {
    await sound.kill();
    await delay(random() * 1500);
    await sound.start();
  },

  async 'the disk is full'({ engine, disk }) {
    if (!disk) return;
    await disk.fill();
    const saveProblem = (wanted: boolean) =>
      engine.until(
        'the problem of saving',
        ({ status }) => status.problems.some(({ id }) => id === 'save') === wanted,
      );
    // A command works, and it is said that it is not saved.
    for (let count = 0; count < 40; count++) {
      await engine.run({ type: 'setGain', id: TONE, gain: -count / 10 });
      if ((await engine.state()).status.problems.some(({ id }) => id === 'save')) break;
    }
    await saveProblem(true);
    await disk.free();
    await engine.run({ type: 'setGain', id: TONE, gain: 0 });
    await saveProblem(false);
  },

  async 'its port is taken'(victim) {
    const { code, stderr } = await cli([
      ...['serve', '--state-dir', `${victim.stateDir}-other`, '--http', '127.0.0.1:0'],
      ...['--rtmp', `127.0.0.1:${rtmpPort(victim)}`, '--pulse', victim.sound.address],
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/port/i);
  },

  async 'bad commands'({ engine }) {
    for (let count = 0; count < 200; count++) {
      const response = await engine.post(BAD_COMMANDS[count % BAD_COMMANDS.length]);
      expect(response.status).toBeGreaterThanOrEqual(400);
      expect(response.status).toBeLessThan(500);
      await response.arrayBuffer();
    }
  },

  async 'garbage on the RTMP port'(victim) {
    await Promise.all(
      Array.from({ length: 20 }, async () => {
        const socket = connect(rtmpPort(victim), '127.0.0.1');
        socket.on('error', () => undefined).resume();
        const closed = once(socket, 'close');
        socket.write(randomBytes(2000 + Math.floor(victim.random() * 8000)));
        socket.end();
        await closed;
      }),
    );
  },

  async 'a sound card is pulled out'({ engine, sound, random }) {
    const client = await sound.connect();
    try {
      const [name, argument] = cardModule;
      const module = (await client.modules()).find(
        (each) => each.name === name && each.argument === argument,
      );
      await client.unloadModule(module!.index);
      await engine.until('its loss is shown', ({ status }) => status.devices[CARD]?.state === 'offline');
      await delay(random() * 500);
      await client.loadModule(name, argument);
    } finally {
      client.dispose();
    }
  },

  async 'the clock jumps'({ engine, strain, random }) {
    const offsetMs = Math.round((random() < 0.5 ? -1 : 1) * (600 + random() * 80_000) * 1000);
    await strain.jumpClock(offsetMs);
    await engine.run({ type: 'mute', id: CARD }, { type: 'unmute', id: CARD });
    expect(Math.abs((await newestEntryMs(engine)) - Date.now() - offsetMs)).toBeLessThan(60_000);
    await delay(random() * 1500);
    await strain.jumpClock(0);
  },

  async 'the disk is slow'({ engine, strain }) {
    const flushMs = 800;
    await strain.slowDisk(flushMs);
    const begunMs = performance.now();
    await engine.run({ type: 'mute', id: CARD });
    // It is not acknowledged before it is safe.
    expect(performance.now() - begunMs).toBeGreaterThan(flushMs * 0.9);
    await engine.run({ type: 'unmute', id: CARD });
    await strain.slowDisk(0);
  },

  async 'the engine stands still'({ engine, random }) {
    engine.child.kill('SIGSTOP');
    await delay(500 + random() * 1500);
    engine.child.kill('SIGCONT');
  },

  async 'the engine is killed'(victim) {
    await victim.engine.stop('SIGKILL');
    victim.engine = await victim.engine.restart();
  },
};
