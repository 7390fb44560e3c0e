import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLogger as log } from '../../../electron/base/logger.ts';
import { diff, type Model } from '../../../electron/engine/store/model.ts';
import { Store } from '../../../electron/engine/store/store.ts';
import { modelOf, RIG } from '../../support/engine-model.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crosspoint-store-'));
});
const opened: Store[] = [];
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await rm(directory, { recursive: true });
});

const open = async (restoreBackup = false) => {
  const result = await Store.open({ directory, log, restoreBackup });
  opened.push(result.store);
  return result;
};
const EMPTY = modelOf([]);
const step = (from: Model, ...commands: unknown[]) => {
  const model = modelOf(commands, from);
  return [diff(from, model), model] as const;
};
const gain = (db: number) => ({ type: 'setGain', id: 'mic:desk', gain: db });

describe('an acknowledged change', () => {
  test('is there after a death without a close', async () => {
    const { store, fresh } = await open();
    expect(fresh).toBe(true);
    await store.append(1, ...step(EMPTY, { type: 'gadget.add', name: 'Desk' }));
    // No close: as after kill -9.
    const again = await open();
    expect(again.fresh).toBe(false);
    expect(again.checkpoint).toMatchObject({ revision: 1, model: { gadgets: [{ id: 'desk' }] } });
    expect(again.checkpoint.model.secrets).toHaveLength(1);
  });

  test('is there when the line after it was torn', async () => {
    const { store } = await open();
    await store.append(1, diff(EMPTY, RIG), RIG);
    const journal = join(directory, 'state.journal');
    await writeFile(journal, `${await readFile(journal, 'utf8')}{"revision":2,"chan`);
    const again = await open();
    expect(again.checkpoint).toEqual({ revision: 1, model: RIG });
    await again.store.append(2, ...step(RIG, gain(-3)));
    expect((await open()).checkpoint.revision).toBe(2);
  });

  test('survives whatever it removes, adds or changes, in its place', async () => {
    const { store } = await open();
    await store.append(1, diff(EMPTY, RIG), RIG);
    let model = RIG;
    let revision = 1;
    for (const command of [
      { type: 'camera.remove', id: 'cam:front' },
      { type: 'camera.add', name: 'Third', kind: 'test', pattern: 'blue' },
      { type: 'rename', id: 'office', name: 'Büro' },
      { type: 'route', source: 'mic:desk', destination: 'desk.mic', gain: -7.5 },
      { type: 'scene.save', name: 'S' },
      { type: 'gadget.remove', id: 'desk' },
    ]) {
      const [changes, next] = step(model, command);
      model = next;
      await store.append(++revision, changes, model);
    }
    expect((await open()).checkpoint).toEqual({ revision, model });
  });
});

test('a fader that moves 600 times costs bytes, not 600 files', async () => {
  const { store } = await open();
  await store.append(1, diff(EMPTY, RIG), RIG);
  const before = await readFile(join(directory, 'state.json'), 'utf8').catch(() => 'none');
  let model = RIG;
  const saves = Array.from({ length: 600 }, (_, n) => {
    const [changes, next] = step(model, gain(-n / 10));
    model = next;
    return store.append(n + 2, changes, model);
  });
  await Promise.all(saves);
  expect(await readFile(join(directory, 'state.json'), 'utf8').catch(() => 'none')).toBe(before);
  expect((await readFile(join(directory, 'state.journal'))).length).toBeLessThan(200_000);
  expect((await open()).checkpoint).toEqual({ revision: 601, model });
});

test('the journal is folded into the file when it has grown, and at the close', async () => {
  const { store } = await open();
  let model = RIG;
  await store.append(1, diff(EMPTY, RIG), RIG);
  for (let n = 0; n < 9; n++) {
    // A scene of many routes makes a long line.
    const routes = Array.from({ length: 2000 }, (_, i) => ({
      source: `cam:c${i}` as never,
      destination: 'desk.webcam' as never,
      gain: n,
      muted: false,
    }));
    const next = { ...model, scenes: [{ name: 'Big', routes, channels: {} }] };
    await store.append(n + 2, diff(model, next), next);
    model = next;
  }
  expect((await readFile(join(directory, 'state.journal'))).length).toBeLessThan(1.3 * 1024 * 1024);
  await store.close();
  expect((await readFile(join(directory, 'state.journal'))).length).toBe(0);
  expect((await open()).checkpoint).toEqual({ revision: 10, model });
});

describe('a state file that cannot be used is refused and kept', () => {
  const state = () => join(directory, 'state.json');

  test('broken, without a backup', async () => {
    await writeFile(state(), '{"version":1,"rev');
    await expect(open()).rejects.toMatchObject({
      code: 'state-broken',
      message: expect.stringContaining(state()) as string,
    });
    expect(await readFile(state(), 'utf8')).toBe('{"version":1,"rev');
  });

  test('broken, with a backup, which is offered and used on demand', async () => {
    const { store } = await open();
    await store.append(1, diff(EMPTY, RIG), RIG);
    await store.close();
    const second = await open();
    await second.store.append(2, ...step(RIG, gain(-3)));
    await second.store.close();
    await writeFile(state(), 'garbage');
    await expect(open()).rejects.toMatchObject({
      code: 'state-broken',
      hint: expect.stringContaining('--restore-backup') as string,
    });
    const restored = await open(true);
    expect(restored.checkpoint).toEqual({ revision: 1, model: RIG });
    const kept = (await readdir(directory)).find((name) => name.startsWith('state.json.broken-'));
    expect(await readFile(join(directory, kept!), 'utf8')).toBe('garbage');
  });

  test('newer than this program', async () => {
    await writeFile(state(), '{"version":99,"revision":1,"model":{}}');
    await expect(open()).rejects.toMatchObject({
      code: 'state-newer',
      message: expect.stringContaining('99') as string,
    });
    await expect(open(true)).rejects.toMatchObject({ code: 'state-newer' });
    expect(await readFile(state(), 'utf8')).toContain('99');
  });

  test('valid JSON of another shape', async () => {
    await writeFile(state(), '{"version":1,"revision":1,"model":{"sources":[{"id":"nonsense"}]}}');
    await expect(open()).rejects.toMatchObject({
      code: 'state-broken',
      message: expect.stringContaining('model.sources') as string,
    });
  });

  test('a journal damaged in its middle', async () => {
    const { store } = await open();
    await store.append(1, diff(EMPTY, RIG), RIG);
    const journal = join(directory, 'state.journal');
    const line = await readFile(journal, 'utf8');
    await writeFile(journal, `nonsense\n${line}`);
    await expect(open()).rejects.toMatchObject({
      code: 'state-broken',
      message: expect.stringContaining('line 1') as string,
    });
  });
});
