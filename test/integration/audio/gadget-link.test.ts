import { once } from 'node:events';
import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseAddresses, PulseClient } from '../../../electron/audio/pulse/index.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { FLAVOURS_AND_OWN_ONCE, mixerPids } from '../../support/pulse-mixer.ts';
import { desire, startPlane, type TestPlane } from '../../support/pulse-rig.ts';
import { Listener, makeMicrophone, measureSource, playTone } from '../../support/pulse-tone.ts';
import { eventually } from '../../support/pulse-wait.ts';

const desired = desire({
  gadgets: ['desk'],
  mics: { 'mic:room': 'room' },
  speakers: { 'speaker:hall': 'hall' },
  routes: { 'mic:room|desk.mic': -6 },
});

describe.each(FLAVOURS_AND_OWN_ONCE)('a gadget that reaches %s over TCP, mixed by %s', (flavour, mixer) => {
  let daemon: TestDaemon;
  let local: PulseClient;
  let rig: TestPlane;
  let gadget: PulseClient | undefined;

  const start = async (allow: readonly string[] = []): Promise<void> => {
    rig = await startPlane({ server: daemon.address, listen: { host: '127.0.0.1', port: 0, allow }, mixer });
    rig.plane.apply(desired);
    await rig.until('it listens', ({ listening }) => listening?.state === 'ready');
  };
  const access = () => rig.plane.gadgetAccess()!;
  const dial = (cookie: Uint8Array = access().cookie) =>
    PulseClient.connect({
      address: parseAddresses(access().address)[0]!,
      cookie,
      properties: { 'application.id': 'dev.crosspoint.gadget' },
      timeoutMs: 2000,
    });
  const dialEventually = () => eventually('a connection', () => dial().catch(() => null));

  beforeEach(async () => {
    daemon = await startTestDaemon(flavour);
    local = await daemon.connect();
  });
  afterEach(async () => {
    gadget?.dispose();
    gadget = undefined;
    await rig.dispose();
    local.dispose();
    await daemon.dispose();
  });

  it('hears its mix and is shown as connected while it does', async () => {
    const { feed } = await makeMicrophone(local, 'room');
    await playTone(local, feed);
    await start();
    gadget = await dialEventually();
    const heard = await eventually('the tone', async () => {
      const measured = await measureSource(gadget!, 'crosspoint.desk.mic.monitor').catch(() => null);
      return measured && Math.abs(measured.dbfs + 18) < 1 && measured;
    });
    expect(Math.abs(heard.hz - 1000)).toBeLessThan(3);
    expect(await mixerPids(rig.runtimeDir)).toHaveLength(mixer === 'own' ? 1 : 0);
    await rig.until('it is gone', ({ gadgets }) => gadgets.desk?.connected === false);
    const tone = await playTone(gadget, 'crosspoint.desk.return');
    await rig.until('it is connected', ({ gadgets }) => gadgets.desk?.connected === true);
    await tone.dispose();
    await rig.until('it is gone', ({ gadgets }) => gadgets.desk?.connected === false);
  });

  it('has its latency and its gaps shown', async () => {
    await start();
    gadget = await dialEventually();
    const tone = await playTone(gadget, 'crosspoint.desk.return', { targetMs: 60 });
    const listener = await Listener.open(gadget, 'crosspoint.desk.mic.monitor');
    const { gadgets } = await rig.until(
      'its sound is described',
      (status) =>
        status.gadgets.desk?.xruns === 0 &&
        (flavour === 'pipewire' || status.gadgets.desk.returnMs !== undefined),
    );
    if (flavour === 'pulseaudio') expect(gadgets.desk?.returnMs).toBeLessThan(120);
    await tone.setProperties({ 'crosspoint.xruns': '3' });
    await rig.until('its gaps are counted', (status) => status.gadgets.desk?.xruns === 3);
    await listener.dispose();
    await tone.dispose();
  });

  it('is refused with another cookie', async () => {
    await start();
    await dialEventually().then((client) => client.dispose());
    await expect(dial(randomBytes(256))).rejects.toMatchObject({ pulse: 'access' });
  });

  it('is refused from an address that is not on the list, cookie or not', async () => {
    await start(['10.1.2.0/24']);
    await expect(dial()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('gets in from an address on the list with the cookie only', async () => {
    await start(['127.0.0.0/8', '::1']);
    gadget = await dialEventually();
    expect((await gadget.serverInfo()).name).not.toBe('');
    await expect(dial(randomBytes(256))).rejects.toMatchObject({ pulse: 'access' });
  });

  it('cannot hold up the door with garbage', async () => {
    await start(['127.0.0.0/8']);
    const { port } = parseAddresses(access().address)[0] as { port: number };
    const socket = connect({ host: '127.0.0.1', port });
    socket.on('error', () => undefined);
    socket.write(randomBytes(4096));
    await once(socket, 'close');
    gadget = await dialEventually();
  });

  it('finds nobody there after a clean stop', async () => {
    await start();
    await dialEventually().then((client) => client.dispose());
    const { address, cookie } = access();
    await rig.dispose();
    await expect(
      PulseClient.connect({ address: parseAddresses(address)[0]!, cookie, timeoutMs: 2000 }),
    ).rejects.toMatchObject({ pulse: 'connection-refused' });
  });
});
