import { afterEach, expect, test } from 'vitest';
import { DESK, GadgetsRig } from '../../support/gadgets-rig.ts';

const password = 'raspberry';
let rig: GadgetsRig;
afterEach(() => rig.dispose());
const start = async (healthMs?: number): Promise<void> => {
  rig = await GadgetsRig.start({ password, ...(healthMs === undefined ? {} : { healthMs }) });
  expect(await rig.act('provision', { password })).toMatchObject({ state: 'ready' });
};

test('an update installs the version of the box, and a roll back brings the one before', async () => {
  await start();
  await rig.bring('0.2.0');
  expect(await rig.act('update-software')).toMatchObject({ version: '0.2.0', previous: '0.1.0' });
  expect(await rig.act('rollback')).toMatchObject({
    version: '0.1.0',
    previous: '0.2.0',
    available: '0.2.0',
  });
  expect(await rig.act('rollback')).toMatchObject({ version: '0.2.0', previous: '0.1.0' });
});

test('a roll back without a version before says so, and leaves the gadget ready', async () => {
  await start();
  const { state, steps } = await rig.act('rollback');
  expect(state).toBe('ready');
  expect(steps.find(({ id }) => id === 'rollback')).toMatchObject({
    state: 'failed',
    detail: 'The Pi keeps no version to go back to.',
  });
});

test('a package that was built anew under the same version is installed', async () => {
  await start();
  await rig.bring('0.1.0+1');
  await rig.act('update-software');
  expect(rig.steps.package).toBe('changed');
  await rig.act('update-software');
  expect(rig.steps.package).toBe('done');
});

test('uninstalling takes everything away again, the key of the box last', async () => {
  rig = await GadgetsRig.start({ password, bare: true });
  const before = await rig.pi.read('boot/firmware/config.txt');
  await rig.act('provision', { password });
  expect(await rig.act('uninstall')).toMatchObject({ state: 'new' });
  expect(rig.status.fingerprint).toBeUndefined();
  expect(await rig.pi.read('boot/firmware/config.txt')).toBe(before);
  expect(await rig.pi.read('home/pi/.ssh/authorized_keys')).toBe('');
  expect(rig.pi.has('etc/crosspoint/gadget.conf') || rig.pi.has('var/lib/crosspoint')).toBe(false);
  expect(rig.pi.has('fake/packages/crosspoint-gadget')).toBe(false);
});

test('a restart ends when the Pi is back', async () => {
  await start();
  await rig.act('reboot');
  expect(rig.server.restarts).toBe(1);
  expect(rig.steps).toEqual({ reach: 'done', sudo: 'done', restart: 'changed' });
});

test('its light blinks; a board without one says so, and is as ready as before', async () => {
  await start();
  await rig.act('identify');
  expect(await rig.pi.changes()).toContain('crosspoint-gadget identify 10');
  await rig.pi.write({ 'fake/no-led': '' });
  const { state, steps } = await rig.act('identify');
  expect(state).toBe('ready');
  expect(steps.at(-1)?.detail).toMatch(/cannot blink: .*no LED/);
});

test('only one thing at a time is done to a gadget', async () => {
  await start();
  const run = rig.plane.act(DESK, 'identify');
  expect(() => rig.plane.act(DESK, 'reboot')).toThrow('just now');
  await rig.until('the end', (status) => status.run === run && status.finishedAt !== undefined);
});

test('its health is looked at again and again, on one connection, and leaves no trace', async () => {
  await start(100);
  const { logins } = rig.server;
  const changes = await rig.pi.changes();
  await rig.pi.write({ 'fake/throttled': '0x50005', 'sys/class/thermal/thermal_zone0/temp': '82000\n' });
  const { health } = await rig.until('the warnings', (status) => status.health?.underVoltage === 'now');
  expect(health).toMatchObject({ temperatureC: 82, throttled: 'now', hostConfigured: true });
  expect(health?.warnings).toEqual([
    expect.stringMatching(/power supply is too weak/),
    expect.stringMatching(/slowed down/),
    expect.stringMatching(/hot: 82 °C/),
  ]);
  expect(rig.server.logins).toBe(logins);
  expect(await rig.pi.changes()).toEqual(changes);
});

test('a Pi that goes away is unreachable, and ready by itself when it is back', async () => {
  await start(100);
  await rig.server.close();
  await rig.until('its absence', ({ state }) => state === 'unreachable');
  expect(rig.status.reason).toMatch(/SSH is not|cannot be reached|was lost/);
  await rig.server.listen();
  await rig.until('its return', ({ state }) => state === 'ready');
  expect(rig.status.reason).toBeUndefined();
});

test('its log is followed line by line, and nothing in it moves a cursor', async () => {
  await start();
  await rig.pi.write({ 'fake/journal': 'one\ntwo \u001b[2Jred\n' });
  const lines: string[] = [];
  const following = await new Promise<{ dispose(): unknown }>((resolve) => {
    const follow = rig.plane.followLog(
      DESK,
      (more) => {
        lines.push(...more);
        if (lines.length >= 2) resolve(follow);
      },
      () => undefined,
    );
  });
  await following.dispose();
  expect(lines).toEqual(['one', 'two  [2Jred']);
});

test('a gadget without an address cannot be provisioned', async () => {
  await start();
  rig.plane.apply({ gadgets: [{ ...rig.gadget, host: null }] });
  expect(rig.plane.status.gadgets).toEqual({});
  expect(() => rig.plane.act(DESK, 'provision')).toThrow('no address for SSH');
});
