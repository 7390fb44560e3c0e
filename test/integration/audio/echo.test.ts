import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AudioStatus } from '../../../electron/audio/plane.ts';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { FLAVOURS_AND_OWN_ONCE, mixerPids } from '../../support/pulse-mixer.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';
import { makeRoom, playSpeech, type TestRoom } from '../../support/pulse-room.ts';
import { Listener, measure } from '../../support/pulse-tone.ts';
import { eventually } from '../../support/pulse-wait.ts';

const BUS = 'crosspoint.desk.mic.monitor';
const rmsDb = (samples: Float32Array): number =>
  10 * Math.log10(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length + 1e-12);
const wanted = (echo: boolean, noiseSuppression = false) =>
  desire({
    gadgets: ['desk', 'office'],
    mics: {
      'mic:room': {
        device: 'room',
        ...(echo ? { echo: { reference: 'speaker:hall', noiseSuppression } } : {}),
      },
    },
    speakers: { 'speaker:hall': 'hall' },
    routes: { 'office.return|speaker:hall': 0, 'mic:room|desk.mic': 0 },
  });
const allLive = ({ crosspoints }: AudioStatus): boolean =>
  Object.keys(crosspoints).length === 2 && Object.values(crosspoints).every(({ state }) => state === 'live');
const running = (status: AudioStatus): boolean =>
  allLive(status) && status.echo['mic:room']?.state === 'running';

describe.each(FLAVOURS_AND_OWN_ONCE)('echo cancelling on %s, mixed by %s', (flavour, mixer) => {
  let daemon: TestDaemon;
  let client: PulseClient;
  let rig: TestPlane;
  let room: TestRoom;

  beforeEach(async () => {
    daemon = await startTestDaemon(flavour);
    client = await daemon.connect();
    room = await makeRoom(client);
    rig = await startPlane({ server: daemon.address, mixer });
  });
  afterEach(async () => {
    await rig.dispose();
    client.dispose();
    await daemon.dispose();
  });

  // PipeWire 0.3.65 takes the echo out of what is no noise only poorly: see electron/audio/README.md.
  it(
    flavour === 'pulseaudio'
      ? 'takes 20 dB off the echo within 5 s, and leaves who speaks in the room'
      : 'lowers the echo',
    async () => {
      rig.plane.apply(wanted(false));
      await rig.until('live', allLive);
      expect(await mixerPids(rig.runtimeDir)).toHaveLength(mixer === 'own' ? 1 : 0);
      const speech = await playSpeech(client, 'crosspoint.office.return');
      const listener = await Listener.open(client, BUS);
      await listener.hear(300);
      const before = rmsDb(await listener.hear(1500));
      rig.plane.apply(wanted(true, flavour === 'pipewire'));
      await rig.until('it runs', running);
      await listener.hear(5000);
      const after = rmsDb(await listener.hear(1500));
      console.log(`${flavour}, ${mixer}: echo ${before.toFixed(1)} → ${after.toFixed(1)} dBFS`);
      expect(before - after).toBeGreaterThan(flavour === 'pulseaudio' ? 20 : 6);
      await speech.dispose();
      if (flavour === 'pulseaudio') {
        expect(rig.plane.status.echo['mic:room']?.delayMs).toBeGreaterThan(0);
        const tone = await room.say({ hz: 700, dbfs: -20 });
        await eventually(
          'the voice in the room',
          async () => Math.abs(measure(await listener.hear(200), 700).dbfs + 20) < 3,
        );
        await tone.dispose();
      }
      await listener.dispose();
    },
  );

  it('starts and ends without cutting off the sound, and leaves nothing', async () => {
    rig.plane.apply(wanted(false));
    await rig.until('live', allLive);
    const tone = await room.say({ hz: 1000, dbfs: -12 });
    const listener = await Listener.open(client, BUS);
    await listener.hear(500);
    listener.reset();
    rig.plane.apply(wanted(true));
    const { echo } = await rig.until('it runs', running);
    // Who relies on it is told what the server is bad at.
    if (flavour === 'pipewire') expect(echo['mic:room']?.reason).toMatch(/takes nothing off/);
    else expect(echo['mic:room']).not.toHaveProperty('reason');
    rig.plane.apply(wanted(false));
    await rig.until('it is gone', (status) => allLive(status) && status.echo['mic:room'] === undefined);
    await eventually('its module is gone', async () =>
      (await client.modules()).every(({ name }) => name !== 'module-echo-cancel'),
    );
    // By the stream that is open already: a busy PipeWire takes seconds to connect one more.
    await eventually(
      'the sound as before',
      async () => Math.abs(measure(await listener.hear(300), 1000).dbfs + 12) < 0.5,
    );
    expect(rig.plane.status.devices?.microphones.map(({ name }) => name)).toEqual(['room']);
    await tone.dispose();
    await listener.dispose();
  });

  it('waits for its speaker, and goes without it meanwhile', async () => {
    rig.plane.apply(
      desire({
        gadgets: ['desk'],
        mics: { 'mic:room': { device: 'room', echo: { reference: 'speaker:far' } } },
        speakers: { 'speaker:far': 'far' },
        routes: { 'mic:room|desk.mic': 0 },
      }),
    );
    await rig.until('live', ({ crosspoints }) => crosspoints['mic:room|desk.mic']?.state === 'live');
    expect(rig.plane.status.echo['mic:room']).toEqual({
      state: 'waiting',
      reason: 'The reference speaker is not connected.',
    });
  });
});
