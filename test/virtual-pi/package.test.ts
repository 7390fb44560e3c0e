import { expect, test } from 'vitest';
import { eventually } from '../support/pulse-wait.ts';
import {
  CameraApp,
  disconnects,
  gadgetPackage,
  installPackage,
  pidOf,
  watchCamera,
} from '../support/vpi-gadget.ts';
import { useGadget } from '../support/vpi-rig.ts';

const rig = useGadget();
const SERVICES = ['gadget', 'uvc', 'video', 'audio'].map((name) => `crosspoint-${name}`);

const active = async (): Promise<boolean> =>
  (await rig.guest.run(`systemctl is-active ${SERVICES.join(' ')}`)).stdout
    .trim()
    .split('\n')
    .every((line) => line === 'active');

test('a bare guest that gets the package runs every service, each as its own user', async () => {
  await eventually('every service', active, 30_000, 300);
  const users = await rig.guest.ok('ps -o user=,comm= -C crosspoint-uvc,crosspoint-video,crosspoint-audio');
  expect(users).toMatch(/^root\s+crosspoint-uvc$/m);
  expect(users).toMatch(/^crosspo\S*\s+crosspoint-vid/m);
  expect(users).toMatch(/^crosspo\S*\s+crosspoint-aud/m);
  expect(await rig.guest.ok('stat -c "%U %G %a" /etc/crosspoint/gadget.conf')).toBe('root crosspoint 640');
  expect(await rig.guest.ok('stat -c "%U %a" /dev/video0')).toBe('root 600');
});

test('status tells people and the box how it is', async () => {
  const status = await rig.guest.ok('crosspoint-gadget status');
  expect(status).toMatch(/^state=up$/m);
  expect(status).toMatch(/^label=Desk 1$/m);
  expect(status).toMatch(/^link=configured$/m);
  expect(status).toMatch(/^speed=high-speed$/m);
  expect(status).toMatch(/^camera=\/dev\/video\d+$/m);
});

test('an upgrade while the client streams takes neither its camera nor its sound card away', async () => {
  const before = await disconnects(rig.guest);
  const uvc = await pidOf(rig.guest, 'uvc');
  const app = new CameraApp(rig.guest, `-d ${rig.camera} -t 30`, 120_000);
  await app.saw('picture');
  await installPackage(rig.guest, await gadgetPackage());
  await eventually(
    'another crosspoint-uvc',
    async () => ![0, uvc].includes(await pidOf(rig.guest, 'uvc')),
    30_000,
    300,
  );
  const seen = await app.result;
  console.log('upgrade: longest gap', seen.gapMs?.max, 'ms');
  expect(seen).toMatchObject({ failures: 0, corrupt: 0, opened: 1 });
  expect(await disconnects(rig.guest)).toBe(before);
  expect(await rig.guest.ok('cat /etc/crosspoint/gadget.conf')).toContain('label=Desk 1');
});

test('nothing is written to the disk in normal operation', async () => {
  const app = new CameraApp(rig.guest, `-d ${rig.camera} -t 8`, 60_000);
  await app.saw('picture');
  const written = await rig.guest.ok(
    'sync; touch /tmp/mark; sleep 4; find / -xdev -newer /tmp/mark -type f ! -path "/proc/*" ! -path "/sys/*" ! -path "/run/*" ! -path "/dev/*" ! -path "/var/log/*" ! -path "/tmp/*"',
  );
  expect(written).toBe('');
  await app.result;
});

test('after a restart everything is back without a hand', async () => {
  await rig.guest.reboot();
  await eventually('every service', active, 120_000, 1000);
  const seen = await watchCamera(rig.guest, '', 6);
  expect(seen).toMatchObject({ failures: 0, corrupt: 0 });
  expect(seen.numbered).toBeGreaterThan(0);
  await eventually('its sound on the box', async () => (await rig.sound.streams()) === 2, 30_000, 200);
});

test('removed and purged, nothing of it is left', async () => {
  const files = (await rig.guest.ok('dpkg -L crosspoint-gadget'))
    .split('\n')
    .filter((path) => path.includes('crosspoint'));
  await rig.guest.ok('dpkg --purge crosspoint-gadget', { deadlineMs: 120_000 });
  const left = await rig.guest.ok(
    `ls -d ${files.join(' ')} /etc/crosspoint /sys/kernel/config/usb_gadget/crosspoint 2> /dev/null || true`,
  );
  expect(left).toBe('');
  expect(await rig.guest.ok('ls /etc/systemd/system/*.wants | grep crosspoint || true')).toBe('');
  expect((await rig.guest.ok('lsusb')).split('\n').filter((line) => !line.includes('root hub'))).toEqual([]);
});
