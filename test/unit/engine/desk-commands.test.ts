import { afterEach, expect, test, vi } from 'vitest';
import { engineOn } from '../../support/engine-rig.ts';
import { modelOf, RIG } from '../../support/engine-model.ts';

type Rig = Awaited<ReturnType<typeof engineOn>>;
let rig: Rig;
afterEach(() => rig.dispose());

const microphone = (from: Rig) => from.audio.desired?.sources.find(({ id }) => id === 'mic:desk');

test('push to talk opens a muted microphone while it is held, and changes nothing that is kept', async () => {
  rig = await engineOn(modelOf([{ type: 'mute', id: 'mic:desk' }], RIG));
  const { revision } = rig.engine.state;
  await rig.run({ type: 'hold', id: 'mic:desk', key: 'talk' });
  expect(microphone(rig)?.muted).toBe(false);
  expect(rig.engine.state.status.held.talk).toEqual(['mic:desk']);
  await rig.run({ type: 'release', id: 'mic:desk', key: 'talk' });
  expect(microphone(rig)?.muted).toBe(true);
  expect(rig.engine.state.revision).toBe(revision);
});

test('the cough key silences an open microphone, and wins over push to talk', async () => {
  rig = await engineOn(RIG);
  await rig.run({ type: 'hold', id: 'mic:desk', key: 'talk' });
  await rig.run({ type: 'hold', id: 'mic:desk', key: 'cough' });
  expect(microphone(rig)?.muted).toBe(true);
  await rig.run({ type: 'release', id: 'mic:desk', key: 'cough' });
  expect(microphone(rig)?.muted).toBe(false);
});

test('panic ends push to talk', async () => {
  rig = await engineOn(RIG);
  await rig.run({ type: 'hold', id: 'mic:desk', key: 'talk' });
  await rig.run({ type: 'panic' });
  expect(microphone(rig)?.muted).toBe(true);
});

test('only microphones have these keys', async () => {
  rig = await engineOn(RIG);
  await expect(rig.run({ type: 'hold', id: 'cam:front', key: 'talk' })).rejects.toMatchObject({
    code: 'bad-request',
  });
});

test('what is done and what comes about is told, newest last, and to those who listen', async () => {
  rig = await engineOn(RIG);
  const told: string[] = [];
  const listening = rig.engine.onEvent((event) => {
    if (event.type === 'events') told.push(...event.entries.map(({ message }) => message));
  });
  await rig.run({ type: 'mute', id: 'cam:front' });
  rig.video.report({ sources: { 'cam:front': { state: 'online' } } });
  rig.video.report({ sources: { 'cam:front': { state: 'error', reason: 'The camera is gone.' } } });
  await vi.waitFor(() => expect(told.at(-1)).toBe('Front (cam:front): The camera is gone.'));
  expect(rig.engine.log.map(({ message }) => message)).toEqual(told);
  expect(rig.engine.log[0]).toMatchObject({ number: 1, kind: 'command', origin: 'test' });
  await listening.dispose();
});

test('at most 500 entries are remembered', async () => {
  rig = await engineOn(RIG);
  for (let i = 0; i < 510; i++) void rig.run({ type: i % 2 ? 'unmute' : 'mute', id: 'cam:front' });
  expect(rig.engine.log).toHaveLength(500);
  expect(rig.engine.log.at(-1)?.number).toBe(510);
});

test('a scene that was saved or recalled last is named; one that is deleted is not', async () => {
  rig = await engineOn(RIG);
  await rig.run({ type: 'scene.save', name: 'Morning' });
  expect(rig.engine.state.status.scene).toEqual({ name: 'Morning' });
  await rig.run({ type: 'scene.delete', name: 'Morning' });
  expect(rig.engine.state.status.scene).toBeNull();
});

test('a recall with a fade is in effect step by step, and undone as one', async () => {
  rig = await engineOn(RIG);
  const gain = () => {
    const source = rig.engine.state.config.sources.find(({ id }) => id === 'mic:desk');
    return source?.media === 'audio' ? source.gain : undefined;
  };
  await rig.run({ type: 'scene.save', name: 'Morning' });
  await rig.run({ type: 'setGain', id: 'mic:desk', gain: -40 });
  await rig.run({ type: 'scene.recall', name: 'Morning', fadeS: 0.4 });
  expect(gain()).toBe(-40);
  expect(rig.engine.state.status.scene).toEqual({ name: 'Morning', fadingMs: 400 });
  await vi.waitFor(() => expect(gain()).toBeGreaterThan(-40), { timeout: 3000, interval: 20 });
  await vi.waitFor(() => expect(gain()).toBe(0), { timeout: 3000, interval: 20 });
  await vi.waitFor(() => expect(rig.engine.state.status.scene).toEqual({ name: 'Morning' }));
  await rig.run({ type: 'undo' });
  expect(gain()).toBe(-40);
});

test('groups and settings reach those who follow the document', async () => {
  rig = await engineOn(RIG);
  await rig.run({ type: 'group.add', name: 'Speech', members: ['mic:desk'] });
  await rig.run({ type: 'settings.update', gainCeilingDb: 3 });
  expect(rig.engine.state.config.groups).toMatchObject([{ label: 'Speech' }]);
  expect(rig.engine.state.config.settings.gainCeilingDb).toBe(3);
});
