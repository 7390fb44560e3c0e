import { test as base } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineProcess, flows, temporaryDirectory } from '../support/engine-process.ts';

interface Fixtures {
  /** The demo rig as it began, whatever the test makes of its routes, levels, mutes, cameras and ingests. */
  readonly engine: EngineProcess;
  /** A real engine of its own without any rig. */
  readonly emptyEngine: EngineProcess;
  /** The same that wants the token "open sesame". */
  readonly lockedEngine: EngineProcess;
}

interface Shared {
  /** One real engine with the demo rig and a private sound server, for all tests that only look, or bring what they change. */
  readonly demo: EngineProcess;
}

interface StartedEngine {
  readonly engine: EngineProcess;
  stop(): Promise<void>;
}

async function start(args: readonly string[]): Promise<StartedEngine> {
  const directory = await temporaryDirectory('e2e');
  const home = join(directory.path, 'home');
  await mkdir(home, { mode: 0o700 });
  const engine = await EngineProcess.start({
    stateDir: join(directory.path, 'state'),
    args,
    env: { HOME: home, XDG_RUNTIME_DIR: home, PULSE_SERVER: '' },
  });
  return {
    engine,
    async stop() {
      await engine.stop();
      await directory.remove();
    },
  };
}

/** A real engine with the demo rig, when everything in it flows. */
async function startDemo(): Promise<StartedEngine> {
  const started = await start(['--demo']);
  await started.engine.until(
    'the demo rig is live',
    (state) =>
      state.config.routes.length === 5 &&
      state.config.routes.every(({ source, destination }) => flows(state, source, destination)),
    30_000,
  );
  return started;
}

async function lend(started: StartedEngine, use: (engine: EngineProcess) => Promise<void>): Promise<void> {
  try {
    await use(started.engine);
  } finally {
    await started.stop();
  }
}

async function restored(engine: EngineProcess, test: () => Promise<void>): Promise<void> {
  const name = 'As before the test';
  const inputs = async () => (await engine.state()).config.sources.filter(({ media }) => media === 'video');
  const before = new Set((await inputs()).map(({ id }) => id));
  await engine.run({ type: 'scene.save', name });
  await test();
  const added = (await inputs()).filter(({ id }) => !before.has(id));
  await engine.run(
    ...added.map(({ id, kind }) => ({ type: `${kind}.remove`, id })),
    { type: 'scene.recall', name },
    { type: 'scene.delete', name },
  );
}

/** Playwright's test with real engines: shared by all, or of its own. */
export const test = base.extend<Fixtures, Shared>({
  demo: [async ({}, use) => lend(await startDemo(), use), { scope: 'worker' }],
  engine: async ({ demo }, use) => restored(demo, () => use(demo)),
  emptyEngine: async ({}, use) => lend(await start([]), use),
  lockedEngine: async ({}, use) => lend(await start(['--token', 'open sesame']), use),
});

export { expect } from '@playwright/test';
