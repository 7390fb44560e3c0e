import { afterEach, describe, expect, test } from 'vitest';
import { GadgetsRig } from '../../support/gadgets-rig.ts';

let rig: GadgetsRig;
afterEach(() => rig.dispose());
const password = 'raspberry';
const start = async (options: Parameters<typeof GadgetsRig.start>[0] = {}): Promise<GadgetsRig> =>
  (rig = await GadgetsRig.start({ password, ...options }));

test('a bare Pi is provisioned by its password, and needs none afterwards', async () => {
  await start({ bare: true });
  expect(rig.status.state).toBe('new');
  const done = await rig.act('provision', { password });
  expect(done).toMatchObject({ state: 'ready', version: '0.1.0', available: '0.1.0' });
  expect(rig.steps).toEqual({
    reach: 'done',
    key: 'changed',
    board: 'done',
    sudo: 'done',
    writable: 'done',
    space: 'done',
    clock: 'done',
    dependencies: 'changed',
    package: 'changed',
    configuration: 'changed',
    usb: 'changed',
    services: 'done',
    link: 'done',
  });
  expect(rig.server.restarts).toBe(1);
  expect(await rig.pi.read('etc/crosspoint/gadget.conf')).toContain(
    'rtmp_url=rtmp://127.0.0.1:1935/gadget/desk?token=a-token-that-nobody-sees\n',
  );
  expect(await rig.pi.read('boot/firmware/config.txt')).toContain('dtoverlay=dwc2,dr_mode=peripheral');
});

test('a second run changes nothing, takes no password and less than five seconds', async () => {
  await start();
  await rig.act('provision', { password });
  const before = await rig.pi.changes();
  const startedMs = performance.now();
  const again = await rig.act('provision');
  expect(performance.now() - startedMs).toBeLessThan(5_000);
  expect(again.state).toBe('ready');
  expect(new Set(Object.values(rig.steps))).toEqual(new Set(['done']));
  expect(await rig.pi.changes()).toEqual(before);
  expect(rig.server.passwords).toEqual([password]);
});

test('the box knows its gadgets again after its own restart', async () => {
  await start();
  await rig.act('provision', { password });
  const { fingerprint } = rig.status;
  await rig.plane.dispose();
  await rig.open();
  expect(rig.status).toMatchObject({ state: 'unknown', fingerprint });
  await rig.until('its health', ({ state, health }) => state === 'ready' && health !== undefined);
  expect(rig.server.passwords).toEqual([password]);
});

test('another name or another box address is written, and put into effect', async () => {
  await start();
  await rig.act('provision', { password });
  rig.gadget = { ...rig.gadget, label: 'Büro' };
  rig.plane.apply({ gadgets: [rig.gadget] });
  await rig.act('provision');
  expect(rig.steps).toMatchObject({ configuration: 'changed', package: 'done' });
  expect(await rig.pi.read('etc/crosspoint/gadget.conf')).toContain('label=Büro\n');
});

test('larger pictures take more of the USB, and Wi-Fi more latency of the sound', async () => {
  await start();
  await rig.act('provision', { password });
  const conf = (): Promise<string | undefined> => rig.pi.read('etc/crosspoint/gadget.conf');
  expect(await conf()).toContain('budget=normal\n');
  expect(await conf()).toContain('audio_target_ms=20\n');
  await rig.pi.write({
    'sys/class/net/lo/operstate': 'unknown\n',
    'sys/class/net/eth0/device/uevent': '',
    'sys/class/net/eth0/operstate': 'down\n',
    'sys/class/net/wlan0/device/uevent': '',
    'sys/class/net/wlan0/wireless/uevent': '',
    'sys/class/net/wlan0/operstate': 'up\n',
  });
  rig.gadget = { ...rig.gadget, maxFrameBytes: 180_000 };
  rig.plane.apply({ gadgets: [rig.gadget] });
  await rig.act('provision');
  expect(rig.steps.configuration).toBe('changed');
  expect(await conf()).toContain('budget=fast\n');
  expect(await conf()).toContain('audio_target_ms=35\n');
  // With both, the kernel takes the cable.
  await rig.pi.write({ 'sys/class/net/eth0/operstate': 'up\n' });
  await rig.act('provision');
  expect(await conf()).toContain('audio_target_ms=20\n');
});

test('a configuration that somebody changed on the Pi is put right', async () => {
  await start();
  await rig.act('provision', { password });
  await rig.pi.write({ 'etc/crosspoint/gadget.conf': 'label=Somebody else\n' });
  await rig.act('provision');
  expect(rig.steps.configuration).toBe('changed');
  expect(await rig.pi.read('etc/crosspoint/gadget.conf')).toContain('label=Desk\n');
});

