import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectRtmp, type RtmpClient } from '../../../electron/video/rtmp/client.ts';
import { EngineProcess } from '../../support/engine-process.ts';
import { cliRunning, cliWith } from '../../support/gadgets-cli.ts';
import { FakePi } from '../../support/gadgets-fake-pi.ts';
import { newKey, PiServer } from '../../support/gadgets-ssh-server.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { eventually } from '../../support/pulse-wait.ts';

const PASSWORD = `p'a$s"w\`ord`;
let sound: TestDaemon;
let directory: string;
let engine: EngineProcess;
let pi: FakePi;
let server: PiServer;
let player: RtmpClient | undefined;
const run = (...args: string[]) => cliWith('', [...args, '--state-dir', directory]);

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
  directory = await mkdtemp(join(tmpdir(), 'crosspoint-gadget-cli-'));
  pi = await FakePi.create();
  server = await PiServer.start(pi, { password: PASSWORD });
  server.onRestart = () => pi.write({ 'sys/class/udc/fe980000.usb/state': 'configured\n' });
  await writeFile(join(directory, 'crosspoint-gadget_0.1.0_arm64.deb'), '0.1.0');
  engine = await EngineProcess.start({
    stateDir: directory,
    args: ['--pulse', sound.address, '--log-level', 'debug'],
    env: { CROSSPOINT_GADGET_PACKAGES: directory },
  });
});
afterAll(async () => {
  await player?.dispose();
  await engine.stop();
  await server.close();
  await pi.dispose();
  await sound.dispose();
  await rm(directory, { recursive: true, force: true });
});

test('a gadget is added by its address and provisioned, with a line for each step', async () => {
  const added = await run('gadget', 'add', 'Desk', '--host', '127.0.0.1', '--port', String(server.port));
  expect(added).toMatchObject({ code: 0 });
  const token = /^token (.*)$/m.exec(added.stdout)?.[1] ?? '';
  // What the Pi does once it is told where the box is.
  const playing = eventually(
    'the configuration',
    async () => (await pi.read('etc/crosspoint/gadget.conf'))?.includes(token),
    30_000,
  ).then(async () => {
    player = await connectRtmp({ url: `${engine.rtmp}/gadget/desk?token=${token}` });
    await player.play();
  });
  const done = await cliWith(`${PASSWORD}\n`, [
    ...['gadget', 'provision', 'Desk', '--password-stdin', '--state-dir', directory],
  ]);
  await playing;
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toMatch(/^✓ Reach the Raspberry Pi: pi@127\.0\.0\.1, host key SHA256:/m);
  expect(done.stdout).toMatch(/^✓ Make the USB port a device: Set in /m);
  expect(done.stdout).toMatch(/^✓ See it connect to this box: Pictures are connected\./m);
});

test('the password is in no file, no state and no log', async () => {
  const { stdout } = await run('status', '--json');
  expect(stdout).toContain('"management"');
  expect(stdout + engine.log).not.toContain(PASSWORD.slice(0, 4));
  const files = (await readdir(directory, { recursive: true, withFileTypes: true })).filter((file) =>
    file.isFile(),
  );
  expect(files.length).toBeGreaterThan(3);
  for (const { parentPath, name } of files)
    expect(await readFile(join(parentPath, name), 'latin1')).not.toContain(PASSWORD.slice(0, 4));
});

test('a second run changes nothing and needs no password', async () => {
  const before = await pi.changes();
  const again = await run('gadget', 'provision', 'desk');
  expect(again).toMatchObject({ code: 0, stderr: '' });
  expect(again.ms).toBeLessThan(5_000);
  expect(await pi.changes()).toEqual(before);
});

test('status, health and what failed are said in words, and by the exit code', async () => {
  expect((await run('gadget', 'status', 'desk')).stdout).toMatch(/State +ready/);
  expect((await run('gadget', 'health', 'desk')).stdout).toMatch(/Temperature +48\.3 °C/);
  expect((await run('gadget', 'identify', 'desk')).code).toBe(0);
  expect(await run('gadget', 'rollback', 'desk')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('keeps no version to go back to') as string,
  });
  expect(await run('gadget', 'provision', 'nobody')).toMatchObject({ code: 1 });
  expect((await run('gadget', 'found')).stdout).toBe('None was found.\n');
});

test('its log is followed', async () => {
  await pi.write({ 'fake/journal': 'crosspoint-uvc: streaming\n' });
  const logs = cliRunning(['gadget', 'logs', 'desk', '--state-dir', directory]);
  await eventually('the line', () => logs.said().includes('crosspoint-uvc: streaming'), 15_000);
  expect(await logs.stop()).toBe(0);
});

test('a changed host key is a problem for everybody to see, and trusted by command', async () => {
  await server.close();
  server.hostKey = newKey();
  await server.listen();
  expect(await run('gadget', 'provision', 'desk')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('another host key') as string,
  });
  const { status } = await engine.state();
  expect(status.problems).toContainEqual(expect.objectContaining({ id: 'gadget:desk', severity: 'error' }));
  expect(await run('gadget', 'reboot', 'desk')).toMatchObject({ code: 1 });
  expect(await run('gadget', 'trust', 'desk', '--fingerprint', 'SHA256:no')).toMatchObject({ code: 1 });
  const offered = status.gadgets.desk?.management?.offeredFingerprint ?? '';
  expect(await run('gadget', 'trust', 'desk', '--fingerprint', offered)).toMatchObject({
    code: 0,
    stdout: `trusted ${offered}\n`,
  });
});

test('a flashed card is prepared with the key of the box, and a Wi-Fi whose password is no argument', async () => {
  const card = join(directory, 'bootfs');
  await mkdir(card);
  await writeFile(join(card, 'config.txt'), 'arm_64bit=1\n');
  const done = await cliWith('wlan password\n', [
    ...['gadget', 'image', card, '--hostname', 'desk', '--wifi', `it's "ours"`, '--country', 'DE'],
    ...['--state-dir', directory],
  ]);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  const key = (await readFile(join(directory, 'gadgets', 'id_ed25519.pub'), 'utf8')).trim();
  expect(await readFile(join(card, 'user-data'), 'utf8')).toContain(key);
  expect(await readFile(join(card, 'network-config'), 'utf8')).toContain('"wlan password"');
  expect(await readFile(join(card, 'config.txt'), 'utf8')).toContain('dtoverlay=dwc2,dr_mode=peripheral');
  expect(await run('gadget', 'image', '/nonexistent')).toMatchObject({ code: 1 });
  expect(await run('gadget', 'image', card, '--os', 'buster')).toMatchObject({ code: 2 });
});
