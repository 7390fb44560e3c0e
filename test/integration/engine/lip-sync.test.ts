import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MIXER_SINK } from '../../../electron/audio/graph/built.ts';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';
import { coloursOf, FrameReceiver } from '../../support/engine-pictures.ts';
import { EngineProcess, flows, temporaryDirectory } from '../../support/engine-process.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { standInGadget } from '../../support/pulse-gadget.ts';
import { eventually } from '../../support/pulse-wait.ts';

const RATE_HZ = 48_000;
/** The picture is red, and a tone sounds, for so long at the beginning of each second. */
const FLASH_S = 0.2;

let sound: TestDaemon;
let client: PulseClient;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
let publisher: ChildProcess | undefined;
let receiver: FrameReceiver | undefined;

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
  client = await sound.connect();
  directory = await temporaryDirectory('lip-sync');
  engine = await EngineProcess.start({ stateDir: directory.path, args: ['--pulse', sound.address] });
});
afterAll(async () => {
  await receiver?.dispose();
  if (publisher?.exitCode === null && publisher.signalCode === null) {
    const closed = once(publisher, 'close');
    publisher.kill('SIGKILL');
    await closed;
  }
  await engine.stop();
  client.dispose();
  await sound.dispose();
  await directory.remove();
});

function publishFlashes(url: string): ChildProcess {
  const on = `lt(mod(t\\,1)\\,${FLASH_S})`;
  return spawn(
    'ffmpeg',
    [
      ...['-loglevel', 'error', '-nostdin', '-re', '-f', 'lavfi'],
      ...['-i', `color=blue:size=1280x720:rate=30,drawbox=color=red:t=fill:enable='${on}'`],
      ...['-f', 'lavfi', '-i', `aevalsrc=0.5*sin(2*PI*1000*t)*${on}:s=${RATE_HZ}:c=stereo`],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '30'],
      ...['-pix_fmt', 'yuv420p', '-c:a', 'aac', '-f', 'flv', url],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
}

/** When the tone began, each time, while it listens for `ms`. */
async function beeps(ms: number): Promise<number[]> {
  const onsets: number[] = [];
  let quiet = RATE_HZ;
  const stream = await client.record({
    name: 'lip-sync',
    source: 'crosspoint.desk.mic.monitor',
    format: 'float32le',
    channels: 1,
    rateHz: RATE_HZ,
    fragmentMs: 5,
    onData: (pcm) => {
      const now = performance.now();
      for (let at = 0; at < pcm.length; at += 4) {
        if (Math.abs(pcm.readFloatLE(at)) < 0.05) quiet++;
        else {
          if (quiet > RATE_HZ / 10) onsets.push(now - ((pcm.length - at) / 4 / RATE_HZ) * 1000);
          quiet = 0;
        }
      }
    },
  });
  await new Promise((resolve) => setTimeout(resolve, ms));
  await stream.dispose();
  return onsets;
}

/** How much later than the picture the sound comes, each second. */
async function lags(ms: number): Promise<number[]> {
  const from = receiver!.frames.length;
  const heard = await beeps(ms);
  const frames = receiver!.frames.slice(from);
  const colours = await coloursOf(frames.map(({ jpeg }) => jpeg));
  const seen = frames.flatMap(({ atMs }, i) =>
    i > 0 && colours[i] === 'red' && colours[i - 1] !== 'red' ? [atMs] : [],
  );
  return heard.flatMap((at) => seen.map((flash) => at - flash).filter((lag) => Math.abs(lag) < 400));
}
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

test('a flash and a beep of a publisher reach the client within 45 ms of each other, whatever mixes; a delay trims the sound', async () => {
  const { results } = await engine.run(
    { type: 'ingest.add', name: 'Clap' },
    { type: 'gadget.add', name: 'Desk' },
  );
  publisher = publishFlashes(`${engine.rtmp}/live/${String(results[0]?.key)}`);
  await engine.until('it publishes', ({ status }) => status.devices['ingest:clap']?.state === 'online');
  await engine.run(
    { type: 'route', source: 'ingest:clap', destination: 'desk.webcam' },
    { type: 'route', source: 'ingest:clap.audio', destination: 'desk.mic' },
  );
  receiver = await FrameReceiver.play(`${engine.rtmp}/gadget/desk?token=${String(results[1]?.token)}`);
  await standInGadget(client, 'desk');
  await engine.until(
    'both flow',
    (state) => flows(state, 'ingest:clap', 'desk.webcam') && flows(state, 'ingest:clap.audio', 'desk.mic'),
  );
  await receiver.more(60);
  let plain = Number.NaN;
  for (const mixer of ['own', 'loopbacks']) {
    await engine.run({ type: 'settings.update', soundMixer: mixer });
    const isOwn = async () => (await client.sinkInputs()).some(({ properties }) => MIXER_SINK in properties);
    await eventually(`it is mixed by ${mixer}`, async () => (await isOwn()) === (mixer === 'own'));
    plain = Number.NaN;
    // A busy machine may hold up the one or the other for a while.
    for (let attempt = 0; attempt < 6 && !(Math.abs(plain) <= 45); attempt++)
      plain = median(await lags(4000));
    console.log(`${mixer}: sound after picture: ${plain.toFixed(0)} ms`);
    expect(Math.abs(plain)).toBeLessThanOrEqual(45);
  }

  await engine.run({ type: 'channel.update', id: 'desk.mic', delayMs: 100 });
  await engine.until(
    'it aims later',
    ({ status }) => status.cells['ingest:clap.audio|desk.mic']?.targetMs === 110,
  );
  await receiver.more(30);
  let trimmed = Number.NaN;
  for (let attempt = 0; attempt < 3 && !(Math.abs(trimmed - plain - 100) <= 30); attempt++)
    trimmed = median(await lags(4000));
  console.log(`with 100 ms of delay: ${trimmed.toFixed(0)} ms`);
  expect(Math.abs(trimmed - plain - 100)).toBeLessThanOrEqual(30);
});
