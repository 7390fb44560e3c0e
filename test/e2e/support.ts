import { test as base } from '@playwright/test';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineProcess, flows, temporaryDirectory } from '../support/engine-process.ts';

interface Fixtures {
  /** A real engine with the demo rig and its own private sound server. */
  readonly engine: EngineProcess;
  /** The same without any rig. */
  readonly emptyEngine: EngineProcess;
}

export interface StartedEngine {
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
export async function startDemo(): Promise<StartedEngine> {
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

/** Playwright's test with engines of its own. */
export const test = base.extend<Fixtures>({
  engine: async ({}, use) => lend(await startDemo(), use),
  emptyEngine: async ({}, use) => lend(await start([]), use),
});

export { expect } from '@playwright/test';
