import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EngineProcess } from '../support/engine-process.ts';
import { cliWith } from '../support/gadgets-cli.ts';
import { startTestDaemon, type TestDaemon } from '../support/pulse-daemons.ts';
import { eventually } from '../support/pulse-wait.ts';
import { clientSeesGadget, disconnects, gadgetPackage } from '../support/vpi-gadget.ts';
import { VirtualPi } from '../support/vpi-guest.ts';

const VERSION_FILE = join(import.meta.dirname, '../../native/gadget/VERSION');
let guest: VirtualPi;
let sound: TestDaemon;
let directory: string;
let engine: EngineProcess;
let version: string;
const run = (input: string, ...args: string[]) => cliWith(input, [...args, '--state-dir', directory]);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'crosspoint-vpi-box-'));
  version = (await readFile(VERSION_FILE, 'utf8')).trim();
  await writeFile(join(directory, `crosspoint-gadget_${version}_amd64.deb`), await gadgetPackage());
  sound = await startTestDaemon('pulseaudio');
  engine = await EngineProcess.start({
    stateDir: directory,
    args: ['--pulse', sound.address, '--audio-listen', '127.0.0.1:0', '--log-level', 'debug'],
    env: { CROSSPOINT_GADGET_PACKAGES: directory },
  });
  guest = await VirtualPi.start();
});
afterAll(async () => {
  await guest.dispose();
  await engine.stop();
  await sound.dispose();
  await rm(directory, { recursive: true, force: true });
});

test('a bare guest is added by address and provisioned by the CLI; a second run changes nothing and takes < 5 s', async () => {
  const added = await run(
    '',
    'gadget',
    'add',
    'Desk',
    '--host',
    '127.0.0.1',
    '--port',
    String(guest.sshPort),
  );
  expect(added).toMatchObject({ code: 0 });
  const first = await run('raspberry\n', 'gadget', 'provision', 'desk', '--password-stdin');
  console.log(`provisioned in ${seconds(first.ms)}\n${first.stdout}${first.stderr}`);
  expect(first).toMatchObject({ code: 0 });
  await clientSeesGadget(guest);
  await eventually(
    'pictures and sound',
    async () => {
      const { desk } = (await engine.state()).status.gadgets;
      return desk?.video === 'connected' && desk.audio === 'connected';
    },
    60_000,
    300,
  );

  const marks =
    'find /etc /boot /var/lib/crosspoint /usr/sbin /home -newer /tmp/mark -type f; systemctl show -p ActiveEnterTimestampMonotonic crosspoint-gadget crosspoint-uvc crosspoint-video crosspoint-audio';
  await guest.ok('touch /tmp/mark');
  const before = await guest.ok(marks);
  const unplugged = await disconnects(guest);
  const second = await run('', 'gadget', 'provision', 'desk');
  console.log(`second run in ${seconds(second.ms)}\n${second.stdout}${second.stderr}`);
  expect(second).toMatchObject({ code: 0 });
  expect(await guest.ok(marks)).toBe(before);
  expect(await disconnects(guest)).toBe(unplugged);
  expect(second.ms).toBeLessThan(5_000);
});

test('its health is known', async () => {
  const { code, stdout } = await run('', 'gadget', 'health', 'desk');
  expect(code).toBe(0);
  expect(stdout).toMatch(/USB +configured/);
  expect(stdout).toMatch(new RegExp(`Version +${version.replaceAll('.', '\\.')}`));
});

test('it is uninstalled without a trace', async () => {
  const { code, stdout, stderr } = await run(
    'raspberry\n',
    'gadget',
    'uninstall',
    'desk',
    '--password-stdin',
  );
  if (code !== 0) console.log(stdout, stderr);
  expect(code).toBe(0);
  expect(await guest.ok('dpkg -l crosspoint-gadget 2> /dev/null | grep -c ^ii || true')).toBe('0');
  expect(await guest.ok('ls -d /etc/crosspoint /var/lib/crosspoint 2> /dev/null | wc -l')).toBe('0');
  expect(await guest.ok('cat /home/pi/.ssh/authorized_keys')).toBe('');
});

test('a guest is restarted by the CLI, which waits until it is back', async () => {
  const before = await guest.ok('cat /proc/sys/kernel/random/boot_id');
  const { code, stdout, stderr, ms } = await run(
    'raspberry\n',
    'gadget',
    'reboot',
    'desk',
    '--password-stdin',
  );
  console.log(`restarted in ${seconds(ms)}\n${stdout}${stderr}`);
  expect(code).toBe(0);
  await guest.answers(60_000);
  expect(await guest.ok('cat /proc/sys/kernel/random/boot_id')).not.toBe(before);
}, 400_000);
