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

async function startEngine(
  args: readonly string[],
  use: (engine: EngineProcess) => Promise<void>,
): Promise<void> {
  const directory = await temporaryDirectory('e2e');
  const home = join(directory.path, 'home');
  await mkdir(home, { mode: 0o700 });
  const engine = await EngineProcess.start({
    stateDir: join(directory.path, 'state'),
    args,
    env: { HOME: home, XDG_RUNTIME_DIR: home, PULSE_SERVER: '' },
  });
  try {
    await use(engine);
  } finally {
    await engine.stop();
    await directory.remove();
  }
}

/** Playwright's test with engines of its own. */
export const test = base.extend<Fixtures>({
  engine: async ({}, use) => {
    await startEngine(['--demo'], async (engine) => {
      await engine.until(
        'the demo rig is live',
        (state) =>
          state.config.routes.length === 5 &&
          state.config.routes.every(({ source, destination }) => flows(state, source, destination)),
        30_000,
      );
      await use(engine);
    });
  },
  emptyEngine: async ({}, use) => {
    await startEngine([], use);
  },
});

export { expect } from '@playwright/test';
