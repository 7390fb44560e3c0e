import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { delay, within } from '../../../electron/base/time.ts';
import { type VideoDesired } from '../../../electron/video/plane.ts';
import { connectRtmp, type RtmpClient } from '../../../electron/video/rtmp/client.ts';
import { parseMjpegFrame, parseVideoTag } from '../../../electron/video/rtmp/ex-video.ts';
import { type Figure, figureTable, machine, quantile } from '../support/figures.ts';
import { HelperProcess } from '../support/helper-process.ts';
import { desire, ingest, v4l2 } from './desired.ts';
import { cameraOf } from './stamp.ts';

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    switches: { type: 'string', default: '1000' },
    plays: { type: 'string', default: '100' },
    only: { type: 'string', default: 'load,first,gadget,program' },
  },
});
const parts = options.only.split(',');
const switches = Number(options.switches);
const FRAME_BYTES = 80_000;
const INTERVAL_MS = 1000 / 30;

const directory = await mkdtemp(join(tmpdir(), 'crosspoint-bench-'));
/** A device of V4L2 is a path under /dev. */
const devices = await mkdtemp('/dev/shm/crosspoint-bench-');
const device = async (number: number): Promise<string> => {
  const path = join(devices, `camera${number}`);
  await writeFile(path, '');
  return path;
};

interface PlaneStats {
  readonly cpuSeconds: number;
  readonly rssMb: number;
  readonly loopP99Ms: number;
}

/** The video plane in a process of its own. */
class Plane {
  readonly #process: HelperProcess;
  url = '';

  constructor(...args: string[]) {
    this.#process = new HelperProcess(import.meta.url, 'plane-process.ts', ...args);
  }

  static async start(...args: string[]): Promise<Plane> {
    const plane = new Plane(...args);
    const { port } = await plane.#process.next<{ port: number }>();
    plane.url = `rtmp://127.0.0.1:${port}`;
    return plane;
  }

  apply(desired: VideoDesired): Promise<unknown> {
    return this.#process.ask({ desired });
  }

  stats(): Promise<PlaneStats> {
    return this.#process.ask({});
  }

  stop(): Promise<void> {
    return this.#process.stop();
  }
}

const program = (command: string, args: readonly string[]): ChildProcess =>
  spawn(command, [...args], { stdio: ['ignore', 'ignore', 'ignore'] });

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}