describe('sudo with a password', () => {
  test('gets it on its input, and never in a command, a log or a file', async () => {
    const hostile = `it's "$(touch /tmp/x)" \`id\` \\ ; rm -rf / #ü`;
    await start({ password: hostile });
    await rig.pi.write({ 'fake/sudo': hostile });
    expect(await rig.act('provision', { password: hostile })).toMatchObject({ state: 'ready' });
    expect(rig.server.commands.join('\n')).not.toContain('touch /tmp/x');
    expect(await rig.written()).not.toContain('touch');
    expect(rig.pi.has('tmp/x')).toBe(false);
    expect(rig.pi.has('fake/wrong-passwords')).toBe(false);
    // Nothing has to be changed: so it is not asked for.
    await rig.act('provision');
    expect(new Set(Object.values(rig.steps))).toEqual(new Set(['done']));
  });

  test('a wrong one is tried once, and the step says so', async () => {
    await start();
    await rig.pi.write({ 'fake/sudo': 'another' });
    expect(await rig.act('provision', { password })).toMatchObject({
      state: 'failed',
      reason: 'sudo does not take this password of pi.',
    });
    expect(rig.steps).toMatchObject({ board: 'done', sudo: 'failed', writable: 'waiting' });
    expect(await rig.pi.read('fake/wrong-passwords')).toBe('wrong\n');
    expect(await rig.pi.changes()).toEqual([]);
  });

  test('without one, what has to be changed says that it is needed', async () => {
    await start();
    await rig.pi.write({ 'fake/sudo': password });
    await rig.act('provision', { password });
    await rig.bring('0.2.0');
    expect(await rig.act('update-software')).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('sudo asks for a password') as string,
    });
  });
});

describe('what comes from outside reaches the Pi literally', () => {
  test.each([
    `it's`,
    '$(touch /tmp/x)',
    '`touch /tmp/x`',
    '"; touch /tmp/x; "',
    "a\nudc=evil\n'; touch /tmp/x #",
    '%s%n\\n\\0',
    '🎥 Büro',
  ])('the label %j', async (label) => {
    await start();
    rig.gadget = { ...rig.gadget, label, token: `t'$(touch /tmp/x)` };
    rig.plane.apply({ gadgets: [rig.gadget] });
    expect(await rig.act('provision', { password })).toMatchObject({ state: 'ready' });
    const conf = (await rig.pi.read('etc/crosspoint/gadget.conf')) ?? '';
    const shown = /^label=(.*)$/m.exec(conf)?.[1] ?? '';
    expect(shown).not.toBe('');
    expect(label.replace(/\p{Cc}+/gu, ' ').startsWith(shown)).toBe(true);
    expect(conf).not.toMatch(/^udc=/m);
    expect(rig.pi.has('tmp/x')).toBe(false);
  });
});

