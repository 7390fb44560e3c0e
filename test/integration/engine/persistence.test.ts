import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type CommandsResponse } from '../../../electron/contract/index.ts';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';

let sound: TestDaemon;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const start = (...args: string[]) =>
  EngineProcess.start({ stateDir: directory.path, args: ['--pulse', sound.address, ...args] });

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
});
afterAll(() => sound.dispose());
beforeEach(async () => {
  directory = await temporaryDirectory('persistence');
});
afterEach(() => directory.remove());

test('kill -9 in the middle of a burst: the last acknowledged state is there at the next start', async () => {
  const engine = await start();
  await engine.run({ type: 'gadget.add', name: 'Desk' }, { type: 'gadget.add', name: 'Office' });
  await engine.run({ type: 'route', source: 'office.return', destination: 'desk.mic' });
  let acknowledged: CommandsResponse | undefined;
  let gain = 0;
  let sent = 0;
  // Four faders at once, as fast as answers come; the kill falls somewhere into it.
  const move = async (): Promise<void> => {
    while (sent < 400) {
      const wanted = -(++sent / 10);
      const response = (await (
        await engine.post({ type: 'setGain', source: 'office.return', destination: 'desk.mic', gain: wanted })
      ).json()) as CommandsResponse;
      if (response.revision <= (acknowledged?.revision ?? 0)) continue;
      acknowledged = response;
      gain = wanted;
      if (sent === 250) engine.child.kill('SIGKILL');
    }
  };
  await Promise.allSettled([move(), move(), move(), move()]);
  await engine.stop('SIGKILL');
  expect(acknowledged?.revision).toBeGreaterThan(200);

  const again = await start();
  const state = await again.state();
  expect(state.revision).toBeGreaterThanOrEqual(acknowledged!.revision);
  // What was on its way may be in; nothing that was acknowledged may be missing.
  expect(state.config.routes[0]!.gain).toBeLessThanOrEqual(gain);
  expect(state.config.gadgets.map(({ id }) => id)).toEqual(['desk', 'office']);
  await again.stop();
});

test('a moving fader does not write whole files', async () => {
  const engine = await start();
  await engine.run({ type: 'gadget.add', name: 'Desk' }, { type: 'gadget.add', name: 'Office' });
  await engine.run({ type: 'route', source: 'office.return', destination: 'desk.mic' });
  const file = join(directory.path, 'state.json');
  const before = await readFile(file, 'utf8').catch(() => 'none');
  const written = async () =>
    Number(/^write_bytes: (\d+)/m.exec(await readFile(`/proc/${engine.child.pid}/io`, 'utf8'))?.[1]);
  const startBytes = await written();
  for (let n = 0; n < 120; n++)
    await engine.run({ type: 'setGain', source: 'office.return', destination: 'desk.mic', gain: -n / 10 });
  expect(await readFile(file, 'utf8').catch(() => 'none')).toBe(before);
  // A synced line costs the disk a block or two, not a document.
  expect((await written()) - startBytes).toBeLessThan(120 * 3 * 4096);
  await engine.stop();
});

test('a second engine on the same state is refused', async () => {
  const engine = await start();
  await expect(start()).rejects.toThrow(/Another Crosspoint \(process \d+\) already works on/);
  await engine.stop();
});

test.each([
  ['broken', '{"version":1,', /is not a state file of Crosspoint/],
  ['of a newer version', '{"version":7,"revision":1,"model":{}}', /newer Crosspoint/],
])('a state file that is %s is refused with a clear message and kept', async (_, text, message) => {
  await writeFile(join(directory.path, 'state.json'), text);
  await expect(start()).rejects.toThrow(message);
  expect(await readFile(join(directory.path, 'state.json'), 'utf8')).toBe(text);
});

test('the backup of a broken state file is offered, and used when asked for', async () => {
  for (const name of ['First', 'Second']) {
    const engine = await start();
    await engine.run({ type: 'gadget.add', name });
    await engine.stop();
  }
  await writeFile(join(directory.path, 'state.json'), 'broken');
  await expect(start()).rejects.toThrow(/--restore-backup/);
  const engine = await start('--restore-backup');
  expect((await engine.state()).config.gadgets.map(({ id }) => id)).toEqual(['first']);
  await engine.stop();
});
