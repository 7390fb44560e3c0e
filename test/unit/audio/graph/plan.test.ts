import { beforeEach, describe, expect, it } from 'vitest';
import { type AudioDesired } from '../../../../electron/audio/plane.ts';
import { listenerArgument } from '../../../../electron/audio/graph/names.ts';
import { type Operation, plan, type PlanContext } from '../../../../electron/audio/graph/plan.ts';
import { type Wanted, wantedOf } from '../../../../electron/audio/graph/wanted.ts';
import { rawOfDb } from '../../../../electron/audio/pulse/index.ts';
import { desire } from '../../../support/pulse-rig.ts';
import { SnapshotBuilder } from '../../../support/pulse-snapshot.ts';

const KEY = 'mic:room|desk.mic';
const MIX = 'crosspoint.desk.mic';
const RETURN = 'crosspoint.desk.return';

/** An operation in one line. */
const brief = (operation: Operation): string => {
  switch (operation.kind) {
    case 'unload':
      return `unload ${operation.module} (${operation.because})${operation.failed ? ' failed' : ''}`;
    case 'load-bus':
      return `load ${operation.bus.sink}`;
    case 'load-crosspoint':
      return `load ${operation.crosspoint.key}`;
    case 'load-listener':
      return 'load listener';
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
  let context: { waiting: Set<string>; stuck: Set<string>; idle: Set<string> };
  const operations = (desired: AudioDesired): string[] =>
    plan(wantedOf(desired, 'pulseaudio'), server.snapshot, context satisfies PlanContext).map(brief);
  const wantedCrosspoint = (desired = routed()): Wanted['crosspoints'][number] =>
    wantedOf(desired, 'pulseaudio').crosspoints[0]!;
  const addBuses = (): { mic: number; return: number; micSink: number } => {
    const [back, mic] = wantedOf(routed(), 'pulseaudio').buses;
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
    context = { waiting: new Set(), stuck: new Set(), idle: new Set() };
  });

  it('makes the buses of a new gadget, and its crosspoints once both ends are there', () => {
    server.source('room');
    expect(operations(routed())).toEqual([`load ${RETURN}`, `load ${MIX}`]);
    addBuses();
    expect(operations(routed())).toEqual([`load ${KEY}`]);
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
    expect(operations(routed(0, true))).toEqual([`unload ${module} (silent)`]);
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
      `unload ${module} (not wanted)`,
      `unload ${buses.return} (not wanted)`,
      `unload ${buses.mic} (not wanted)`,
    ]);
  });

  it('unloads doubles, and keeps the bus that has the name', () => {
    server.source('room');
    const argument = wantedOf(routed(), 'pulseaudio').buses[1]!.argument;
    const early = server.module('module-null-sink', argument);
    server.sink(`${MIX}.2`, { module: early });
    addBuses();
    addCrosspoint();
    const second = addCrosspoint();
    expect(operations(routed())).toEqual([`unload ${second} (double)`, `unload ${early} (double)`]);
  });

  it('replaces a crosspoint that an older version built otherwise', () => {
    server.source('room');
    addBuses();
    const argument = wantedCrosspoint().argument!.replace('latency_msec=10', 'latency_msec=50');
    const module = addCrosspoint({ argument });
    expect(operations(routed())).toEqual([`unload ${module} (other settings)`, `load ${KEY}`]);
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
    expect(operations(routed())).toEqual([`unload ${module} (elsewhere) failed`]);
  });

  it('keeps a crosspoint silent until both its ends are connected', () => {
    server.source('room');
    addBuses();
    addCrosspoint({ from: null });
    expect(operations(routed())).toEqual([`level ${KEY} 65536 muted`]);
  });

  it('takes down a crosspoint that never gets connected', () => {
    server.source('room');
    addBuses();
    const module = addCrosspoint({ to: null });
    context.stuck.add(KEY);
    expect(operations(routed())).toEqual([`unload ${module} (stuck) failed`]);
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
      plan(wantedOf(desire({}), 'pulseaudio', wiring), server.snapshot, context).map(brief);
    expect(withListener()).toEqual(['load listener']);
    const old = server.module('module-native-protocol-tcp', listenerArgument({ ...wiring, port: 4000 }));
    expect(withListener()).toEqual([`unload ${old} (other settings)`, 'load listener']);
    server.module('module-native-protocol-tcp', listenerArgument(wiring));
    expect(withListener()).toEqual([`unload ${old} (other settings)`]);
    expect(wantedOf(desire({}), 'pipewire', wiring).listener).toBeNull();
  });

  it('comes to rest: carried out, it leaves nothing to do', () => {
    const desired = desire({
      gadgets: ['desk', 'office'],
      routes: { 'desk.return|office.mic': -3, 'office.return|desk.mic': 2 },
    });
    const wanted = wantedOf(desired, 'pulseaudio');
    for (const { sink, argument } of wanted.buses)
      server.sink(sink, { module: server.module('module-null-sink', argument) });
    for (const { argument, from, to, level } of wanted.crosspoints)
      addCrosspoint({ argument: argument!, from, to, raw: level.raw });
    expect(operations(desired)).toEqual([]);
  });
});
