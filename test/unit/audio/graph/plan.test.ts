import { beforeEach, describe, expect, it } from 'vitest';
import { type AudioDesired } from '../../../../electron/audio/plane.ts';
import { presentDevices } from '../../../../electron/audio/graph/echo.ts';
import { listenerArgument } from '../../../../electron/audio/graph/names.ts';
import { MIXER_SINK, ownIn, rolesOf } from '../../../../electron/audio/graph/built.ts';
import { type MixerPath } from '../../../../electron/audio/graph/snapshot.ts';
import { type Mixer } from '../../../../electron/audio/graph/mixers.ts';
import { type Operation, plan, type PlanContext } from '../../../../electron/audio/graph/plan.ts';
import { type Wanted, wantedOf } from '../../../../electron/audio/graph/wanted.ts';
import { rawOfDb } from '../../../../electron/audio/pulse/index.ts';
import { desire } from '../../../support/pulse-rig.ts';
import { CALM_PLAN, CALM_WANTED, SnapshotBuilder } from '../../../support/pulse-snapshot.ts';

const KEY = 'mic:room|desk.mic';
const MIX = 'crosspoint.desk.mic';
const RETURN = 'crosspoint.desk.return';

/** An operation in one line. */
const brief = (operation: Operation): string => {
  switch (operation.kind) {
    case 'unload':
      return `unload ${operation.module} (${operation.because})`;
    case 'retire':
      return `retire ${operation.path.id} (${operation.because})${operation.failed ? ' failed' : ''}`;
    case 'load-bus':
      return `load ${operation.bus.sink}`;
    case 'build':
      return `build ${operation.crosspoint.key}`;
    case 'load-listener':
      return 'load listener';
    case 'load-echo':
      return `load echo ${operation.echo.microphone}`;
    case 'set-level':
      return `level ${operation.key} ${operation.level.raw}${operation.level.muted ? ' muted' : ''}`;
    case 'open-sink':
      return `open sink ${operation.sink}`;
    case 'open-capture':
      return `open capture ${operation.sourceOutput}`;
  }
};

const routed = (gain = 0, muted = false): AudioDesired =>
  desire({ gadgets: ['desk'], mics: { 'mic:room': 'room' }, routes: { [KEY]: { gainDb: gain, muted } } });