async function ffmpeg(...args: string[]): Promise<void> {
  const child = spawn('ffmpeg', ['-v', 'error', '-y', '-nostdin', ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error('ffmpeg failed');
}

/** A picture of less than the wanted size: the cameras fill it up. */
async function makePicture(): Promise<void> {
  const file = join(directory, 'picture.jpg');
  await ffmpeg(
    ...[
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=1280x720',
      '-frames:v',
      '1',
      '-pix_fmt',
      'yuvj420p',
      '-q:v',
      '6',
      file,
    ],
  );
  process.env.CROSSPOINT_BENCH_JPEG = file;
  process.env.CROSSPOINT_BENCH_BYTES = `${FRAME_BYTES}`;
}

async function measureLoad(): Promise<Figure[]> {
  const plane = await Plane.start('cameras');
  const ids = Array.from({ length: 8 }, (_, index) => index + 1);
  const cameras = await Promise.all(ids.map(async (number) => v4l2(number, await device(number))));
  await plane.apply(
    desire(cameras, Object.fromEntries(ids.map((number) => [`g${number}`, `cam:c${number}`]))),
  );
  const receivers = new HelperProcess(
    import.meta.url,
    'receivers-process.ts',
    ...ids.map((number) => `${plane.url}/gadget/g${number}?token=secret`),
  );
  await receivers.next();
  await delay(8000);
  await Promise.all([receivers.ask(), plane.stats()]);
  const began = performance.now();
  await delay(Number(options.seconds) * 1000);
  const [latency, stats] = await Promise.all([
    receivers.ask<{ frames: number; p50Ms: number; p99Ms: number; maxGapMs: number }>(),
    plane.stats(),
  ]);
  const seconds = (performance.now() - began) / 1000;
  await receivers.stop();
  await plane.stop();
  return [
    {
      what: '8 gadgets, 720p30, 80 KB: frames received',
      value: latency.frames / seconds / 8,
      unit: 'per s each',
      digits: 1,
    },
    { what: '… source → receiver, p50', value: latency.p50Ms, unit: 'ms', digits: 2 },
    { what: '… source → receiver, p99', value: latency.p99Ms, unit: 'ms', digits: 2, limit: 5 },
    {
      what: '… engine CPU',
      value: (100 * stats.cpuSeconds) / seconds,
      unit: '% of a core',
      digits: 1,
      limit: 10,
    },
    { what: '… event-loop delay, p99', value: stats.loopP99Ms, unit: 'ms', digits: 2, limit: 10 },
  ];
}

/** H.264 with a key frame every third of a second, to be published without encoding it again. */
async function makeClip(name: string, colour: string): Promise<string> {
  const file = join(directory, `${name}.flv`);
  await ffmpeg(
    ...['-f', 'lavfi', '-i', `color=c=${colour}:s=1280x720:r=30,noise=alls=4:allf=t`, '-t', '20'],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '10'],
    ...['-x264-params', 'scenecut=0', '-b:v', '2M', '-f', 'flv', file],
  );
  return file;
}

/** In time to the millisecond: what is measured is not the publisher's pace. */
async function publish(file: string, url: string): Promise<HelperProcess> {
  const publisher = new HelperProcess(import.meta.url, '../rtmp/publisher-process.ts', url, file);
  await publisher.next();
  return publisher;
}

const nextVideo = (client: RtmpClient, what: string): Promise<void> =>
  within(
    5000,
    what,
    new Promise((resolve) => {
      const listening = client.onMedia(({ type, payload }) => {
        if (type !== 9 || !(parseMjpegFrame(payload) ?? parseVideoTag(payload)?.kind === 'frame')) return;
        void listening.dispose();
        resolve();
      });
    }),
  );

async function measureFirst(): Promise<Figure[]> {
  const plane = await Plane.start('ingests');
  await plane.apply(desire([ingest('one')], { g1: 'ingest:one' }, 'ingest:one'));
  const publisher = await publish(await makeClip('first', 'green'), `${plane.url}/live/one`);
  // One stays, so that the source is warm.
  const warm = await connectRtmp({ url: `${plane.url}/gadget/g1?token=secret` });
  await warm.play();
  await delay(3000);
  const figures: Figure[] = [];
  for (const path of ['gadget/g1?token=secret', 'live/one', 'program/out']) {
    const times: number[] = [];
    for (let count = 0; count < Number(options.plays); count++) {
      const client = await connectRtmp({ url: `${plane.url}/${path}` });
      const began = performance.now();
      const picture = nextVideo(client, `the first picture of ${path}`);
      await client.play();
      await picture;
      times.push(performance.now() - began);
      await client.dispose();
    }
    figures.push({
      what: `play → first picture, ${path.split('/')[0] ?? ''}, p99 of ${options.plays}`,
      value: quantile(times, 0.99),
      unit: 'ms',
      digits: 1,
      limit: 50,
    });
  }
  await warm.dispose();
  await publisher.stop();
  await plane.stop();
  return figures;
}

async function measureGadgetSwitch(): Promise<Figure[]> {
  const plane = await Plane.start('cameras');
  const cameras = await Promise.all([1, 2].map(async (number) => v4l2(number, await device(number))));
  // A second gadget of each keeps both cameras warm: what is measured is the switch, not the start of a camera.
  const routed = (camera: number) => desire(cameras, { g1: `cam:c${camera}`, one: 'cam:c1', two: 'cam:c2' });
  await plane.apply(routed(1));
  const clients = await Promise.all(
    ['g1', 'one', 'two'].map((id) => connectRtmp({ url: `${plane.url}/gadget/${id}?token=secret` })),
  );
  await Promise.all(clients.map((client) => client.play()));
  const [client] = clients;
  if (!client) throw new Error('no client');
  let lastMs = 0;
  let maxGapMs = 0;
  let backwards = 0;
  let lastTimestamp = 0;
  let seen = 0;
  let wake: (() => void) | undefined;
  client.onMedia(({ payload, timestampMs }) => {
    const jpeg = parseMjpegFrame(payload);
    if (!jpeg) return;
    const now = performance.now();
    if (lastMs > 0) maxGapMs = Math.max(maxGapMs, now - lastMs);
    if (timestampMs <= lastTimestamp) backwards++;
    lastMs = now;
    lastTimestamp = timestampMs;
    seen = cameraOf(jpeg) ?? 0;
    wake?.();
  });
  const showing = (camera: number): Promise<void> =>
    within(
      5000,
      `camera ${camera}`,
      new Promise((resolve) => {
        wake = () => {
          if (seen === camera) resolve();
        };
        wake();
      }),
    );
  await showing(1);
  await delay(3000);
  maxGapMs = 0;
  const times: number[] = [];
  for (let count = 0; count < switches; count++) {
    const camera = count % 2 === 0 ? 2 : 1;
    const began = performance.now();
    void plane.apply(routed(camera));
    await showing(camera);
    times.push(performance.now() - began);
    await delay(40 + (count % 7) * 10);
  }
  for (const one of clients) await one.dispose();
  await plane.stop();
  const limit = Math.round(2 * INTERVAL_MS);
  return [
    {
      what: `gadget switch: command → first new frame, p50 of ${switches}`,
      value: quantile(times, 0.5),
      unit: 'ms',
      digits: 1,
    },
    { what: '… p99', value: quantile(times, 0.99), unit: 'ms', digits: 1, limit },
    { what: '… largest gap between frames', value: maxGapMs, unit: 'ms', digits: 1, limit },
    { what: '… timestamps that went back', value: backwards, unit: '', digits: 0, limit: 0 },
  ];
}

/** The largest gap between frames that a client gets. */
function watchGaps(client: RtmpClient): { maxMs: number } {
  const gaps = { maxMs: 0 };
  let lastMs: number | undefined;
  client.onMedia(({ type, payload }) => {
    if (type !== 9 || parseVideoTag(payload)?.kind !== 'frame') return;
    const now = performance.now();
    if (lastMs !== undefined) gaps.maxMs = Math.max(gaps.maxMs, now - lastMs);
    lastMs = now;
  });
  return gaps;
}

async function measureProgramSwitch(): Promise<Figure[]> {
  const plane = await Plane.start('ingests');
  const sources = [ingest('one'), ingest('two')];
  const routed = (slug: string) => desire(sources, {}, `ingest:${slug}`);
  await plane.apply(routed('one'));
  const publishers = [
    await publish(await makeClip('one', 'red'), `${plane.url}/live/one`),
    await publish(await makeClip('two', 'blue'), `${plane.url}/live/two`),
  ];
  await delay(2000);
  const url = `${plane.url}/program/out`;
  const players = [
    program('ffmpeg', ['-v', 'error', '-nostdin', '-i', url, '-c', 'copy', '-f', 'null', '-']),
    program('gst-launch-1.0', ['-q', 'rtmp2src', `location=${url}`, '!', 'fakesink', 'sync=false']),
  ];
  let disconnects = 0;
  let watching = true;
  for (const player of players)
    player.once('exit', () => {
      if (watching) disconnects++;
    });
  const client = await connectRtmp({ url });
  client.onEnd(() => {
    if (watching) disconnects++;
  });
  let lastMs = 0;
  let maxGapMs = 0;
  let backwards = 0;
  let lastTimestamp = 0;
  let headers = 0;
  let wake: (() => void) | undefined;
  client.onMedia(({ type, payload, timestampMs }) => {
    if (type !== 9) return;
    if (timestampMs < lastTimestamp) backwards++;
    lastTimestamp = timestampMs;
    const kind = parseVideoTag(payload)?.kind;
    if (kind === 'sequence-header') {
      headers++;
      wake?.();
    }
    if (kind !== 'frame') return;
    const now = performance.now();
    if (lastMs > 0) maxGapMs = Math.max(maxGapMs, now - lastMs);
    lastMs = now;
  });
  await client.play();
  const direct = await Promise.all(
    ['one', 'two'].map(async (slug) => {
      const other = await connectRtmp({ url: `${plane.url}/live/${slug}` });
      const gaps = watchGaps(other);
      await other.play();
      return { other, gaps };
    }),
  );
  await delay(3000);
  maxGapMs = 0;
  for (const { gaps } of direct) gaps.maxMs = 0;
  const times: number[] = [];
  for (let count = 0; count < switches; count++) {
    const before = headers;
    const began = performance.now();
    const switched = within(
      5000,
      'the other source',
      new Promise<void>((resolve) => {
        wake = () => {
          if (headers > before) resolve();
        };
      }),
    );
    void plane.apply(routed(count % 2 === 0 ? 'two' : 'one'));
    await switched;
    times.push(performance.now() - began);
    await delay(20 + (count % 7) * 10);
  }
  watching = false;
  await client.dispose();
  const directMs = Math.max(...direct.map(({ gaps }) => gaps.maxMs));
  for (const { other } of direct) await other.dispose();
  for (const player of players) await end(player);
  for (const publisher of publishers) await publisher.stop();
  await plane.stop();
  return [
    {
      what: `program switch: command → new source (key frames 333 ms apart), p50 of ${switches}`,
      value: quantile(times, 0.5),
      unit: 'ms',
      digits: 0,
    },
    {
      what: '… largest gap between frames',
      value: maxGapMs,
      unit: 'ms',
      digits: 1,
      limit: Math.round(2 * INTERVAL_MS),
    },
    {
      what: '… largest gap of the two sources themselves, played directly in the same process',
      value: directMs,
      unit: 'ms',
      digits: 1,
    },
    { what: '… timestamps that went back', value: backwards, unit: '', digits: 0, limit: 0 },
    { what: '… disconnects (ffmpeg, rtmp2src, our own)', value: disconnects, unit: '', digits: 0, limit: 0 },
  ];
}

try {
  console.log(machine());
  await makePicture();
  const figures: Figure[] = [];
  if (parts.includes('load')) figures.push(...(await measureLoad()));
  if (parts.includes('first')) figures.push(...(await measureFirst()));
  if (parts.includes('gadget')) figures.push(...(await measureGadgetSwitch()));
  if (parts.includes('program')) figures.push(...(await measureProgramSwitch()));
  console.log(figureTable(figures));
} finally {
  await rm(directory, { recursive: true });
  await rm(devices, { recursive: true });
}
process.exit(0);
