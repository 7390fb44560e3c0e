import { cellKey } from '../../../../electron/contract/index.ts';
import { beforeEach, describe, expect, it } from 'vitest';
import { crosspointsIn, devicesIn } from '../../../../electron/audio/graph/observe.ts';
import { gadgetsIn } from '../../../../electron/audio/graph/gadgets.ts';
import { locateMeter } from '../../../../electron/audio/graph/meter-points.ts';
import { recogniseModule } from '../../../../electron/audio/graph/names.ts';
import { rawOfDb } from '../../../../electron/audio/pulse/index.ts';
import { wantedOf } from '../../../../electron/audio/graph/wanted.ts';
import { desire } from '../../../support/pulse-rig.ts';
import { CALM_CROSSPOINTS, CALM_WANTED, SnapshotBuilder } from '../../../support/pulse-snapshot.ts';

const KEY = 'mic:room|desk.mic';
const desired = desire({
  gadgets: ['desk'],
  mics: { 'mic:room': 'room' },
  speakers: { 'speaker:hall': 'hall' },
  routes: { [KEY]: -6 },
});

describe('what is seen in the server', () => {
  let server: SnapshotBuilder;
  beforeEach(() => {
    server = new SnapshotBuilder();
  });

  it('as devices: sources that are no monitors, sinks, each once; neither ours nor dummies', () => {
    server.sink('hall');
    server.sink('hall');
    server.sink('auto_null');
    server.sink('crosspoint.desk.mic');
    server.source('room', { description: '  ' });
    server.source('crosspoint.echo.x');
    expect(devicesIn(server.snapshot)).toEqual({
      microphones: [{ name: 'room', description: 'room' }],
      speakers: [{ name: 'hall', description: 'The hall' }],
    });
  });

  describe('as crosspoints', () => {
    const context = {
      ...CALM_CROSSPOINTS,
      latencies: new Map([[KEY, { latencyMs: 13, late: false }]]),
    };
    const state = (wanted = desired, more = {}) =>
      crosspointsIn(wantedOf(wanted, 'pulseaudio', CALM_WANTED), server.snapshot, { ...context, ...more })[
        KEY
      ];
    const build = (muted = false): void => {
      const module = server.module(
        'module-loopback',
        wantedOf(desired, 'pulseaudio', CALM_WANTED).crosspoints[0]!.argument!,
      );
      server.sinkInput('crosspoint.desk.mic', { module, volumes: [52_057, 52_057], muted });
      server.sourceOutput('room', { module });
    };

    it('says which end is missing', () => {
      expect(state()).toEqual({ state: 'offline', reason: 'The microphone is not connected.' });
      server.source('room');
      expect(state()).toEqual({ state: 'offline', reason: 'The gadget’s mix is not there yet.' });
    });

    it('is pending until it is built and at its level, then live, with its latency', () => {
      server.source('room');
      server.sink('crosspoint.desk.mic');
      expect(state()).toEqual({ state: 'pending' });
      build();
      expect(state()).toEqual({ state: 'live', latencyMs: 13, targetMs: 10 });
    });

    it('is degraded when it is late, and says what helps', () => {
      server.source('room');
      server.sink('crosspoint.desk.mic');
      build();
      expect(state(desired, { latencies: new Map([[KEY, { latencyMs: 40, late: true }]]) })).toMatchObject({
        state: 'degraded',
        latencyMs: 40,
        reason: expect.stringContaining('40 ms late') as string,
      });
    });

    it('says of our own mixer that it comes back by itself', () => {
      server.source('room');
      server.sink('crosspoint.desk.mic');
      server.mixerPath({
        key: cellKey('mic:room' as never, 'desk.mic' as never),
        from: 'room',
        to: 'crosspoint.desk.mic',
        latencyMs: 10,
        delayMs: 0,
        live: true,
        level: { raw: rawOfDb(-6), muted: false },
      });
      const wanted = wantedOf(desired, 'pulseaudio', { ...CALM_WANTED, mixer: 'own' });
      const late = { ...context, latencies: new Map([[KEY, { latencyMs: 40, late: true }]]) };
      expect(crosspointsIn(wanted, server.snapshot, late)[KEY]).toMatchObject({
        state: 'degraded',
        reason: expect.stringMatching(/40 ms late instead of 10.*by itself/) as string,
      });
    });

    it('is not live while its stream is muted against our will', () => {
      server.source('room');
      server.sink('crosspoint.desk.mic');
      build(true);
      expect(state()).toEqual({ state: 'pending', targetMs: 10 });
    });

    it('is live with what is heard when another program turned it', () => {
      server.source('room');
      server.sink('crosspoint.desk.mic');
      build(true);
      const { index } = [...server.snapshot.sinkInputs.values()][0]!;
      expect(state(desired, { heard: new Map([[index, { raw: rawOfDb(-20), muted: true }]]) })).toEqual({
        state: 'live',
        latencyMs: 13,
        targetMs: 10,
        heard: { gain: -20, muted: true },
        reason: 'Another program muted this path; the next change here counts again.',
      });
    });

    it('is an error when it would send sound round', () => {
      expect(state(desired, { loops: new Set([KEY]) })).toMatchObject({ state: 'error' });
    });

    it('is as asked when it is silent and not built', () => {
      server.source('room');
      server.sink('crosspoint.desk.mic');
      const muted = { ...desired, routes: desired.routes.map((route) => ({ ...route, muted: true })) };
      expect(state(muted)).toEqual({ state: 'live' });
    });

    it.each([KEY, 'crosspoint.desk.mic'])('carries the reason when %s failed', (subject) => {
      expect(state(desired, { failures: new Map([[subject, 'It broke.']]) })).toEqual({
        state: 'error',
        reason: 'It broke.',
      });
    });

    it('is an error when the device has a name that no server takes', () => {
      const odd = desire({ gadgets: ['desk'], mics: { 'mic:room': 'a"b\\c' }, routes: { [KEY]: 0 } });
      const states = crosspointsIn(wantedOf(odd, 'pipewire', CALM_WANTED), server.snapshot, context);
      expect(states[KEY]).toEqual({ state: 'error', reason: 'The name of the device cannot be used.' });
    });
  });

  describe('as gadget links', () => {
    beforeEach(() => {
      server.source('room');
      server.sink('crosspoint.desk.mic');
      server.sink('crosspoint.desk.return');
    });
    const connected = () => gadgetsIn(desired, server.snapshot, new Map()).desk?.connected;

    it('is connected when somebody plays to its return or records its mix', () => {
      expect(connected()).toBe(false);
      server.sourceOutput('crosspoint.desk.mic.monitor');
      expect(connected()).toBe(true);
      server = new SnapshotBuilder();
      server.sink('crosspoint.desk.return');
      server.sinkInput('crosspoint.desk.return');
      expect(connected()).toBe(true);
    });

    it('has the latency of its streams, and counts what it counts itself, or what is seen', () => {
      const back = server.sinkInput('crosspoint.desk.return', { bufferUs: 15_000, deviceUs: 5400 });
      server.sourceOutput('crosspoint.desk.mic.monitor', { bufferUs: 11_000 });
      const sound = (empties: [number, number][]) =>
        gadgetsIn(desired, server.snapshot, new Map(empties)).desk;
      expect(sound([[back, 2]])).toEqual({ connected: true, micMs: 11, returnMs: 20, xruns: 2 });
      server.sourceOutput('crosspoint.desk.mic.monitor', { properties: { 'crosspoint.xruns': '7' } });
      expect(sound([[back, 2]])?.xruns).toBe(7);
    });

    it('is not connected by our own crosspoints and meters', () => {
      const module = server.module(
        'module-loopback',
        wantedOf(desired, 'pulseaudio', CALM_WANTED).crosspoints[0]!.argument!,
      );
      server.sinkInput('crosspoint.desk.return', { module });
      server.sourceOutput('crosspoint.desk.mic.monitor', {
        properties: { 'application.id': 'dev.crosspoint' },
      });
      expect(connected()).toBe(false);
    });

    it('is connected by a gadget that comes in through our own listener', () => {
      const module = server.module('module-native-protocol-tcp', 'auth-cookie=/x/crosspoint-gadgets.cookie');
      server.sinkInput('crosspoint.desk.return', { module });
      expect(connected()).toBe(true);
    });
  });

  it('as meter points: a source as it comes, a destination behind its mix', () => {
    server.source('room', { sampleSpec: { format: 3, channels: 1, rateHz: 16_000 } });
    server.sink('hall');
    server.sink('crosspoint.desk.mic');
    const at = (id: string) => locateMeter(id as never, desired, server.snapshot);
    expect(at('mic:room')).toEqual({ source: 'room', channels: 1, tap: null });
    expect(at('desk.mic')).toEqual({ source: 'crosspoint.desk.mic.monitor', channels: 2, tap: null });
    expect(at('speaker:hall')).toEqual({ source: 'hall.monitor', channels: 2, tap: null });
    expect(at('desk.return')).toBeNull();
    expect(at('mic:nobody')).toBeNull();
  });

  it('are those of our own mixer, where it hears the same', () => {
    const server = new SnapshotBuilder();
    server.source('room');
    const mix = 'crosspoint.desk.mic';
    server.sink(mix);
    server.sink('crosspoint.desk.return');
    server.mixerPath({
      key: cellKey('mic:room' as never, 'desk.mic' as never),
      from: 'room',
      to: mix,
      latencyMs: 10,
      delayMs: 0,
      live: true,
      level: { raw: 65_536, muted: false },
    });
    const wanted = desire({ gadgets: ['desk'], mics: { 'mic:room': 'room' } });
    const tap = (id: string) => locateMeter(id as never, wanted, server.snapshot)?.tap;
    expect(tap('mic:room')).toEqual({ of: 'source', device: 'room' });
    expect(tap('desk.mic')).toEqual({ of: 'sink', device: mix });
    expect(tap('desk.return')).toBeNull();
    server.sinkInput(mix);
    expect(tap('desk.mic')).toBeNull();
  });
});

describe('our own modules', () => {
  it.each(['pulseaudio', 'pipewire'] as const)('are recognised by their arguments on %s', (flavour) => {
    const wanted = wantedOf(desired, flavour, CALM_WANTED);
    expect(
      wanted.buses.map(({ argument }) => recogniseModule({ index: 1, name: 'module-null-sink', argument })),
    ).toEqual([
      { role: 'bus', bus: 'crosspoint.desk.return' },
      { role: 'bus', bus: 'crosspoint.desk.mic' },
    ]);
    const argument = wanted.crosspoints[0]!.argument!;
    expect(recogniseModule({ index: 1, name: 'module-loopback', argument })).toEqual({
      role: 'crosspoint',
      key: KEY,
    });
  });

  it('are recognised whatever their gadget is called', () => {
    const labelled = {
      ...desired,
      gadgets: [{ ...desired.gadgets[0]!, label: `x' crosspoint.bus='other.mic` }],
    };
    for (const flavour of ['pulseaudio', 'pipewire'] as const)
      for (const { sink, argument } of wantedOf(labelled, flavour, CALM_WANTED).buses)
        expect(recogniseModule({ index: 1, name: 'module-null-sink', argument })).toEqual({
          role: 'bus',
          bus: sink,
        });
  });
});
