import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';

let folder: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
const scene = (...args: string[]) => cli(['scene', ...args, '--state-dir', join(folder.path, 'state')]);

beforeAll(async () => {
  folder = await temporaryDirectory('scenes');
  engine = await EngineProcess.start({ stateDir: join(folder.path, 'state') });
  await engine.run(
    { type: 'camera.add', name: 'Front', kind: 'test', pattern: 'smpte' },
    { type: 'gadget.add', name: 'Desk', host: null },
    { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
    { type: 'scene.save', name: 'Town hall' },
  );
});
afterAll(async () => {
  await engine.stop();
  await folder.remove();
});

test('a scene goes into a file and comes back from it, on a box that had forgotten it', async () => {
  const file = join(folder.path, 'hall.crosspoint-scene');
  expect(await scene('export', 'Town hall', file)).toMatchObject({ code: 0 });
  const before = (await engine.state()).config;
  await engine.run(
    { type: 'scene.delete', name: 'Town hall' },
    { type: 'unroute', source: 'cam:front', destination: 'desk.webcam' },
  );
  expect(await scene('import', file)).toMatchObject({ code: 0, stdout: 'Town hall\n' });
  const after = (await engine.state()).config;
  expect(after.scenes).toEqual(before.scenes);
  // It is there, and was not recalled.
  expect(after.routes).toEqual([]);
  expect(await scene('recall', 'Town hall')).toMatchObject({ code: 0 });
  expect((await engine.state()).config.routes).toEqual(before.routes);
});

test('what is no scene is refused and named', async () => {
  const file = join(folder.path, 'broken.crosspoint-scene');
  writeFileSync(file, readFileSync(join(import.meta.dirname, '../../../package.json')));
  const { code, stderr } = await scene('import', file);
  expect([code, stderr]).toEqual([1, expect.stringContaining('This is not a scene of Crosspoint.')]);
  expect(await scene('export', 'Nobody', '-')).toMatchObject({ code: 1 });
});
