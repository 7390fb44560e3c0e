import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AudioStatus } from '../../electron/audio/plane.ts';
import { startTestDaemon, type TestDaemon } from '../support/pulse-daemons.ts';
import { type EngineProcess, startEngineProcess } from '../support/pulse-engine-process.ts';
import { desire } from '../support/pulse-rig.ts';
import { measureSource, playTone } from '../support/pulse-tone.ts';
import { eventually } from '../support/pulse-wait.ts';

/** `CROSSPOINT_SOAK_MINUTES=60` makes it the long one. */
const MINUTES = Number(process.env.CROSSPOINT_SOAK_MINUTES ?? 3);
const KILLS = Math.max(5, Math.round(MINUTES / 5));
const ids = ['a', 'b', 'c', 'd'];
const pairs = ids.flatMap((from) => ids.filter((to) => to !== from).map((to) => `${from}.return|${to}.mic`));
const desired = desire({ gadgets: ids, routes: Object.fromEntries(pairs.map((pair) => [pair, -6])) });

let daemon: TestDaemon;
let engine: EngineProcess;
let runtimeDir: string;
beforeAll(async () => {
  daemon = await startTestDaemon('pulseaudio');
  runtimeDir = await mkdtemp(join(tmpdir(), 'xp-soak-'));
  engine = startEngineProcess({ server: daemon.address, runtimeDir, desired }, daemon.env);
});
afterAll(async () => {
  await engine.end('SIGTERM');
  await daemon.dispose();
  await rm(runtimeDir, { recursive: true, force: true, maxRetries: 5 });
});

const liveRoutes = ({ crosspoints }: AudioStatus): number =>
  Object.values(crosspoints).filter(({ state }) => state === 'live').length;

async function ownModules(): Promise<number> {
  const client = await daemon.connect();
  try {
    return (await client.modules()).filter(({ argument }) => argument.includes('dev.crosspoint')).length;
  } finally {
    client.dispose();
  }
}

async function usage(): Promise<{ rssMb: number; files: number }> {
  const status = await readFile(`/proc/${engine.pid}/status`, 'utf8');
  const files = await readdir(`/proc/${engine.pid}/fd`);
  return { rssMb: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024, files: files.length };
}

/** What goes into one bus is heard on another: its level, once the tone is steady, which a busy machine delays. */
async function heard(): Promise<number> {
  const client = await daemon.connect();
  const tone = await playTone(client, 'crosspoint.a.return', { dbfs: -12 });
  let before = Number.NaN;
  try {
    return await eventually('a steady tone', async () => {
      const { dbfs } = await measureSource(client, 'crosspoint.d.mic.monitor');
      const isSteady = dbfs > -60 && Math.abs(dbfs - before) < 0.1;
      before = dbfs;
      return isSteady && dbfs;
    });
  } finally {
    await tone.dispose();
    client.dispose();
  }
}

test(
  `12 crosspoints over ${MINUTES} minutes and ${KILLS} deaths of the sound server: none is lost, nothing leaks`,
  async () => {
    await engine.until('12 routes', (status) => liveRoutes(status) === 12);
    const modules = await ownModules();
    expect(await heard()).toBeCloseTo(-18, 0);
    // What is needed once is there after the first death.
    let first: Awaited<ReturnType<typeof usage>> | undefined;
    for (let kill = 0; kill < KILLS; kill++) {
      await delay((MINUTES * 60_000) / KILLS - 2500);
      await daemon.kill();
      await engine.until('the loss', (status) => liveRoutes(status) === 0);
      await daemon.start();
      await engine.until('12 routes again', (status) => liveRoutes(status) === 12, 5000);
      expect(await ownModules()).toBe(modules);
      expect(await heard()).toBeCloseTo(-18, 0);
      first ??= await usage();
    }
    const last = await usage();
    expect(last.files).toBeLessThanOrEqual(first!.files + 2);
    // It takes what it may before it collects garbage: about 120 MB, after an hour as after some minutes.
    expect(last.rssMb).toBeLessThan(Math.max(160, first!.rssMb + 60));
  },
  (MINUTES + 2) * 60_000,
);
