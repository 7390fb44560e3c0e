import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { standInGadget } from '../../support/pulse-gadget.ts';
import { Listener, measure, playTone } from '../../support/pulse-tone.ts';

const MIC = 'mic:room-mic';
const TONE_DB = -12;

let sound: TestDaemon;
let client: PulseClient;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;

/** A microphone as the user has one: a source that is no monitor, with a 1 kHz tone in it. */
async function plugInMicrophone(): Promise<void> {
  client = await sound.connect();
  await client.loadModule('module-null-sink', 'sink_name=room');
  await client.loadModule('module-remap-source', 'source_name=room_mic master=room.monitor');
  await playTone(client, 'room', { dbfs: TONE_DB });
}

/** Level of the tone at a monitor, once it is steady. */
async function levelAt(source: string): Promise<number> {
  const listener = await Listener.open(client, source);
  try {
    const { dbfs } = measure(await listener.hear(250));
    return dbfs;
  } finally {
    await listener.dispose();
  }
}
const settles = (wanted: (db: number) => boolean, limitMs = 3000) =>
  expect
    .poll(async () => wanted(await levelAt('crosspoint.desk.mic.monitor')), {
      timeout: limitMs,
      interval: 10,
    })
    .toBe(true);
const near = (wanted: number) => (db: number) => Math.abs(db - wanted) <= 1;
const silent = (db: number) => db < -90;
const cellIs = (state: string) =>
  engine.until(`the cell is ${state}`, ({ status }) => status.cells[`${MIC}|desk.mic`]?.state === state);
const loopbacks = async () =>
  (await client.modules()).filter(({ name }) => name === 'module-loopback').length;

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
});
afterAll(() => sound.dispose());
beforeEach(async () => {
  await plugInMicrophone();
  directory = await temporaryDirectory('audio-job');
  engine = await EngineProcess.start({ stateDir: directory.path, args: ['--pulse', sound.address] });
  await engine.run({ type: 'gadget.add', name: 'Desk' });
  await engine.until('the microphone is found', ({ status }) => status.devices[MIC]?.state === 'online');
});
afterEach(async () => {
  await engine.stop();
  await directory.remove();
  client.dispose();
  await sound.kill();
  await sound.start();
});

test('a routed microphone is heard with the asked gain; mute is silence; unroute unloads it', async () => {
  await engine.run({ type: 'route', source: MIC, destination: 'desk.mic', gain: -6 });
  await engine.until('it is built, for a gadget that is away', ({ status: { cells } }) => {
    const { state, reason = '' } = cells[`${MIC}|desk.mic`] ?? {};
    return state === 'offline' && reason.includes('not connected to this box');
  });
  await standInGadget(client, 'desk');
  await cellIs('live');
  await settles(near(TONE_DB - 6));
  await engine.run({ type: 'setGain', source: MIC, destination: 'desk.mic', gain: 3 });
  await settles(near(TONE_DB + 3));
  await engine.run({ type: 'setGain', id: MIC, gain: -10 });
  await settles(near(TONE_DB + 3 - 10));

  for (const target of [{ id: MIC }, { id: 'desk.mic' }, { source: MIC, destination: 'desk.mic' }]) {
    await engine.run({ type: 'mute', ...target });
    await settles(silent);
    await engine.run({ type: 'unmute', ...target });
    await settles(near(TONE_DB + 3 - 10));
  }
  expect(await loopbacks()).toBe(1);
  await engine.run({ type: 'unroute', source: MIC, destination: 'desk.mic' });
  await settles(silent);
  await expect.poll(loopbacks).toBe(0);
});

test('after kill -9 of the sound server the tone is back within 3 s of its return, without any command', async () => {
  await engine.run({ type: 'route', source: MIC, destination: 'desk.mic', gain: -6 });
  await standInGadget(client, 'desk');
  await settles(near(TONE_DB - 6));
  await cellIs('live');
  await sound.kill();
  await engine.until('the cell says so', ({ status }) => status.cells[`${MIC}|desk.mic`]?.state !== 'live');
  await sound.start();
  const returnedMs = performance.now();
  await plugInMicrophone();
  await settles(near(TONE_DB - 6));
  expect(performance.now() - returnedMs).toBeLessThan(3000);
  await standInGadget(client, 'desk');
  await cellIs('live');
});

test('a clean stop leaves the sound server as it was', async () => {
  const before = await client
    .modules()
    .then((modules) => modules.filter(({ argument }) => !argument.includes('crosspoint')));
  await engine.run(
    { type: 'route', source: MIC, destination: 'desk.mic' },
    { type: 'gadget.add', name: 'Office' },
  );
  await standInGadget(client, 'desk');
  await cellIs('live');
  const { code, ms } = await engine.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(3000);
  expect(await client.modules()).toEqual(before);
});
