import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { childrenOf, EngineProcess, flows, temporaryDirectory } from '../../support/engine-process.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';

let sound: TestDaemon;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
});
afterAll(() => sound.dispose());
beforeEach(async () => {
  directory = await temporaryDirectory('stop');
});
afterEach(() => directory.remove());

/** Ids of all processes whose command line or environment names this test's own directory. */
function processesOf(path: string): string[] {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id) || Number(id) === process.pid) return false;
    try {
      return (
        readFileSync(`/proc/${id}/cmdline`, 'latin1').includes(path) ||
        readlinkSync(`/proc/${id}/cwd`).startsWith(path)
      );
    } catch {
      return false;
    }
  });
}

const modulesOf = async (): Promise<number> => {
  const client = await sound.connect();
  try {
    return (await client.modules()).length;
  } finally {
    client.dispose();
  }
};

describe('SIGTERM', () => {
  test('under the full load of the demo rig: exit 0 within 3 s, no module, child or socket left', async () => {
    const modules = await modulesOf();
    const engine = await EngineProcess.start({
      stateDir: directory.path,
      args: ['--pulse', sound.address, '--demo'],
    });
    await engine.until(
      'everything is live',
      (state) =>
        state.config.routes.length === 5 &&
        state.config.routes.every(({ source, destination }) => flows(state, source, destination)),
      20_000,
    );
    expect(childrenOf(engine.child.pid!)).toContain('ffmpeg');
    const { code, ms } = await engine.stop('SIGTERM');
    expect(code).toBe(0);
    expect(ms).toBeLessThan(3000);
    expect(await modulesOf()).toBe(modules);
    expect(processesOf(directory.path)).toEqual([]);
    expect(
      (await readdir(directory.path)).filter((name) => !name.startsWith('state.') && name !== 'pulse'),
    ).toEqual([]);
  });

  test('with a private sound server: that ends too', async () => {
    const home = await temporaryDirectory('home');
    const engine = await EngineProcess.start({
      stateDir: directory.path,
      env: { HOME: home.path, XDG_RUNTIME_DIR: home.path, PULSE_SERVER: '' },
    });
    expect((await engine.state()).status.services.sound).toMatchObject({ state: 'ready', private: true });
    expect(processesOf(directory.path).length).toBeGreaterThan(1);
    const { code, ms } = await engine.stop('SIGTERM');
    expect([code, ms < 3000]).toEqual([0, true]);
    expect(processesOf(directory.path)).toEqual([]);
    await home.remove();
  });
});