describe('the plan', () => {
  let server: SnapshotBuilder;
  let context: PlanContext & { waiting: Set<string>; stuck: Set<string>; idle: Set<string> };
  const operations = (desired: AudioDesired): string[] =>
    plan(wantedOf(desired, 'pulseaudio', CALM_WANTED), server.snapshot, context).map(brief);
  const wantedCrosspoint = (desired = routed()): Wanted['crosspoints'][number] =>
    wantedOf(desired, 'pulseaudio', CALM_WANTED).crosspoints[0]!;
  const addBuses = (): { mic: number; return: number; micSink: number } => {
    const [back, mic] = wantedOf(routed(), 'pulseaudio', CALM_WANTED).buses;
    const modules = [back!, mic!].map(({ argument }) => server.module('module-null-sink', argument));
    server.sink(RETURN, { module: modules[0]! });
    return { return: modules[0]!, mic: modules[1]!, micSink: server.sink(MIX, { module: modules[1]! }) };
  };
  const addCrosspoint = (
    more: { argument?: string; to?: string | null; from?: string | null; raw?: number; muted?: boolean } = {},
  ): number => {
    const {
      argument = wantedCrosspoint().argument!,
      to = MIX,
      from = 'room',
      raw = 65_536,
      muted = false,
    } = more;
    const module = server.module('module-loopback', argument);
    server.sinkInput(to, { module, volumes: [raw, raw], muted });
    server.sourceOutput(from, { module });
    return module;
  };

  beforeEach(() => {
    server = new SnapshotBuilder();
    context = { ...CALM_PLAN, waiting: new Set(), stuck: new Set(), idle: new Set() };
  });

  it('makes the buses of a new gadget, and its crosspoints once both ends are there', () => {
    server.source('room');
    expect(operations(routed())).toEqual([`load ${RETURN}`, `load ${MIX}`]);
    addBuses();
    expect(operations(routed())).toEqual([`build ${KEY}`]);
  });

  it('does nothing when everything is as wanted, whoever made it', () => {
    server.source('room');
    addBuses();
    addCrosspoint();
    expect(operations(routed())).toEqual([]);
  });

  it('waits for a microphone that is not there', () => {
    addBuses();
    expect(operations(routed())).toEqual([]);
  });

  it('does not build what is silent, but leaves it when it is built: mute is instant', () => {
    server.source('room');
    addBuses();
    expect(operations(routed(0, true))).toEqual([]);
    expect(operations(routed(-100))).toEqual([]);
    addCrosspoint();
    expect(operations(routed(0, true))).toEqual([`level ${KEY} 65536 muted`]);
  });

  it('lets go of what has been silent for a while, but not of what is open', () => {
    server.source('room');
    addBuses();
    const module = addCrosspoint();
    context.idle.add(KEY);
    expect(operations(routed(0, true))).toEqual([`retire ${module} (silent)`]);
    expect(operations(routed(0))).toEqual([]);
  });

  it('sets levels that differ, and volumes of our own ends that somebody turned', () => {
    server.source('room');
    const { micSink } = addBuses();
    addCrosspoint();
    expect(operations(routed(-6))).toEqual([`level ${KEY} ${rawOfDb(-6)}`]);
    const capture = [...server.snapshot.sourceOutputs.values()][0]!;
    Object.assign(capture, { muted: true });
    Object.assign(server.snapshot.sinks.get(micSink)!, { volumes: [0, 0] });
    expect(operations(routed(0))).toEqual([`open sink ${micSink}`, `open capture ${capture.index}`]);
  });

  it('unloads what is not wanted any more, crosspoints before their buses', () => {
    server.source('room');
    const buses = addBuses();
    const module = addCrosspoint();
    expect(operations(desire({}))).toEqual([
      `retire ${module} (not wanted)`,
      `unload ${buses.return} (not wanted)`,
      `unload ${buses.mic} (not wanted)`,
    ]);
  });

  it('unloads doubles, and keeps the bus that has the name', () => {
    server.source('room');
    const argument = wantedOf(routed(), 'pulseaudio', CALM_WANTED).buses[1]!.argument;
    const early = server.module('module-null-sink', argument);
    server.sink(`${MIX}.2`, { module: early });
    addBuses();
    addCrosspoint();
    const second = addCrosspoint();
    expect(operations(routed())).toEqual([`retire ${second} (double)`, `unload ${early} (double)`]);
  });

  it('replaces a crosspoint that was built otherwise, which plays on until the other does', () => {
    server.source('room');
    addBuses();
    const argument = wantedCrosspoint().argument!.replace('latency_msec=10', 'latency_msec=50');
    const old = addCrosspoint({ argument });
    expect(operations(routed())).toEqual([`build ${KEY}`]);
    addCrosspoint();
    expect(operations(routed())).toEqual([`retire ${old} (other settings)`]);
  });

  it('builds a crosspoint anew that has fallen behind', () => {
    server.source('room');
    addBuses();
    const late = addCrosspoint();
    context = { ...context, outdated: new Set([late]) };
    expect(operations(routed())).toEqual([`build ${KEY}`]);
    expect(operations(routed(0, true))).toEqual([`retire ${late} (other settings)`]);
    addCrosspoint();
    expect(operations(routed())).toEqual([`retire ${late} (late)`]);
  });

  it('aims at 20 ms with very many routes, and leaves those that were built before as they are', () => {
    const gadgets = Array.from({ length: 12 }, (_, index) => `g${index}`);
    const pairs = gadgets.flatMap((from) =>
      gadgets.filter((to) => to !== from).map((to) => `${from}.return|${to}.mic`),
    );
    const mesh = (routes: number, more: { latencyMs?: number } = {}) =>
      wantedOf(
        desire({
          gadgets,
          buses: { 'g1.mic': more },
          routes: Object.fromEntries(pairs.slice(0, routes).map((pair) => [pair, 0])),
        }),
        'pulseaudio',
        CALM_WANTED,
      ).crosspoints;
    expect(new Set(mesh(100).map(({ latencyMs }) => latencyMs))).toEqual(new Set([10]));
    expect(new Set(mesh(101).map(({ latencyMs }) => latencyMs))).toEqual(new Set([20]));
    expect(mesh(101, { latencyMs: 5 })[0]).toMatchObject({ key: 'g0.return|g1.mic', latencyMs: 5 });
    const before = mesh(100)[0]!;
    const [now] = mesh(101);
    const module = server.module('module-loopback', before.argument!);
    server.sink(before.to);
    server.source(before.from);
    server.sinkInput(before.to, { module });
    server.sourceOutput(before.from, { module });
    const built = ownIn(server.snapshot).paths.get(now!.key)!;
    const roles = (crosspoint: typeof before) => rolesOf(crosspoint, built, new Set()).kept?.id;
    expect(roles(now!)).toBe(module);
    expect(roles(mesh(101, { latencyMs: 20 })[0]!)).toBeUndefined();
  });

  it('never connects what would send sound round', () => {
    server.source('room');
    addBuses();
    const module = addCrosspoint();
    context = { ...context, loops: new Set([KEY]) };
    expect(operations(routed())).toEqual([`retire ${module} (goes round)`]);
  });

  it('leaves a level alone that something else changed since we set it', () => {
    server.source('room');
    addBuses();
    addCrosspoint({ raw: 20_000 });
    context = { ...context, assigned: () => ({ raw: 65_536, muted: false }) };
    expect(operations(routed())).toEqual([]);
    expect(operations(routed(-6))).toEqual([`level ${KEY} ${rawOfDb(-6)}`]);
  });

  it('never touches what is not ours', () => {
    server.source('room');
    server.sink('hall');
    server.module('module-null-sink', 'sink_name=crosspoint.office.mic');
    server.module('module-loopback', 'source=room sink=hall latency_msec=10');
    server.module('module-native-protocol-tcp', 'port=4713');
    server.sinkInput('hall', { volumes: [100, 100], muted: true });
    expect(operations(desire({}))).toEqual([]);
  });

  it('takes down a crosspoint that was moved elsewhere, and lets it rest before the next try', () => {
    server.source('room');
    server.sink('hall');
    addBuses();
    const module = addCrosspoint({ to: 'hall' });
    expect(operations(routed())).toEqual([`retire ${module} (elsewhere) failed`]);
  });

  it('keeps a crosspoint silent until both its ends are connected', () => {
    server.source('room');
    addBuses();
    addCrosspoint({ from: null });
    expect(operations(routed())).toEqual([`level ${KEY} 0 muted`]);
  });

  it('takes down a crosspoint that never gets connected', () => {
    server.source('room');
    addBuses();
    const module = addCrosspoint({ to: null });
    context.stuck.add(KEY);
    expect(operations(routed())).toEqual([`retire ${module} (stuck) failed`]);
  });

  it('leaves alone what failed just now', () => {
    server.source('room');
    context.waiting.add(MIX).add(RETURN);
    expect(operations(routed())).toEqual([]);
    addBuses();
    context.waiting.add(KEY);
    expect(operations(routed())).toEqual([]);
  });

  it('has gadgets listened for where it is wanted, and nowhere else', () => {
    const wiring = { host: '127.0.0.1', port: 5000, cookie: '/run/x/crosspoint-gadgets.cookie' };
    const withListener = (): string[] =>
      plan(
        wantedOf(desire({}), 'pulseaudio', { ...CALM_WANTED, listener: wiring }),
        server.snapshot,
        context,
      ).map(brief);
    expect(withListener()).toEqual(['load listener']);
    const old = server.module('module-native-protocol-tcp', listenerArgument({ ...wiring, port: 4000 }));
    expect(withListener()).toEqual([`unload ${old} (other settings)`, 'load listener']);
    server.module('module-native-protocol-tcp', listenerArgument(wiring));
    expect(withListener()).toEqual([`unload ${old} (other settings)`]);
    expect(wantedOf(desire({}), 'pipewire', { ...CALM_WANTED, listener: wiring }).listener).toBeNull();
  });

  it('comes to rest: carried out, it leaves nothing to do', () => {
    const desired = desire({
      gadgets: ['desk', 'office'],
      routes: { 'desk.return|office.mic': -3, 'office.return|desk.mic': 2 },
    });
    const wanted = wantedOf(desired, 'pulseaudio', CALM_WANTED);
    for (const { sink, argument } of wanted.buses)
      server.sink(sink, { module: server.module('module-null-sink', argument) });
    for (const { argument, from, to, level } of wanted.crosspoints)
      addCrosspoint({ argument: argument!, from, to, raw: level.raw });
    expect(operations(desired)).toEqual([]);
  });

  describe('with echo cancelling', () => {
    const withEcho = (mics: readonly string[] = ['room']): AudioDesired =>
      desire({
        gadgets: ['desk'],
        mics: Object.fromEntries(
          mics.map((name) => [`mic:${name}`, { device: name, echo: { reference: 'speaker:hall' } }]),
        ),
        speakers: { 'speaker:hall': 'hall' },
        routes: { [KEY]: 0, 'desk.return|speaker:hall': 0 },
      });
    const wantedNow = (desired: AudioDesired, failed = new Map<string, string>()) =>
      wantedOf(desired, 'pulseaudio', {
        ...CALM_WANTED,
        devices: presentDevices(server.snapshot),
        failed,
      });

    it('takes the microphone from behind it, and what goes to the reference speaker through it', () => {
      server.source('room');
      server.sink('hall');
      const { crosspoints, echoes } = wantedNow(withEcho());
      expect(echoes).toMatchObject([{ microphone: 'mic:room', from: 'room', to: 'hall' }]);
      expect(crosspoints.map(({ from, to }) => [from, to])).toEqual([
        ['crosspoint.room.microphone', MIX],
        [`${RETURN}.monitor`, 'crosspoint.room.reference'],
      ]);
    });

    it('chains microphones with the same speaker, so that each hears all of it', () => {
      server.source('room');
      server.source('lectern');
      server.sink('hall');
      const { crosspoints, echoes } = wantedNow(withEcho(['room', 'lectern']));
      expect(echoes.map(({ to }) => to)).toEqual(['hall', 'crosspoint.room.reference']);
      expect(crosspoints[1]!.to).toBe('crosspoint.lectern.reference');
    });

    it.each([
      ['the speaker is away', () => server.source('room'), new Map()],
      [
        'it cannot be had',
        () => (server.source('room'), server.sink('hall')),
        new Map([['crosspoint.room.microphone', 'No.']]),
      ],
    ])('goes without it while %s', (_, prepare, failed: Map<string, string>) => {
      prepare();
      const { crosspoints, echoes, echoAbsent } = wantedNow(withEcho(), failed);
      expect(echoes).toEqual([]);
      expect(echoAbsent.get('mic:room' as never)?.reason).toBeTruthy();
      expect(crosspoints.map(({ from, to }) => [from, to])).toEqual([
        ['room', MIX],
        [`${RETURN}.monitor`, 'hall'],
      ]);
    });

    it('is loaded once, when both ends are there', () => {
      server.source('room');
      server.sink('hall');
      addBuses();
      const wanted = wantedNow(withEcho());
      const all = () => plan(wanted, server.snapshot, context).map(brief);
      expect(all()).toEqual(['load echo mic:room']);
      server.module('module-echo-cancel', wanted.echoes[0]!.argument);
      expect(all()).toEqual([]);
    });
  });

  describe('with our own mixer', () => {
    const byMixer = (desired: AudioDesired, mixer: Mixer = 'own'): string[] =>
      plan(wantedOf(desired, 'pulseaudio', { ...CALM_WANTED, mixer }), server.snapshot, context).map(brief);
    const addPath = (more: Partial<MixerPath> = {}): number =>
      server.mixerPath({
        key: wantedCrosspoint().key,
        from: 'room',
        to: MIX,
        latencyMs: 10,
        delayMs: 0,
        live: true,
        level: { raw: 65_536, muted: false },
        ...more,
      });

    it('builds nothing before it is there, and leaves what is as wanted', () => {
      server.source('room');
      addBuses();
      context = { ...context, ready: new Set(['loopbacks'] as const) };
      expect(byMixer(routed())).toEqual([]);
      context = { ...context, ready: new Set(['loopbacks', 'own'] as const) };
      expect(byMixer(routed())).toEqual([`build ${KEY}`]);
      addPath();
      expect(byMixer(routed())).toEqual([]);
    });

    it('moves a path from the one to the other, which is heard until the other is', () => {
      server.source('room');
      addBuses();
      const loopback = addCrosspoint();
      expect(byMixer(routed())).toEqual([`build ${KEY}`]);
      const own = addPath();
      expect(byMixer(routed())).toEqual([`retire ${loopback} (other settings)`]);
      expect(byMixer(routed(), 'loopbacks')).toEqual([`retire ${own} (other settings)`]);
    });

    it('becomes loud swiftly in the place of another, and as a fader does where nothing was heard', () => {
      server.source('room');
      addBuses();
      const takesOver = (): boolean[] =>
        plan(wantedOf(routed(), 'pulseaudio', CALM_WANTED), server.snapshot, context).flatMap((operation) =>
          operation.kind === 'set-level' ? [operation.takesOver] : [],
        );
      addCrosspoint({ raw: 0, muted: true });
      expect(takesOver()).toEqual([false]);
      addPath();
      expect(takesOver()).toEqual([true]);
    });

    it('keeps a path silent until both its ends are seen where they belong', () => {
      server.source('room');
      server.sink('hall');
      addBuses();
      const id = addPath({ live: false });
      expect(byMixer(routed())).toEqual([`level ${KEY} 0 muted`]);
      context.stuck.add(KEY);
      expect(byMixer(routed())).toEqual([`retire ${id} (stuck) failed`]);
    });

    it('takes down a path whose stream was moved elsewhere', () => {
      server.source('room');
      server.sink('hall');
      addBuses();
      server.sinkInput('hall', { properties: { [MIXER_SINK]: MIX } });
      const id = addPath();
      expect(byMixer(routed())).toEqual([`retire ${id} (elsewhere) failed`]);
    });

    it('builds a path anew whose delay is another now', () => {
      server.source('room');
      addBuses();
      const old = addPath({ delayMs: 80 });
      expect(byMixer(routed())).toEqual([`build ${KEY}`]);
      addPath();
      expect(byMixer(routed())).toEqual([`retire ${old} (other settings)`]);
    });
  });

  describe('of what is soloed', () => {
    const soloed = (ids: string[]) =>
      wantedOf(
        desire({
          gadgets: ['desk'],
          mics: { 'mic:room': { device: 'room', gainDb: -20, muted: true } },
          speakers: { 'speaker:phones': 'phones' },
          routes: { 'desk.return|speaker:phones': 0 },
          solo: { on: 'speaker:phones', ids },
        }),
        'pulseaudio',
        CALM_WANTED,
      ).crosspoints.map(({ key, role, level }) => [key, role, level.muted ? 'muted' : level.raw]);

    it('puts it on the headphones before its fader, and nothing else', () => {
      expect(soloed([])).toEqual([['desk.return|speaker:phones', 'route', 65_536]]);
      expect(soloed(['mic:room', 'desk.mic'])).toEqual([
        ['desk.return|speaker:phones', 'route', 'muted'],
        ['solo:mic:room|speaker:phones', 'solo', 65_536],
        ['solo:desk.mic|speaker:phones', 'solo', 65_536],
      ]);
    });

    it('forgets what is not there any more', () => {
      expect(soloed(['mic:gone'])).toEqual([['desk.return|speaker:phones', 'route', 65_536]]);
    });
  });
});
