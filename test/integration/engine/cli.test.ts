import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cli, EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';

let sound: TestDaemon;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
const run = (...args: string[]) => cli([...args, '--state-dir', directory.path]);

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
  directory = await temporaryDirectory('cli');
  engine = await EngineProcess.start({
    stateDir: directory.path,
    args: ['--pulse', sound.address, '--token', 'a token'],
  });
});
afterAll(async () => {
  await engine.stop();
  await sound.dispose();
  await directory.remove();
});

test('a rig is built, routed, muted and shown from the command line', async () => {
  expect(await run('gadget', 'add', 'Desk')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^id desk\ntoken [\w-]{24}\n$/) as string,
  });
  expect(await run('gadget', 'add', 'Office')).toMatchObject({ code: 0 });
  expect(await run('camera', 'add', 'Bars', '--test', 'smpte')).toMatchObject({
    code: 0,
    stdout: 'id cam:bars\n',
  });
  expect(await run('route', 'Bars', 'desk.webcam')).toMatchObject({ code: 0, stdout: '' });
  expect(await run('route', 'desk.return', 'office.mic', '--gain', '-6')).toMatchObject({ code: 0 });
  expect(await run('mute', 'desk.webcam')).toMatchObject({ code: 0 });
  const { stdout } = await run('status');
  expect(stdout).toContain('Bars (cam:bars) → Desk (desk.webcam)');
  expect(stdout).toContain('Desk (desk.return) → Office (office.mic)  −6.0 dB');
  const state = JSON.parse((await run('status', '--json')).stdout) as { config: { routes: unknown[] } };
  expect(state.config.routes).toHaveLength(2);
});

test('the configuration of a gadget is printed for setting it up by hand', async () => {
  const { code, stdout } = await run(
    'gadget',
    'config',
    'Desk',
    '--box',
    'box.local',
    '--sound-port',
    '4713',
  );
  expect(code).toBe(0);
  expect(stdout).toMatch(/^rtmp_url=rtmp:\/\/box\.local:\d+\/gadget\/desk\?token=[\w-]{24}$/m);
  expect(stdout).toContain('pulse_server=tcp:box.local:4713\n');
});

test('scenes are saved, listed and recalled', async () => {
  expect(await run('scene', 'save', 'Talk')).toMatchObject({ code: 0 });
  expect(await run('unroute', 'cam:bars', 'desk.webcam')).toMatchObject({ code: 0 });
  expect(await run('scene', 'list')).toMatchObject({ code: 0, stdout: 'Talk\n' });
  expect(await run('scene', 'recall', 'Talk')).toMatchObject({ code: 0 });
  expect((await run('status')).stdout).toContain('Bars (cam:bars) → Desk');
});

test('what fails says why and ends with 1, wrong usage with 2', async () => {
  expect(await run('route', 'nobody', 'desk.webcam')).toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('There is no source "nobody".') as string,
  });
  expect(await run('route', 'cam:bars')).toMatchObject({ code: 2 });
  expect(await run('explode')).toMatchObject({ code: 2 });
  expect(await run('route', 'cam:bars', 'desk.webcam', '--gain', 'loud')).toMatchObject({ code: 2 });
  expect(await cli(['status', '--state-dir', '/nonexistent'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No Crosspoint runs') as string,
  });
  expect(await cli(['--help'])).toMatchObject({ code: 0 });
});

test.each([
  ['a file', '/etc/hostname', /Not a directory|not a directory|cannot be made/i],
  ['a place where none can be made', '/proc/nowhere', /cannot be made/],
])('serve on %s as state directory says so and ends with 1', async (_, path, message) => {
  const result = await cli([
    'serve',
    '--state-dir',
    path,
    '--http',
    '127.0.0.1:0',
    '--rtmp',
    '127.0.0.1:0',
    '--log-level',
    'silent',
  ]);
  expect(result).toMatchObject({ code: 1, stdout: '', stderr: expect.stringMatching(message) as string });
});

test('the doctor looks at this machine and at the engine, and says what to do', async () => {
  const { stdout } = await run('doctor', '--json');
  const findings = JSON.parse(stdout) as { id: string; state: string; detail: string; hint?: string }[];
  const of = (id: string) => findings.find((finding) => finding.id === id);
  expect(of('ffmpeg')).toMatchObject({ state: 'ok' });
  expect(of('port:RTMP')).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining('rtmp://') as string,
  });
  expect(of('gadget:desk')).toMatchObject({
    state: 'warning',
    hint: expect.stringContaining('--audio-listen') as string,
  });
  for (const id of ['sound', 'cameras', 'disk', 'clock', 'tray', 'firewall', 'port:HTTP'])
    expect(of(id)?.detail).toBeTruthy();
  expect((await run('doctor')).stdout).toMatch(/^ok {7}ffmpeg: .*version/m);
});

test('the diagnostics hold what support asks for, and none of the secrets', async () => {
  const secret = 'hunter2hunter2';
  await run('camera', 'add', 'Door', '--from', `rtsp://admin:${secret}@127.0.0.1:9/door?auth=${secret}`);
  const added = await run('ingest', 'add', 'Phone', '--json');
  const { key } = (JSON.parse(added.stdout) as { results: { key: string }[] }).results[0]!;
  const file = join(directory.path, 'support.zip');
  expect(await run('diagnostics', file)).toMatchObject({ code: 0, stdout: `${file}\n` });
  const files = unzipSync(await readFile(file));
  const names = Object.keys(files).map((name) => name.replace('crosspoint/', ''));
  expect(names.sort()).toEqual([
    'README.txt',
    'doctor.txt',
    'log.json',
    'metrics.txt',
    'state-directory.txt',
    'state.json',
    'system.txt',
  ]);
  const text = Object.values(files)
    .map((bytes) => strFromU8(bytes))
    .join('\n');
  expect(text).toContain('Office');
  expect(text).toContain('rtsp://127.0.0.1:9/door');
  for (const planted of [secret, key, 'a token']) expect(text).not.toContain(planted);
});
