import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type PulseClient, type ServerFlavour } from '../../../electron/audio/pulse/index.ts';
import { FLAVOURS, startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { SoundMixer } from '../../../electron/contract/index.ts';
import { mixerPids, playsPaths } from '../../support/pulse-mixer.ts';
import { startEngineProcess } from '../../support/pulse-engine-process.ts';
import { desire, MIXER_PROGRAM, startPlane } from '../../support/pulse-rig.ts';
import { makeMicrophone, makeSpeaker, playTone } from '../../support/pulse-tone.ts';
import { eventually } from '../../support/pulse-wait.ts';
import { type Figure, figureTable, machine, median, quantile } from '../support/figures.ts';
import { HelperProcess } from '../support/helper-process.ts';
import { cpuSeconds } from '../support/process-usage.ts';
import { LoudnessClock } from './clock.ts';

const { values: options } = parseArgs({
  options: {
    servers: { type: 'string', default: FLAVOURS.join(',') },
    only: { type: 'string', default: 'latency,switch,build,load,adopt' },
    minutes: { type: 'string', default: '10' },
    switches: { type: 'string', default: '100' },
    seconds: { type: 'string', default: '20' },
    /** `auto`, `loopbacks`, `own`. */
    mixer: { type: 'string', default: 'auto' },
    /** Every source plays a tone in the measurement of the load; otherwise nothing is to be heard. */
    tone: { type: 'boolean', default: false },
  },
});
const parts = options.only.split(',');
const mixer = SoundMixer.parse(options.mixer);
const NAMES: Readonly<Record<ServerFlavour, string>> = { pulseaudio: 'PulseAudio', pipewire: 'PipeWire' };

/** Each gadget's return to every other gadget's mic: n × (n − 1) crosspoints that need nothing but our own buses. */
function mesh(gadgets: number, routes: number) {
  const ids = Array.from({ length: gadgets }, (_, index) => `g${index}`);
  const pairs = ids.flatMap((from) =>
    ids.filter((to) => to !== from).map((to) => `${from}.return|${to}.mic`),
  );
  return desire({
    gadgets: ids,
    mixer,
    routes: Object.fromEntries(pairs.slice(0, routes).map((pair) => [pair, 0])),
  });
}
const allLive =
  (count: number) =>
  ({ crosspoints }: { crosspoints: Readonly<Record<string, { state: string }>> }): boolean => {
    const states = Object.values(crosspoints);
    return states.length === count && states.every(({ state }) => state === 'live');
  };

/** A click of 5 ms every 250 ms, played to a sink. */
function playClicks(client: PulseClient, sink: string) {
  let frame = 0;
  return client.play({
    name: 'clicks',
    sink,
    format: 'float32le',
    channels: 1,
    rateHz: 48_000,
    targetMs: 200,
    onWritable: (bytes, out) => {
      const pcm = Buffer.alloc(bytes);
      for (let at = 0; at < bytes; at += 4, frame++)
        if (frame % 12_000 < 240) pcm.writeFloatLE(0.5 * Math.sin((2 * Math.PI * 1000 * frame) / 48_000), at);
      out.write(pcm);
    },
  });
}

/** How much later each click comes at the one than at the other, in ms. */
function delays(from: readonly number[], to: readonly number[]): number[] {
  return from.flatMap((atMs) => {
    const arrived = to.find((one) => one > atMs - 1);
    return arrived === undefined || arrived - atMs > 240 ? [] : [arrived - atMs];
  });
}

/** Beside the path of Crosspoint, what a person would load by hand: `module-loopback`, with the same latency asked. */
async function measureLatency(daemon: TestDaemon): Promise<Figure[]> {
  const client = await daemon.connect();
  const { feed } = await makeMicrophone(client, 'mic');
  await makeSpeaker(client, 'by-hand');
  const rig = await startPlane({ server: daemon.address });
  rig.plane.apply(
    desire({ gadgets: ['desk'], mics: { 'mic:mic': 'mic' }, mixer, routes: { 'mic:mic|desk.mic': 0 } }),
  );
  await rig.until('live', allLive(1), 15_000);
  await client.loadModule('module-loopback', 'source=mic sink=by-hand latency_msec=10');
  const clicks = await playClicks(client, feed);
  await delay(3000);
  const [heard, ours, byHand] = await Promise.all(
    ['mic', 'crosspoint.desk.mic.monitor', 'by-hand.monitor'].map((source) =>
      LoudnessClock.open(client, source),
    ),
  );
  await delay(Number(options.minutes) * 60_000);
  const path = delays(heard?.onsets.slice(4, -2) ?? [], ours?.onsets ?? []);
  const peer = delays(heard?.onsets.slice(4, -2) ?? [], byHand?.onsets ?? []);
  for (const one of [heard, ours, byHand, clicks]) await one?.dispose();
  await rig.dispose();
  client.dispose();
  return [
    { what: 'microphone → gadget mic, median', value: median(path), unit: 'ms', digits: 1, limit: 15 },
    {
      what: `… worst of ${path.length} clicks in ${options.minutes} minutes`,
      value: Math.max(...path),
      unit: 'ms',
      digits: 1,
      limit: 40,
    },
    { what: '… a module-loopback by hand beside it, median', value: median(peer), unit: 'ms', digits: 1 },
    { what: '… worst', value: Math.max(...peer), unit: 'ms', digits: 1 },
  ];
}

async function measureSwitch(daemon: TestDaemon): Promise<Figure[]> {
  const client = await daemon.connect();
  const { feed } = await makeMicrophone(client, 'mic');
  const rig = await startPlane({ server: daemon.address });
  const tone = await playTone(client, feed, { dbfs: -6 });
  const want = (muted: boolean | null) =>
    desire({
      gadgets: ['desk'],
      mics: { 'mic:mic': 'mic' },
      mixer,
      routes: muted === null ? {} : { 'mic:mic|desk.mic': { gainDb: 0, muted } },
    });
  rig.plane.apply(want(null));
  await eventually('the bus', async () =>
    (await client.sinks()).some(({ name }) => name === 'crosspoint.desk.mic'),
  );
  const clock = await LoudnessClock.open(client, 'crosspoint.desk.mic.monitor', 0.02);
  const on: number[] = [];
  const mute: number[] = [];
  for (let count = 0; count < Number(options.switches); count++) {
    let began = performance.now();
    const before = clock.onsets.length;
    rig.plane.apply(want(false));
    await eventually('sound', () => clock.onsets.length > before, 5000, 1);
    on.push((clock.onsets[before] ?? NaN) - began);
    await delay(150);
    began = performance.now();
    rig.plane.apply(want(true));
    await eventually('silence', () => performance.now() - clock.lastLoudMs > 60, 5000, 5);
    mute.push(Math.max(0, clock.lastLoudMs - began));
    rig.plane.apply(want(null));
    await eventually('the route to be gone', async () => {
      const inputs = await client.sinkInputs();
      return !inputs.some(playsPaths);
    });
    await delay(20);
  }
  for (const one of [clock, tone]) await one.dispose();
  await rig.dispose();
  client.dispose();
  return [
    { what: `crosspoint on → audible, p50 of ${options.switches}`, value: median(on), unit: 'ms', digits: 1 },
    { what: '… p99', value: quantile(on, 0.99), unit: 'ms', digits: 1, limit: 60 },
    { what: 'mute → silent, p50', value: median(mute), unit: 'ms', digits: 1 },
    { what: '… p99', value: quantile(mute, 0.99), unit: 'ms', digits: 1, limit: 15 },
  ];
}

async function measureBuild(daemon: TestDaemon): Promise<Figure[]> {
  const first: number[] = [];
  const again: number[] = [];
  for (let round = 0; round < 3; round++) {
    const rig = await startPlane({ server: daemon.address });
    const began = performance.now();
    rig.plane.apply(mesh(9, 64));
    await rig.until('64 live', allLive(64), 60_000);
    first.push(performance.now() - began);
    await delay(1000);
    await daemon.kill();
    await rig.until('the loss', ({ crosspoints }) => !allLive(64)({ crosspoints }), 15_000);
    await daemon.start();
    const back = performance.now();
    await rig.until('64 live again', allLive(64), 60_000);
    again.push(performance.now() - back);
    await rig.dispose();
  }
  const [build, rebuild] = daemon.flavour === 'pulseaudio' ? [300, 500] : [1000, 1000];
  return [
    { what: '64 crosspoints, first build', value: median(first), unit: 'ms', digits: 0, limit: build },
    {
      what: '… after kill -9 of the server, from its return',
      value: median(again),
      unit: 'ms',
      digits: 0,
      limit: rebuild,
    },
  ];
}

async function measureLoad(daemon: TestDaemon): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const [side, limit] of [
    [8, 45],
    [16, undefined],
  ] as const) {
    const runtimeDir = await mkdtemp(join(tmpdir(), 'xp-bench-'));
    const desired = mesh(side + 1, side * side);
    const plane = new HelperProcess(
      import.meta.url,
      'plane-process.ts',
      JSON.stringify({
        server: daemon.address,
        runtimeDir,
        mixerProgram: MIXER_PROGRAM,
        desired,
        meters: true,
      }),
    );
    const { live } = await plane.next<{ live: number }>();
    const client = await daemon.connect();
    if (options.tone)
      for (let number = 0; number <= side; number++)
        await playTone(client, `crosspoint.g${number}.return`, { dbfs: -30 });
    // What our own mixer takes more time for in the beginning it has given back by then.
    await delay(mixer === 'loopbacks' ? 3000 : 25_000);
    await plane.ask();
    const pids = [...daemon.pids, ...(await mixerPids(runtimeDir))];
    const before = await Promise.all(pids.map(cpuSeconds));
    const began = performance.now();
    await delay(Number(options.seconds) * 1000);
    const { cpuSeconds: engine, latencyMs } = await plane.ask<{
      cpuSeconds: number;
      latencyMs: number | null;
    }>();
    const after = await Promise.all(pids.map(cpuSeconds));
    const seconds = (performance.now() - began) / 1000;
    const used = after.map((one, index) => one - (before[index] ?? 0));
    const sum = (all: readonly number[]): number => all.reduce((total, one) => total + one, 0);
    const server = sum(used);
    const ours = sum(used.slice(daemon.pids.length));
    client.dispose();
    await plane.stop();
    await rm(runtimeDir, { recursive: true, force: true, maxRetries: 5 });
    const percent = (cpu: number): number => (100 * cpu) / seconds;
    figures.push(
      {
        what: `${side}×${side} on with meters${options.tone ? ', all sounding' : ''}: server, mixer and engine`,
        value: percent(server + engine),
        unit: '% of a core',
        digits: 0,
        ...(limit === undefined ? {} : { limit }),
      },
      { what: '… the engine alone', value: percent(engine), unit: '% of a core', digits: 1 },
      ...(mixer !== 'loopbacks'
        ? [{ what: '… the mixer alone', value: percent(ours), unit: '% of a core', digits: 1 }]
        : []),
      ...(latencyMs === null
        ? []
        : [
            {
              what: '… latency of a path meanwhile, as told: median',
              value: latencyMs,
              unit: 'ms',
              digits: 0,
            },
          ]),
      { what: '… built within', value: live, unit: 'ms', digits: 0 },
    );
  }
  return figures;
}

