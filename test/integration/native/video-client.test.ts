import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/pulse-wait.ts';
import { FEEDER, UvcSocket } from '../../support/vpi-uvc-socket.ts';
import { VideoBox } from '../../support/vpi-video-box.ts';

const GADGET = fileURLToPath(new URL('../../../native/gadget', import.meta.url));

/** crosspoint-video as it is, on this machine: the project's RTMP server on one side, a stand-in for crosspoint-uvc on the other. */
describe('crosspoint-video', () => {
  let directory: string;
  let box: VideoBox;
  let uvc: UvcSocket;
  let program: ChildProcess | undefined;
  let log = '';

  beforeAll(() => {
    execFileSync('make', ['-s', '-C', GADGET, 'build/native/crosspoint-video'], { stdio: 'pipe' });
  }, 120_000);
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'crosspoint-video-'));
    box = await VideoBox.start();
    uvc = await UvcSocket.listen(join(directory, 'uvc.sock'));
    log = '';
  });
  afterEach(async () => {
    if (program?.exitCode === null && program.signalCode === null) {
      const exit = once(program, 'exit');
      program.kill('SIGKILL');
      await exit;
    }
    await uvc.dispose();
    await box.dispose();
    await rm(directory, { recursive: true, force: true });
  });
  afterAll(() => program?.kill('SIGKILL'));

  async function start(url: string): Promise<ChildProcess> {
    const conf = join(directory, 'gadget.conf');
    await writeFile(conf, `label=Desk\nrtmp_url=${url}\n`);
    program = spawn(
      join(GADGET, 'build/native/crosspoint-video'),
      ['-c', conf, '-u', join(directory, 'uvc.sock'), '-a', join(directory, 'audio.sock')],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    program.stderr?.setEncoding('utf8').on('data', (text: string) => (log += text));
    return program;
  }

  const pictures = (count: number, deadlineMs = 10_000): Promise<boolean> =>
    eventually(`${count} pictures`, () => uvc.pictures.length >= count, deadlineMs);

  test('hands every picture over, byte for byte, and says that it is live', async () => {
    await start(box.url('127.0.0.1'));
    await pictures(60);
    expect(uvc.state).toBe(FEEDER.live);
    for (const picture of uvc.pictures) {
      expect(picture.subarray(6, 10).toString()).toBe('VPI1');
      expect(picture.readUInt32LE(14)).toBe(picture.length);
    }
    const numbers = uvc.pictures.map((picture) => picture.readUInt32LE(10));
    expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(box.skipped).toBe(0);
  });

  test('finds the box by name', async () => {
    await start(box.url('localhost'));
    await pictures(1);
  });

  test('tells the box the picture size, and whether the client uses the webcam', async () => {
    await start(box.url('127.0.0.1'));
    await pictures(1);
    await eventually('the first report', () => box.tally.webcam === false && box.formats.length === 1);
    expect(box.formats[0]).toMatchObject({ width: 1280, height: 720 });
    expect(box.formats[0]?.fps).toBeCloseTo(30, 1);
    uvc.report({ streaming: true, width: 640, height: 360, interval: 666_666 });
    await eventually('the tally', () => box.tally.webcam === true, 1000);
    await eventually('the size', () => box.format.width === 640 && Math.round(box.format.fps) === 15, 1000);
    uvc.report({ streaming: false });
    await eventually('the tally to end', () => box.tally.webcam === false, 1000);
    await eventually('statistics', () => box.stats.budgetBytes === 134_933, 3000);
  });

  test('is back within 3 s when the box has been away for 6 s, and says meanwhile why there is no picture', async () => {
    await start(box.url('127.0.0.1'));
    await pictures(5);
    await box.vanish();
    await eventually('that the picture is no longer live', () => uvc.state === FEEDER.waiting, 1000);
    await eventually('that the box is unreachable', () => uvc.state === FEEDER.unreachable, 8000);
    const before = uvc.pictures.length;
    await box.listen();
    await pictures(before + 1, 3000);
    expect(uvc.state).toBe(FEEDER.live);
    expect(log).not.toContain('token');
  });

  test('a wrong token is refused again and again, calmly, and never shown', async () => {
    await start(box.url('127.0.0.1', 'secret-but-wrong'));
    await eventually('a second refusal', () => box.refused >= 2, 5000);
    expect(uvc.pictures).toHaveLength(0);
    expect(uvc.state).not.toBe(FEEDER.live);
    expect(log).toContain('NetStream.Play.Failed');
    expect(log).not.toContain('secret');
    expect(box.refused).toBeLessThan(6);
  });

  test('a box that is connected and silent is told from one that is away', async () => {
    box.sending = false;
    await start(box.url('127.0.0.1'));
    await eventually('no signal', () => uvc.state === FEEDER.noSignal, 9000);
    expect(box.viewers).toBe(1);
    box.sending = true;
    await eventually('a live picture', () => uvc.state === FEEDER.live, 2000);
  });

  test('goes on when crosspoint-uvc is replaced', async () => {
    await start(box.url('127.0.0.1'));
    await pictures(5);
    await uvc.dispose();
    uvc = await UvcSocket.listen(join(directory, 'uvc.sock'));
    await pictures(5, 2000);
    expect(box.plays).toBe(1);
  });

  test('ends cleanly when it is asked to', async () => {
    const child = await start(box.url('127.0.0.1'));
    await pictures(1);
    const exit = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await exit)[0]).toBe(0);
  });
});
