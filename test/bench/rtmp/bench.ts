import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { delay } from '../../../electron/base/time.ts';
import { connectRtmp } from '../../../electron/video/rtmp/client.ts';
import { machine, median, show } from '../support/figures.ts';
import { HelperProcess } from '../support/helper-process.ts';
import { cpuSeconds, rssBytes } from '../support/process-usage.ts';
import { kernelHeldBytes } from '../support/tcp-queues.ts';
import { makeClip } from './clip.ts';
import { type BenchServer, isAvailable, startServer } from './servers.ts';

const { values: options } = parseArgs({
  options: {
    servers: { type: 'string', default: 'crosspoint,nginx,nms' },
    viewers: { type: 'string', default: '1,20,50' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
    stall: { type: 'string', default: '60' },
    only: { type: 'string', default: 'relay,floor,connect,idle,random,stall' },
  },
});
const servers = options.servers.split(',').filter(isAvailable);
const viewerCounts = options.viewers.split(',').map(Number);
const seconds = Number(options.seconds);
const parts = options.only.split(',');
/** So long until a just-in-time compiled server has compiled what it needs: after 20 s it is still at it. */
const WARM_UP_MS = 40_000;
/** Its memory grows by itself until then, with nobody stalled: by 3.5 MB from the 20th to the 80th second, then by 0.1. */
const SETTLE_MS = 60_000;
const MB = 1024 * 1024;

const directory = await mkdtemp(path.join(tmpdir(), 'crosspoint-bench-'));
const clip = path.join(directory, 'clip.flv');

async function withServer<T>(
  name: string,
  measure: (server: BenchServer, url: string) => Promise<T>,
): Promise<T> {
  const server = await startServer(name, directory);
  try {
    return await measure(server, `rtmp://127.0.0.1:${server.port}/live/bench`);
  } finally {
    await server.stop();
  }
}

interface RelayResult {
  readonly cpuPerViewerMinute: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMb: number;
  readonly framesPerViewer: number;
}

const measureRelay = (name: string, viewers: number): Promise<RelayResult> =>
  withServer(name, async (server, url) => {
    const publisher = new HelperProcess(import.meta.url, 'publisher-process.ts', url, clip);
    await publisher.next();
    const players = new HelperProcess(import.meta.url, 'viewers-process.ts', url, `${viewers}`);
    await players.next();
    await delay(WARM_UP_MS);
    await players.ask();
    const before = await cpuSeconds(server.pid);
    const began = performance.now();
    await delay(seconds * 1000);
    const used = (await cpuSeconds(server.pid)) - before;
    const minutes = (performance.now() - began) / 60_000;
    const latency = await players.ask<{ frames: number; p50Ms: number; p99Ms: number }>();
    const rss = await rssBytes(server.pid);
    await players.stop();
    await publisher.stop();
    return {
      cpuPerViewerMinute: used / minutes / viewers,
      p50Ms: latency.p50Ms,
      p99Ms: latency.p99Ms,
      rssMb: rss / MB,
      framesPerViewer: latency.frames / viewers,
    };
  });

/** Bytes of a frame of the clip: 6 Mbit/s at 30 per second. */
const FRAME_BYTES = 25_000;

/** What a bare Node program needs to write as much: no relay in Node takes less. In CPU seconds per viewer-minute. */
async function measureFloor(viewers: number): Promise<number> {
  const writer = new HelperProcess(
    import.meta.url,
    'floor-process.ts',
    'write',
    `${viewers}`,
    `${FRAME_BYTES}`,
  );
  const { port } = await writer.next<{ port: number }>();
  const reader = new HelperProcess(import.meta.url, 'floor-process.ts', 'read', `${viewers}`, `${port}`);
  await reader.next();
  await delay(WARM_UP_MS);
  const before = await cpuSeconds(writer.pid);
  await delay(seconds * 1000);
  const used = (await cpuSeconds(writer.pid)) - before;
  await reader.stop();
  await writer.stop();
  return used / (seconds / 60) / viewers;
}

const measureConnect = (name: string): Promise<number> =>
  withServer(name, async (_, url) => {
    const times: number[] = [];
    for (let count = 0; count < 100; count++) {
      const began = performance.now();
      const client = await connectRtmp({ url });
      times.push(performance.now() - began);
      void client.dispose();
    }
    return median(times.slice(10));
  });

/** How long the connection is open, in seconds. */
const life = (socket: Socket): Promise<number> => {
  const began = performance.now();
  return new Promise((resolve) =>
    socket.resume().once('close', () => resolve((performance.now() - began) / 1000)),
  );
};

const measureIdle = (name: string): Promise<{ kbEach: number; closedAfterS: number }> =>
  withServer(name, async (server) => {
    const open = (): Promise<{ socket: Socket; life: Promise<number> }> =>
      new Promise((resolve, reject) => {
        const socket = connect(server.port, '127.0.0.1', () => resolve({ socket, life: life(socket) })).on(
          'error',
          reject,
        );
      });
    const warm = await Promise.all(Array.from({ length: 50 }, open));
    for (const { socket } of warm) socket.destroy();
    await delay(1000);
    const before = await rssBytes(server.pid);
    const idle = await Promise.all(Array.from({ length: 1000 }, open));
    const lives = Promise.all(idle.map((one) => one.life));
    await delay(3000);
    const kbEach = ((await rssBytes(server.pid)) - before) / 1000 / 1024;
    const closedAfterS = await Promise.race([
      lives.then((all) => Math.max(...all)),
      delay(20_000).then(() => Infinity),
    ]);
    for (const { socket } of idle) socket.destroy();
    return { kbEach, closedAfterS };
  });

/** Half of the connections get through the handshake first, else no byte would be looked at. */
const measureRandom = (name: string): Promise<{ growthMb: number }> =>
  withServer(name, async (server, url) => {
    const hello = Buffer.concat([Buffer.of(3), Buffer.alloc(2 * 1536)]);
    const noisy = async (_: unknown, index: number): Promise<void> => {
      const socket = connect(server.port, '127.0.0.1').on('error', () => undefined);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      if (index % 2 === 0) socket.write(hello);
      socket.resume().end(randomBytes(MB));
      await Promise.race([closed, delay(15_000)]);
      socket.destroy();
    };
    await noisy(undefined, 0);
    const before = await rssBytes(server.pid);
    let most = before;
    for (let round = 0; round < 5; round++) {
      await Promise.all(Array.from({ length: 40 }, noisy));
      most = Math.max(most, await rssBytes(server.pid));
    }
    // It has to live still.
    void (await connectRtmp({ url })).dispose();
    return { growthMb: (most - before) / MB };
  });

interface StallResult {
  readonly growthMb: number;
  readonly othersP99Ms: number;
  readonly othersFrames: number;
  readonly kernelMb: number;
  readonly oldMb: number;
}

const measureStall = (name: string): Promise<StallResult> =>
  withServer(name, async (server, url) => {
    const publisher = new HelperProcess(import.meta.url, 'publisher-process.ts', url, clip);
    await publisher.next();
    const good = new HelperProcess(import.meta.url, 'viewers-process.ts', url, '2');
    const stalled = new HelperProcess(import.meta.url, 'viewers-process.ts', url, '1', 'stall');
    await Promise.all([good.next(), stalled.next()]);
    await delay(SETTLE_MS);
    const before = await rssBytes(server.pid);
    await Promise.all([stalled.ask(), good.ask()]);
    const began = performance.now();
    await delay(Number(options.stall) * 1000);
    const growthMb = ((await rssBytes(server.pid)) - before) / MB;
    const others = await good.ask<{ frames: number; p99Ms: number }>();
    const othersFrames = (others.frames * 1000) / (performance.now() - began) / 2;
    const held = await kernelHeldBytes(server.port);
    await stalled.ask();
    await delay(3000);
    const { oldBytes } = await stalled.ask<{ oldBytes: number }>();
    for (const helper of [stalled, good, publisher]) await helper.stop();
    return {
      ...{ growthMb, othersP99Ms: others.p99Ms, othersFrames, kernelMb: held / MB },
      oldMb: Math.max(0, oldBytes - held) / MB,
    };
  });

/** Measure all servers one after the other, several times, so that what disturbs the machine disturbs all of them. */
async function interleaved<T>(measure: (name: string) => Promise<T>): Promise<Map<string, T[]>> {
  const results = new Map<string, T[]>(servers.map((name) => [name, []]));
  for (let round = 0; round < Number(options.rounds); round++)
    for (const name of servers)
      try {
        results.get(name)?.push(await measure(name));
      } catch (error) {
        console.error(`${name}: ${String(error)}`);
      }
  return results;
}

function table<T>(
  title: string,
  results: ReadonlyMap<string, readonly T[]>,
  columns: readonly (readonly [string, (one: T) => number, number])[],
): void {
  console.log(`\n| ${title} | ${columns.map(([name]) => name).join(' | ')} |`);
  console.log(`|---|${columns.map(() => '--:|').join('')}`);
  for (const [name, all] of results)
    console.log(
      `| ${name} | ${columns.map(([, value, digits]) => show(median(all.map(value)), digits)).join(' | ')} |`,
    );
}

try {
  console.log(`${machine()}, medians of ${options.rounds} rounds`);
  await makeClip(clip, 10);
  if (parts.includes('relay'))
    for (const viewers of viewerCounts)
      table(`${viewers} viewers`, await interleaved((name) => measureRelay(name, viewers)), [
        ['CPU-s per viewer-minute', (one) => one.cpuPerViewerMinute, 4],
        ['latency p50 ms', (one) => one.p50Ms, 2],
        ['p99 ms', (one) => one.p99Ms, 2],
        ['RSS MB', (one) => one.rssMb, 0],
        ['frames per viewer', (one) => one.framesPerViewer, 0],
      ]);
  if (parts.includes('floor'))
    for (const viewers of viewerCounts)
      console.log(
        `\nA bare Node program that only writes as much to ${viewers} viewers: ${show(await measureFloor(viewers), 4)} CPU-s per viewer-minute`,
      );
  if (parts.includes('connect'))
    table('connect', await interleaved(measureConnect), [
      ['TCP connect → createStream p50 ms', (one) => one, 2],
    ]);
  if (parts.includes('idle'))
    table('1000 idle connections', await interleaved(measureIdle), [
      ['KB each', (one) => one.kbEach, 1],
      ['the last closed after s', (one) => one.closedAfterS, 1],
    ]);
  if (parts.includes('random'))
    table('40 connections of random bytes, 5 times', await interleaved(measureRandom), [
      ['memory growth MB', (one) => one.growthMb, 1],
    ]);
  if (parts.includes('stall'))
    table(`one of three viewers stalled for ${options.stall} s`, await interleaved(measureStall), [
      ['memory growth MB', (one) => one.growthMb, 1],
      ['others: frames per s', (one) => one.othersFrames, 1],
      ['others: p99 ms', (one) => one.othersP99Ms, 2],
      ['held by the kernel MB', (one) => one.kernelMb, 2],
      ['older than 0.5 s beyond that MB', (one) => one.oldMb, 2],
    ]);
} finally {
  await rm(directory, { recursive: true });
}
process.exit(0);
