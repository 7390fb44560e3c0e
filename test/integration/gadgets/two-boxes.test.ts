import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { colourOf } from '../../support/engine-pictures.ts';
import { cli, EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { cliWith } from '../../support/gadgets-cli.ts';
import { FakePi } from '../../support/gadgets-fake-pi.ts';
import { PiServer } from '../../support/gadgets-ssh-server.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { eventually } from '../../support/pulse-wait.ts';
import { UvcSocket } from '../../support/vpi-uvc-socket.ts';

const GADGET = join(import.meta.dirname, '../../../native/gadget');
const PASSWORD = 'a password of the Pi';

/** Two real engines, each with a sound server of its own. */
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
const sounds: TestDaemon[] = [];
const boxes: EngineProcess[] = [];
const stateOf = (name: string): string => join(directory.path, name);

async function startBox(name: string): Promise<EngineProcess> {
  const sound = await startTestDaemon('pulseaudio');
  sounds.push(sound);
  const packages = stateOf('packages');
  await mkdir(packages, { recursive: true });
  await writeFile(join(packages, 'crosspoint-gadget_0.1.0_arm64.deb'), '0.1.0');
  const box = await EngineProcess.start({
    stateDir: stateOf(name),
    args: ['--pulse', sound.address],
    env: { CROSSPOINT_GADGET_PACKAGES: packages },
  });
  boxes.push(box);
  return box;
}

let hall: EngineProcess;
let foyer: EngineProcess;
beforeAll(async () => {
  execFileSync('make', ['-s', '-C', GADGET, 'build/native/crosspoint-video'], { stdio: 'pipe' });
  directory = await temporaryDirectory('boxes');
  hall = await startBox('hall');
  foyer = await startBox('foyer');
  await hall.run(
    { type: 'camera.add', name: 'Red', kind: 'test', pattern: 'red' },
    { type: 'camera.add', name: 'Green', kind: 'test', pattern: 'green' },
    { type: 'program.add', name: 'Out' },
    { type: 'route', source: 'cam:red', destination: 'program:out' },
  );
  await foyer.run({ type: 'camera.add', name: 'Blue', kind: 'test', pattern: 'blue' });
}, 120_000);
afterAll(async () => {
  await Promise.all(boxes.map((box) => box.stop()));
  await Promise.all(sounds.map((sound) => sound.dispose()));
  await directory.remove();
});

async function pictureIs(box: EngineProcess, id: string, colour: string): Promise<boolean> {
  const response = await fetch(`${box.http}/api/video/${id}.jpg`);
  return response.ok && (await colourOf(new Uint8Array(await response.arrayBuffer()))) === colour;
}

test("a box takes another box's program as a camera, and follows it, also over that box's restart", async () => {
  await foyer.run(
    { type: 'camera.add', name: 'Hall', kind: 'url', url: `${hall.rtmp}/program/out` },
    { type: 'gadget.add', name: 'Screen', host: null },
    { type: 'route', source: 'cam:hall', destination: 'screen.webcam' },
  );
  await eventually('the red picture', () => pictureIs(foyer, 'cam:hall', 'red'), 20_000);
  await hall.run({ type: 'route', source: 'cam:green', destination: 'program:out' });
  await eventually('the green picture', () => pictureIs(foyer, 'cam:hall', 'green'), 20_000);
  await hall.stop('SIGKILL');
  hall = await hall.restart();
  boxes.push(hall);
  await eventually('it is back', () => pictureIs(foyer, 'cam:hall', 'green'), 30_000);
});

describe('a gadget moves from box to box', () => {
  let pi: FakePi;
  let server: PiServer;
  let uvc: UvcSocket;
  let video: ChildProcess | undefined;

  /** What systemd does on the Pi: the program runs with the configuration that is there now. */
  async function restartVideo(): Promise<void> {
    await stopVideo();
    uvc.pictures.length = 0;
    video = spawn(
      join(GADGET, 'build/native/crosspoint-video'),
      [
        ...['-c', join(pi.root, 'etc/crosspoint/gadget.conf')],
        ...['-u', join(directory.path, 'uvc.sock'), '-a', join(directory.path, 'audio.sock')],
      ],
      { stdio: 'ignore' },
    );
  }
  async function stopVideo(): Promise<void> {
    if (video?.exitCode !== null || video.signalCode !== null) return;
    const closed = once(video, 'close');
    video.kill('SIGKILL');
    await closed;
  }
  const clientSees = (colour: string): Promise<boolean> =>
    eventually(
      `a ${colour} picture at the client`,
      async () => {
        const newest = uvc.pictures.at(-1);
        return newest !== undefined && (await colourOf(newest)) === colour;
      },
      30_000,
    );

  /** Add it on a box, set it up by the command line, and have the Pi connect there. */
  async function adopt(name: string, port: number): Promise<void> {
    const at = ['--state-dir', stateOf(name)];
    const added = await cli(['gadget', 'add', 'Desk', '--host', '127.0.0.1', '--port', String(port), ...at]);
    const token = /^token (.*)$/m.exec(added.stdout)?.[1] ?? '';
    expect(token).not.toBe('');
    const told = eventually(
      'the configuration',
      async () => (await pi.read('etc/crosspoint/gadget.conf'))?.includes(token),
      40_000,
    ).then(restartVideo);
    const done = await cliWith(`${PASSWORD}\n`, ['gadget', 'provision', 'Desk', '--password-stdin', ...at]);
    await told;
    expect(done).toMatchObject({ code: 0, stderr: '' });
  }

  beforeAll(async () => {
    pi = await FakePi.create();
    server = await PiServer.start(pi, { password: PASSWORD });
    server.onRestart = () => pi.write({ 'sys/class/udc/fe980000.usb/state': 'configured\n' });
    uvc = await UvcSocket.listen(join(directory.path, 'uvc.sock'));
    uvc.report({ streaming: true });
  });
  afterAll(async () => {
    await stopVideo();
    await uvc.dispose();
    await server.close();
    await pi.dispose();
  });

  test('its client sees the first box, then the other one; the first one lets it go', async () => {
    await adopt('hall', server.port);
    await hall.run({ type: 'route', source: 'cam:red', destination: 'desk.webcam' });
    await clientSees('red');

    await hall.run({ type: 'gadget.remove', id: 'desk' });
    await adopt('foyer', server.port);
    await foyer.run({ type: 'route', source: 'cam:blue', destination: 'desk.webcam' });
    await clientSees('blue');
    await foyer.until('the tally is on', ({ status }) => status.tally['desk.webcam'] === true);
    expect((await hall.state()).config.gadgets).toEqual([]);
    // What it had of the first box does not open anything there any more.
    expect(await pi.read('etc/crosspoint/gadget.conf')).toContain(foyer.rtmp.replace('rtmp://', ''));
  });
});
