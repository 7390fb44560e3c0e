import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { FLAVOURS_AND_MIXERS, playsPaths } from '../../support/pulse-mixer.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';
import { Listener, jumpDb, makeMicrophone, playTone } from '../../support/pulse-tone.ts';
import { eventually } from '../../support/pulse-wait.ts';

const ROUTE = 'mic:room|desk.mic';
const TONE_DBFS = -12;

describe.each(FLAVOURS_AND_MIXERS)('levels on %s, mixed by %s', (flavour, mixer) => {
  let daemon: TestDaemon;
  let client: PulseClient;
  let rig: TestPlane;
  let listener: Listener;

  const apply = (gainDb: number, muted = false): void =>
    rig.plane.apply(
      desire({ gadgets: ['desk'], mics: { 'mic:room': 'room' }, routes: { [ROUTE]: { gainDb, muted } } }),
    );
  const peak = (samples: Float32Array): number =>
    samples.reduce((top, sample) => Math.max(top, Math.abs(sample)), 0);
  const becomes = (dbfs: number) =>
    eventually(`${dbfs} dBFS`, async () => {
      const db = 20 * Math.log10(peak(await listener.hear(30)) + 1e-9);
      return dbfs <= -100 ? db < -90 : Math.abs(db - dbfs) < 0.5;
    });

  beforeEach(async () => {
    daemon = await startTestDaemon(flavour);
    client = await daemon.connect();
    const { feed } = await makeMicrophone(client, 'room');
    await playTone(client, feed, { dbfs: TONE_DBFS });
    rig = await startPlane({ server: daemon.address, mixer });
    apply(0);
    await rig.until('live', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'live');
    listener = await Listener.open(client, 'crosspoint.desk.mic.monitor');
    await becomes(TONE_DBFS);
  });
  afterEach(async () => {
    await listener.dispose();
    await rig.dispose();
    client.dispose();
    await daemon.dispose();
  });

  it('glide: a change of 20 dB and back is 20 dB smoother than a jump', async () => {
    let smoothest = 0;
    // A busy machine lets steps fall together now and then; gliding that does not work would never be smooth.
    for (let attempt = 0; attempt < 8 && smoothest > -22; attempt++) {
      apply(-20);
      await becomes(TONE_DBFS - 20);
      listener.reset();
      apply(0);
      const heard = await eventually(
        'the sound after it',
        () => listener.heard().length > 14_000 && listener.heard(),
      );
      // From one level to the other, or nothing was seen.
      expect(peak(heard.subarray(-480)) / peak(heard.subarray(0, 240))).toBeGreaterThan(5);
      smoothest = Math.min(smoothest, jumpDb(heard, TONE_DBFS));
    }
    console.log(
      `${flavour}, ${mixer}: the largest step of a glide is at ${smoothest.toFixed(1)} dB of the tone`,
    );
    expect(smoothest).toBeLessThan(-20);
  });

  it('are never louder than asked when a route is switched on', async () => {
    for (let attempt = 0; attempt < 3; attempt++) {
      rig.plane.apply(desire({ gadgets: ['desk'], mics: { 'mic:room': 'room' } }));
      await becomes(-100);
      listener.reset();
      apply(-30);
      await rig.until('live', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'live');
      await eventually('sound', () => peak(listener.heard()) > 0.005);
      await eventually('the sound after it', () => listener.heard().length > 12_000);
      expect(20 * Math.log10(peak(listener.heard()))).toBeLessThan(TONE_DBFS - 29);
    }
  });

  it('follow a fader that moves 60 times a second, and end where it ends', async () => {
    for (let step = 0; step <= 30; step++) {
      apply(-step);
      await listener.hear(16);
    }
    await becomes(TONE_DBFS - 30);
    await rig.until('live', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'live');
  });

  it('are silent soon after a mute, and back soon after it is lifted', async () => {
    const delays: number[] = [];
    for (let round = 0; round < 5; round++) {
      listener.reset();
      const asked = performance.now();
      apply(0, true);
      await eventually(
        'silence',
        () => {
          const heard = listener.heard();
          return heard.length > 480 && peak(heard.subarray(-240)) < 1e-4;
        },
        3000,
        2,
      );
      delays.push(performance.now() - asked);
      apply(0);
      await becomes(TONE_DBFS);
    }
    delays.sort((a, b) => a - b);
    console.log(
      `${flavour}, ${mixer}: mute to silence heard by another client ${delays.map(Math.round).join(' ')} ms`,
    );
    expect(delays[0]).toBeLessThan(150);
  });

  it('of a muted route cost nothing after a while, and are back when it is lifted', async () => {
    await listener.dispose();
    await rig.dispose();
    rig = await startPlane({ server: daemon.address, mixer, keepSilentMs: 300 });
    apply(0);
    await rig.until('live', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'live');
    listener = await Listener.open(client, 'crosspoint.desk.mic.monitor');
    await becomes(TONE_DBFS);
    const loaded = async (): Promise<boolean> => (await client.sinkInputs()).some(playsPaths);
    apply(0, true);
    await rig.until('as asked', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'live');
    expect(await loaded()).toBe(true);
    await eventually('it is gone', async () => !(await loaded()), 8000);
    await rig.until('as asked, and nothing more', ({ crosspoints }) => {
      const { state, latencyMs } = crosspoints[ROUTE] ?? {};
      return state === 'live' && latencyMs === undefined;
    });
    apply(0);
    await becomes(TONE_DBFS);
  });
});