async function measureAdoption(daemon: TestDaemon): Promise<Figure[]> {
  const runtimeDir = await mkdtemp(join(tmpdir(), 'xp-bench-'));
  const client = await daemon.connect();
  const desired = mesh(9, 64);
  const start = () => startEngineProcess({ server: daemon.address, runtimeDir, desired }, daemon.env);
  let engine = start();
  await engine.until('64 live', allLive(64), 60_000);
  const tone = await playTone(client, 'crosspoint.g0.return', { dbfs: -6 });
  await delay(1500);
  const clocks = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map((number) => LoudnessClock.open(client, `crosspoint.g${number}.mic.monitor`)),
  );
  await delay(1000);
  for (const clock of clocks) clock.resetGap();
  for (let round = 0; round < 3; round++) {
    await engine.end('SIGKILL');
    engine = start();
    await engine.until('64 adopted', allLive(64), 60_000);
    await delay(500);
  }
  const gaps = clocks.map(({ longestGapMs }) => longestGapMs);
  for (const one of [...clocks, tone]) await one.dispose();
  await engine.end('SIGTERM');
  client.dispose();
  await rm(runtimeDir, { recursive: true, force: true, maxRetries: 5 });
  return [
    {
      what: '64 crosspoints adopted 3 times: longest interruption in 8 of them',
      value: Math.max(...gaps),
      unit: 'ms',
      digits: 1,
      limit: 5,
    },
  ];
}

const MEASUREMENTS = {
  latency: measureLatency,
  switch: measureSwitch,
  build: measureBuild,
  load: measureLoad,
  adopt: measureAdoption,
} as const;

console.log(`${machine()}; mixer: ${mixer}`);
for (const flavour of FLAVOURS.filter((one) => options.servers.split(',').includes(one))) {
  const figures: Figure[] = [];
  for (const [name, measure] of Object.entries(MEASUREMENTS)) {
    if (!parts.includes(name)) continue;
    const daemon = await startTestDaemon(flavour);
    try {
      figures.push(...(await measure(daemon)));
    } finally {
      await daemon.dispose();
    }
  }
  console.log(`\n${NAMES[flavour]}\n\n${figureTable(figures)}`);
}
process.exit(0);
