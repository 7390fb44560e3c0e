import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AudioDesired } from '../../../electron/audio/plane.ts';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';
import { FLAVOURS, startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { startEngineProcess } from '../../support/pulse-engine-process.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';
import { Listener, makeMicrophone, makeSpeaker, measure, playTone } from '../../support/pulse-tone.ts';
import { eventually } from '../../support/pulse-wait.ts';

describe.each(FLAVOURS)('on %s', (flavour) => {
  let daemon: TestDaemon;
  let client: PulseClient;
  let rig: TestPlane;
  let feed: string;

  beforeEach(async () => {
    daemon = await startTestDaemon(flavour);
    client = await daemon.connect();
    ({ feed } = await makeMicrophone(client, 'room'));
    await makeSpeaker(client, 'phones');
    rig = await startPlane({ server: daemon.address });
  });
  afterEach(async () => {
    await rig.dispose();
    client.dispose();
    await daemon.dispose();
  });
  const live = () =>
    rig.until(
      'live',
      ({ crosspoints }) =>
        Object.keys(crosspoints).length > 0 &&
        Object.values(crosspoints).every(({ state }) => state === 'live'),
    );
  /** Level of a tone on the headphones. */
  const level = async (hz: number): Promise<number> =>
    measure(
      await Listener.open(client, 'phones.monitor').then(async (listener) => {
        const heard = await listener.hear(150);
        await listener.dispose();
        return heard;
      }),
      hz,
    ).dbfs;
  const becomes = (hz: number, dbfs: number) =>
    eventually(`${hz} Hz at ${dbfs} dBFS`, async () => {
      const now = await level(hz);
      return dbfs <= -100 ? now < -80 : Math.abs(now - dbfs) < 1;
    });

  describe('solo', () => {
    const soloed = (ids: string[]): AudioDesired =>
      desire({
        gadgets: ['desk'],
        mics: { 'mic:room': { device: 'room', gainDb: -30, muted: true } },
        speakers: { 'speaker:phones': 'phones' },
        routes: { 'desk.return|speaker:phones': 0 },
        solo: { on: 'speaker:phones', ids },
      });

    it('is all that the headphones carry, before its fader and its mute, and then they are as before', async () => {
      await playTone(client, feed, { hz: 700, dbfs: -20 });
      rig.plane.apply(soloed([]));
      await live();
      await playTone(client, 'crosspoint.desk.return', { hz: 1700, dbfs: -20 });
      await becomes(1700, -20);
      rig.plane.apply(soloed(['mic:room']));
      await becomes(700, -20);
      await becomes(1700, -100);
      expect(Object.keys(rig.plane.status.crosspoints)).toEqual(['desk.return|speaker:phones']);
      rig.plane.apply(soloed([]));
      await becomes(1700, -20);
      await becomes(700, -100);
    });

    it('of a crashed engine is gone with the next one', async () => {
      await playTone(client, feed, { hz: 700, dbfs: -20 });
      const engine = startEngineProcess(
        { server: daemon.address, runtimeDir: rig.runtimeDir, desired: soloed(['mic:room']) },
        daemon.env,
      );
      await engine.until('ready', ({ devices }) => devices !== null);
      await becomes(700, -20);
      await engine.end('SIGKILL');
      rig.plane.apply(soloed([]));
      await becomes(700, -100);
      await eventually('nothing of it is left', async () =>
        (await client.modules()).every(({ argument }) => !argument.includes('solo:')),
      );
    });
  });

  it('returns are lowered while somebody speaks into a talk-over microphone, and come back', async () => {
    rig.plane.apply(
      desire({
        gadgets: ['desk'],
        mics: { 'mic:room': { device: 'room', talkOver: true } },
        speakers: { 'speaker:phones': { device: 'phones', duckDb: -18 } },
        routes: { 'desk.return|speaker:phones': 0 },
      }),
    );
    await live();
    await playTone(client, 'crosspoint.desk.return', { hz: 1700, dbfs: -20 });
    await becomes(1700, -20);
    expect(rig.plane.status.ducking).toBe(false);
    const voice = await playTone(client, feed, { hz: 700, dbfs: -20, targetMs: 60 });
    await rig.until('it ducks', ({ ducking }) => ducking);
    await becomes(1700, -38);
    await voice.dispose();
    await rig.until('it ends', ({ ducking }) => !ducking);
    await becomes(1700, -20);
  });

  it('nobody is listened to while there is nothing to lower', async () => {
    rig.plane.apply(
      desire({
        gadgets: ['desk'],
        mics: { 'mic:room': { device: 'room', talkOver: true } },
        speakers: { 'speaker:phones': 'phones' },
        routes: { 'desk.return|speaker:phones': 0 },
      }),
    );
    await live();
    expect((await client.sourceOutputs()).filter(({ name }) => name.includes('talk-over'))).toEqual([]);
  });

  it('a path that would send the sound round is never connected, and says so', async () => {
    // The microphone "room" is made of what the speaker "room-feed" plays.
    const looped = desire({
      gadgets: ['desk'],
      mics: { 'mic:room': 'room' },
      speakers: { 'speaker:feed': feed, 'speaker:phones': 'phones' },
      routes: { 'mic:room|speaker:phones': 0, 'mic:room|speaker:feed': 0 },
    });
    rig.plane.apply(looped);
    const { crosspoints } = await rig.until(
      'judged',
      (status) =>
        status.crosspoints['mic:room|speaker:phones']?.state === 'live' &&
        status.crosspoints['mic:room|speaker:feed']?.state === 'error',
    );
    expect(crosspoints['mic:room|speaker:feed']?.reason).toContain('round in a circle');
    expect((await client.modules()).filter(({ name }) => name === 'module-loopback')).toHaveLength(1);
  });

  it('no path is louder than the ceiling, whatever its faders add up to', async () => {
    await playTone(client, feed, { dbfs: -40 });
    const loud = (gainCeilingDb: number) =>
      desire({
        gadgets: ['desk'],
        mics: { 'mic:room': { device: 'room', gainDb: 10 } },
        speakers: { 'speaker:phones': { device: 'phones', gainDb: 10 } },
        routes: { 'mic:room|speaker:phones': 10 },
        gainCeilingDb,
      });
    rig.plane.apply(loud(4));
    await live();
    await becomes(1000, -36);
    rig.plane.apply(loud(20));
    await becomes(1000, -20);
  });
});
