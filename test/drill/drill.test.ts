import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { childrenOf, EngineProcess, flows, temporaryDirectory } from '../support/engine-process.ts';
import { startTestDaemon } from '../support/pulse-daemons.ts';
import { makeSmallDisk } from '../support/small-disk.ts';
import { makeStrain } from './strain.ts';
import { CARD, cardModule, FAULTS, TONE, type Victim } from './faults.ts';

/** `CROSSPOINT_DRILL_MINUTES=30` makes it the long one. In any case, each fault comes at least once. */
const MINUTES = Number(process.env.CROSSPOINT_DRILL_MINUTES ?? 0);
const SEED = Number(process.env.CROSSPOINT_DRILL_SEED ?? 20_261);
const RECOVERY_MS = 20_000;

/** Mulberry32: the same faults in the same order for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}

let victim: Victim;
let temporary: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  const sound = await startTestDaemon('pulseaudio', { pulseModules: `load-module ${cardModule.join(' ')}` });
  const disk = await makeSmallDisk(4);
  temporary = await temporaryDirectory('drill');
  const stateDir = disk?.path ?? join(temporary.path, 'state');
  const strain = await makeStrain(temporary.path);
  const engine = await EngineProcess.start({
    stateDir,
    args: ['--demo', '--pulse', sound.address],
    env: strain.env,
    ...(disk ? { within: disk.within } : {}),
  });
  victim = { engine, sound, disk, strain, stateDir, random: randomOf(SEED) };
  await engine.until('the card and the tone are found', ({ status: { devices } }) =>
    [CARD, TONE].every((id) => devices[id]?.state === 'online'),
  );
  await engine.run({ type: 'route', source: TONE, destination: CARD });
});
afterAll(async () => {
  await victim.engine.stop();
  await victim.disk?.dispose();
  await victim.sound.dispose();
  await victim.strain.dispose();
  await temporary.remove();
});

const whole = (what: string) =>
  victim.engine.until(
    `every route flows ${what}`,
    (state) =>
      state.config.routes.length > 0 &&
      state.config.routes.every(({ source, destination }) => flows(state, source, destination)),
    RECOVERY_MS,
  );

async function ownModules(): Promise<number> {
  const client = await victim.sound.connect();
  try {
    return (await client.modules()).filter(({ argument }) => argument.includes('dev.crosspoint')).length;
  } finally {
    client.dispose();
  }
}

async function usage() {
  const pid = victim.engine.child.pid!;
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return {
    files: (await readdir(`/proc/${pid}/fd`)).length,
    rssMb: Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024,
    children: childrenOf(pid).length,
    modules: await ownModules(),
  };
}

test(
  'under the load of the demo rig, every fault passes: every route is back, nothing leaks, the state is whole',
  async () => {
    const before = await whole('at first');
    const atFirst = await usage();
    const names = Object.keys(FAULTS);
    const until = performance.now() + MINUTES * 60_000;
    for (let count = 0; count < names.length || performance.now() < until; count++) {
      const name = count < names.length ? names[count]! : names[Math.floor(victim.random() * names.length)]!;
      await FAULTS[name]!(victim);
      await whole(`after: ${name}`);
    }
    const after = await victim.engine.state();
    expect(after.config.routes).toEqual(before.config.routes);
    expect(after.config.sources.map(({ id }) => id)).toEqual(before.config.sources.map(({ id }) => id));
    const atLast = await usage();
    expect(atLast.modules).toBe(atFirst.modules);
    expect(atLast.children).toBeLessThanOrEqual(atFirst.children + 1);
    expect(atLast.files).toBeLessThanOrEqual(atFirst.files + 10);
    expect(atLast.rssMb).toBeLessThan(atFirst.rssMb + 60);

    await victim.engine.stop();
    const state = join(victim.disk?.outside ?? victim.stateDir, 'state.json');
    expect(JSON.parse(await readFile(state, 'utf8'))).toHaveProperty('model.routes');
    victim.engine = await victim.engine.restart();
    await whole('after a clean start');
  },
  (MINUTES + 4) * 60_000,
);
