import { afterAll, beforeAll, expect, test } from 'vitest';
import { childrenOf, EngineProcess, flows, temporaryDirectory } from '../../support/engine-process.ts';
import { colourOf, FrameReceiver, publishColour } from '../../support/engine-pictures.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';

const FRAME_MS = 1000 / 30;

let sound: TestDaemon;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
let receiver: FrameReceiver;
const publishers: ReturnType<typeof publishColour>[] = [];

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
  directory = await temporaryDirectory('video-job');
  engine = await EngineProcess.start({ stateDir: directory.path, args: ['--pulse', sound.address] });
});
afterAll(async () => {
  await receiver.dispose();
  await Promise.all(publishers.map(({ stop }) => stop()));
  await engine.stop();
  await sound.dispose();
  await directory.remove();
});

const shown = async (id: string) =>
  colourOf(new Uint8Array(await (await fetch(`${engine.http}/api/video/${id}.jpg`)).arrayBuffer()));

test('a route command turns red into blue on the same connection, without a gap', async () => {
  const { results } = await engine.run(
    { type: 'ingest.add', name: 'Red' },
    { type: 'ingest.add', name: 'Blue' },
    { type: 'gadget.add', name: 'Desk' },
  );
  const [red, blue, desk] = results;
  publishers.push(
    publishColour('red', `${engine.rtmp}/live/${String(red?.key)}`),
    publishColour('blue', `${engine.rtmp}/live/${String(blue?.key)}`),
  );
  await engine.until('both publish', ({ status }) =>
    ['ingest:red', 'ingest:blue'].every((id) => status.devices[id]?.state === 'online'),
  );

  await engine.run({ type: 'route', source: 'ingest:red', destination: 'desk.webcam' });
  receiver = await FrameReceiver.play(`${engine.rtmp}/gadget/desk?token=${String(desk?.token)}`);
  let firstRed = await receiver.colour('red');
  await engine.until('the cell is live', (state) => flows(state, 'ingest:red', 'desk.webcam'));
  expect(await shown('desk.webcam')).toBe('red');

  // A busy machine may stop the publisher or us for a moment; a gap that the switch makes is there each time.
  const largest: number[] = [];
  do {
    if (largest.length > 0) {
      await engine.run({ type: 'route', source: 'ingest:red', destination: 'desk.webcam' });
      firstRed = await receiver.colour('red', receiver.frames.length);
      await expect.poll(() => childrenOf(engine.child.pid!), { timeout: 15_000 }).toHaveLength(1);
    }
    await receiver.more(30);
    await engine.run({ type: 'route', source: 'ingest:blue', destination: 'desk.webcam' });
    const firstBlue = await receiver.colour('blue', firstRed);
    await receiver.more(30);
    // Once red flows steadily, until blue does.
    const around = receiver.frames.slice(firstBlue - 30, firstBlue + 30);
    largest.push(Math.max(...around.slice(1).map((frame, i) => frame.atMs - around[i]!.atMs)));
  } while (largest.at(-1)! > 3 * FRAME_MS && largest.length < 3);
  expect(Math.min(...largest), `ms: ${largest.join(', ')}`).toBeLessThanOrEqual(3 * FRAME_MS);

  expect(receiver.ended).toBeUndefined();
  const { frames } = receiver;
  const steps = frames.slice(1).map((frame, i) => frame.timestampMs - frames[i]!.timestampMs);
  expect(Math.min(...steps)).toBeGreaterThan(0);
  expect(await colourOf(frames.at(-1)!.jpeg)).toBe('blue');
  expect(await shown('desk.webcam')).toBe('blue');
  expect((await engine.state()).config.routes).toHaveLength(1);
});

test('mute shows a dark slate at once, unmute the picture again', async () => {
  const muted = receiver.frames.length;
  await engine.run({ type: 'mute', id: 'desk.webcam' });
  const slate = await receiver.colour('dark', muted, 2000);
  expect(receiver.frames[slate]!.atMs - receiver.frames[muted]!.atMs).toBeLessThan(500);
  await engine.run({ type: 'unmute', id: 'desk.webcam' });
  await receiver.colour('blue', slate);
});

test('a publisher that goes away leaves a slate, and one that returns brings its picture', async () => {
  await publishers.pop()!.stop();
  const gone = receiver.frames.length;
  const slate = await receiver.colour('dark', gone, 3000);
  await engine.until(
    'the cell says so',
    ({ status }) => status.cells['ingest:blue|desk.webcam']?.state === 'offline',
  );
  const key = (await engine.run({ type: 'reveal', id: 'ingest:blue' })).results[0]?.key;
  publishers.push(publishColour('blue', `${engine.rtmp}/live/${String(key)}`));
  await receiver.colour('blue', slate);
  await engine.until('live again', (state) => flows(state, 'ingest:blue', 'desk.webcam'));
});

test('a wrong token is refused', async () => {
  await expect(FrameReceiver.play(`${engine.rtmp}/gadget/desk?token=wrong`)).rejects.toMatchObject({
    code: 'forbidden',
  });
  await expect(FrameReceiver.play(`${engine.rtmp}/gadget/desk`)).rejects.toMatchObject({ code: 'forbidden' });
  expect(receiver.ended).toBeUndefined();
});

test('nothing is decoded when nobody looks', async () => {
  await receiver.dispose();
  await expect.poll(() => childrenOf(engine.child.pid!), { timeout: 10_000 }).toEqual([]);
});