describe('what is in the way is said, with what to do', () => {
  const fails = async (step: string, reason: RegExp, hint: RegExp): Promise<void> => {
    const { state, steps } = await rig.act('provision', { password });
    expect(state).toBe('failed');
    const failed = steps.find(({ id }) => id === step);
    expect(failed).toMatchObject({ state: 'failed' });
    expect(failed?.detail).toMatch(reason);
    expect(failed?.hint).toMatch(hint);
    expect(steps.filter((other) => other.state === 'failed')).toHaveLength(1);
  };

  test('a wrong password', async () => {
    await start({ password: 'another' });
    await fails('reach', /does not let pi in/, /password/);
    expect(rig.status.fingerprint).toBeUndefined();
  });

  test('a 32-bit system', async () => {
    await start();
    await rig.pi.write({ 'fake/architecture': 'armhf' });
    await fails('board', /32-bit/, /64-bit/);
    expect(await rig.pi.changes()).toEqual([]);
  });

  test('a board without a port for it', async () => {
    await start();
    await rig.pi.write({ 'proc/device-tree/model': 'Raspberry Pi 3 Model B Plus Rev 1.3\0' });
    await fails('board', /no USB port/, /Raspberry Pi 4/);
  });

  test('a read-only file system', async () => {
    await start();
    await rig.pi.write({ 'proc/mounts': '/dev/mmcblk0p2 / ext4 ro,noatime 0 0\n' });
    await fails('writable', /read-only/, /card/);
  });

  test('an overlay that forgets every change', async () => {
    await start();
    await rig.pi.write({ 'proc/mounts': 'overlay / overlay rw,relatime,lowerdir=/lower 0 0\n' });
    await fails('writable', /forgets/, /raspi-config/);
  });

  test('no room, also after cleaning up', async () => {
    await start();
    await rig.pi.write({ 'fake/free-kb': '90000' });
    await fails('space', /87 MB/, /larger card/);
    expect(await rig.pi.changes()).toEqual(['apt-get clean']);
  });

  test('room that apt had taken is won back', async () => {
    await start();
    await rig.pi.write({ 'fake/free-kb': '90000', 'fake/free-after-clean-kb': '900000' });
    expect(await rig.act('provision', { password })).toMatchObject({ state: 'ready' });
    expect(rig.steps.space).toBe('changed');
  });

  test.each([
    ['update', 'W: Temporary failure resolving deb.debian.org', /does not reach/, /internet/],
    ['install', 'E: Could not get lock /var/lib/dpkg/lock-frontend', /Another installation/, /[Ww]ait/],
    ['libpulse0', "E: You don't have enough free space", /not enough room/, /room/],
    ['libpulse0', 'E: something new', /E: something new/, /apt-get/],
  ])('apt-get that fails at %s: %s', async (word, says, reason, hint) => {
    await start({ bare: true });
    await rig.pi.write({ 'fake/apt-fails': word, 'fake/apt-says': `Reading\n${says}\n` });
    await fails('dependencies', reason, hint);
    await rig.pi.remove('fake/apt-fails');
    expect(await rig.act('provision')).toMatchObject({ state: 'ready' });
  });

  test('a box without a package for the board', async () => {
    await start();
    await rig.pi.write({
      'fake/architecture': 'amd64',
      'fake/machine': 'x86_64',
      'sys/class/udc/dummy_udc.0/state': '',
    });
    await fails('package', /no package for amd64/, /deb\.sh/);
  });

  test('services that do not start', async () => {
    await start();
    await rig.act('provision', { password });
    await rig.pi.write({ 'fake/services-fail': '', 'fake/journal': 'crosspoint-uvc: no camera node\n' });
    await rig.pi.remove('fake/active/crosspoint-uvc');
    await fails('services', /crosspoint-uvc does not run: .*no camera node/, /log/);
  }, 40_000);

  test('a clock that is wrong is set', async () => {
    await start();
    await rig.pi.write({ 'fake/clock': '-86400000' });
    expect(await rig.act('provision', { password })).toMatchObject({ state: 'ready' });
    expect(rig.steps.clock).toBe('changed');
    expect(await rig.pi.changes()).toContain('timedatectl set-ntp true');
  });
});

describe('a connection that breaks', () => {
  test('in the middle of a step is made again, and the step is done', async () => {
    await start();
    let breaks = 1;
    rig.server.breakOn = (command) => command.includes('--reinstall install') && breaks-- > 0;
    await rig.pi.write({ 'fake/apt-slow': '0.3' });
    expect(await rig.act('provision', { password })).toMatchObject({ state: 'ready' });
    expect(rig.steps.package).toBe('changed');
  });

  test('between configuration and effect leaves nothing half done', async () => {
    await start();
    let breaks = 1;
    rig.server.breakOn = (command) => command.includes('reload-or-restart') && breaks-- > 0;
    // Mostly this run is taken up again by itself; when it was not, the next one finds what is left to do.
    const { state } = await rig.act('provision', { password });
    if (state === 'failed')
      expect(await rig.act('provision', { password })).toMatchObject({ state: 'ready' });
    expect(await rig.pi.read('var/lib/crosspoint/applied')).toMatch(/^[0-9a-f]{64}\n$/);
  });

  test('for good ends the run with a sentence, and another run goes on from there', async () => {
    await start({ bare: true });
    await rig.pi.write({ 'fake/apt-slow': '0.3' });
    rig.server.breakOn = (command) => command.includes('--reinstall install');
    expect(await rig.act('provision', { password })).toMatchObject({
      state: 'failed',
      reason: expect.stringContaining('was lost') as string,
    });
    expect(rig.steps).toMatchObject({ dependencies: 'changed', package: 'failed', configuration: 'waiting' });
    rig.server.breakOn = undefined;
    expect(await rig.act('provision')).toMatchObject({ state: 'ready' });
    expect(rig.steps).toMatchObject({ dependencies: 'done', package: 'changed' });
  });

  test('a box that stops in the middle of it stops at once', async () => {
    await start({ bare: true });
    await rig.pi.write({ 'fake/apt-slow': '20' });
    const run = rig.plane.act(rig.gadget.id, 'provision', { password });
    await rig.until('the installation', ({ steps }) =>
      steps.some(({ id, state }) => id === 'dependencies' && state === 'running'),
    );
    const startedMs = performance.now();
    await rig.plane.dispose();
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    expect(run).toBe(1);
  });
});
