import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type PulseClient } from '../../../electron/audio/pulse/index.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { FLAVOURS_AND_MIXERS, playsPaths } from '../../support/pulse-mixer.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';
import { makeMicrophone, type Measured, measureSource, playTone } from '../../support/pulse-tone.ts';
import { eventually } from '../../support/pulse-wait.ts';

const MIC = 'mic:room';
const ROUTE = 'mic:room|desk.mic';
const BUS = 'crosspoint.desk.mic.monitor';

describe.each(FLAVOURS_AND_MIXERS)('a microphone routed to a gadget on %s by %s', (flavour, mixer) => {
  let daemon: TestDaemon;
  let client: PulseClient;
  let rig: TestPlane;

  beforeAll(async () => {
    daemon = await startTestDaemon(flavour);
  });
  afterAll(() => daemon.dispose());

  beforeEach(async () => {
    client = await daemon.connect();
    const { feed } = await makeMicrophone(client, 'room');
    await playTone(client, feed, { hz: 1000, dbfs: -12 });
    rig = await startPlane({ server: daemon.address, mixer });
  });
  afterEach(async () => {
    await rig.dispose();
    client.dispose();
    await daemon.kill();
    await daemon.start();
  });

  const routed = (gain: number, more: { muted?: boolean } = {}) =>
    desire({ gadgets: ['desk'], mics: { [MIC]: 'room' }, routes: { [ROUTE]: { gainDb: gain, ...more } } });
  const live = () =>
    rig.until('the route is live', ({ crosspoints }) => crosspoints[ROUTE]?.state === 'live');

  // A busy PipeWire takes seconds to connect the stream that listens.
  const hears = (what: string, is: (measured: Measured) => boolean) =>
    eventually(
      what,
      async () => {
        const measured = await measureSource(client, BUS).catch(() => null);
        return measured !== null && is(measured) && measured;
      },
      20_000,
    );

  it.each([0, -6, -20, 6])('is heard there within 1 dB of the gain %d', async (gain) => {
    rig.plane.apply(routed(gain));
    await live();
    const heard = await hears('the tone', ({ dbfs }) => Math.abs(dbfs - (-12 + gain)) < 1);
    expect(Math.abs(heard.hz - 1000)).toBeLessThan(3);
  });

  it('is silent while it is muted, and gone when it is unrouted', async () => {
    rig.plane.apply(routed(0));
    await live();
    await hears('the tone', ({ dbfs }) => dbfs > -14);
    rig.plane.apply(routed(0, { muted: true }));
    await hears('silence', ({ dbfs }) => dbfs < -90);
    rig.plane.apply(desire({ gadgets: ['desk'], mics: { [MIC]: 'room' } }));
    await eventually('no stream of it', async () => !(await client.sinkInputs()).some(playsPaths));
  });

  it('is back within 3 s after the sound server was killed and came back', async () => {
    rig.plane.apply(routed(-6));
    await live();
    await daemon.kill();
    await daemon.start();
    const back = performance.now();
    client = await daemon.connect();
    const { feed } = await makeMicrophone(client, 'room');
    await playTone(client, feed);
    await eventually(
      'the tone',
      async () => Math.abs((await measureSource(client, BUS).catch(() => ({ dbfs: -120 }))).dbfs + 18) < 1,
    );
    expect(performance.now() - back).toBeLessThan(3000);
  });
});
