import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { toDisposable } from '../../../electron/base/disposable.ts';
import { camera, desired, type Receiver, until, VideoRig } from '../../support/video-rig.ts';
import { freePort } from '../../support/free-port.ts';

let rig: VideoRig;
let directory: string;
beforeEach(async () => {
  rig = await VideoRig.start();
  directory = mkdtempSync(join(tmpdir(), 'crosspoint-cameras-'));
});
afterEach(async () => {
  await rig.dispose();
  rmSync(directory, { recursive: true });
});

const show = async (url: string): Promise<Receiver> => {
  rig.plane.apply(desired([camera('cam:x', { kind: 'url', url })], 'cam:x'));
  return rig.play('gadget/desk?token=secret');
};
const reason = (): string => {
  const status = rig.plane.status.sources['cam:x'];
  return status?.state === 'error' ? (status.reason ?? '') : '';
};
const tells = (sentence: RegExp): Promise<void> =>
  until(`the reason ${String(sentence)}`, () => sentence.test(reason()), 15_000);

/** A real RTSP server. Resolves when it serves; ends it when it is disposed. */
async function rtspServer(port: number, colour: string, ...credentials: string[]) {
  const script = fileURLToPath(new URL('../../support/video-rtsp-server.py', import.meta.url));
  const server = spawn('/usr/bin/python3', [script, String(port), colour, ...credentials], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => server.once('close', resolve));
  let ready = false;
  server.stdout.on('data', () => (ready = true));
  const ending = rig.owned.add(
    toDisposable(async () => {
      server.kill('SIGKILL');
      await exited;
    }),
  );
  await until('the RTSP server', () => ready, 15_000);
  return ending;
}

describe('an RTSP camera', () => {
  it('is shown; when its server vanishes there is a reason, and its picture is back with it', async () => {
    const port = await freePort();
    const server = await rtspServer(port, 'red');
    const desk = await show(`rtsp://127.0.0.1:${port}/cam`);
    await desk.untilColour('red', 15_000);
    expect(rig.plane.status.sources['cam:x']).toMatchObject({
      state: 'online',
      width: 640,
      height: 360,
      fps: 25,
    });
    await server.dispose();
    await tells(/refused: nothing answers/);
    await desk.untilColour('dark');
    await rtspServer(port, 'blue');
    await desk.untilColour('blue', 20_000);
    // A machine that has no time for it calls the link slow.
    expect(rig.plane.status.outputs['desk.webcam']?.state).toMatch(/^(live|degraded)$/);
  }, 60_000);

  it('wants its user name and password, and the right path', async () => {
    const port = await freePort();
    await rtspServer(port, 'red', 'me', 'pass');
    const desk = await show(`rtsp://127.0.0.1:${port}/cam`);
    await tells(/user name and password/);
    await show(`rtsp://me:wrong@127.0.0.1:${port}/cam`);
    await tells(/user name and password/);
    await show(`rtsp://me:pass@127.0.0.1:${port}/nothing`);
    await tells(/404/);
    await show(`rtsp://me:pass@127.0.0.1:${port}/cam`);
    await desk.untilColour('red', 15_000);
  }, 60_000);
});

const JPEG = (colour: string): Buffer =>
  execFileSync('ffmpeg', [
    ...[
      '-hide_banner',
      '-loglevel',
      'error',
      '-nostdin',
      '-f',
      'lavfi',
      '-i',
      `color=c=${colour}:size=640x360`,
    ],
    ...['-frames:v', '1', '-c:v', 'mjpeg', '-f', 'image2pipe', 'pipe:1'],
  ]);

async function httpServer(
  port: number,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Server> {
  const server = createServer(answer).listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  rig.owned.add(toDisposable(() => end(server)));
  return server;
}
const end = async (server: Server): Promise<void> => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
};

/** What a network camera sends: JPEGs one after the other, 15 a second. */
function mjpeg(jpeg: Buffer) {
  return ({ url, headers }: IncomingMessage, response: ServerResponse): void => {
    if (url !== '/video') return void response.writeHead(404).end();
    if (headers.authorization !== `Basic ${Buffer.from('me:pass').toString('base64')}`)
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="camera"' }).end();
    response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
    const timer = setInterval(() => {
      response.write(`--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`);
      response.write(jpeg);
      response.write('\r\n');
    }, 66);
    response.once('close', () => clearInterval(timer));
  };
}

describe('an HTTP-MJPEG camera', () => {
  it('is shown; wrong addresses and passwords are told, and its picture is back when it returns', async () => {
    const port = await freePort();
    const server = await httpServer(port, mjpeg(JPEG('red')));
    const desk = await show(`http://127.0.0.1:${port}/nothing`);
    await tells(/404/);
    await show(`http://127.0.0.1:${port}/video`);
    await tells(/user name and password/);
    await show(`http://me:pass@127.0.0.1:${port}/video`);
    await desk.untilColour('red', 15_000);
    await end(server);
    await tells(/refused: nothing answers/);
    await httpServer(port, mjpeg(JPEG('blue')));
    await desk.untilColour('blue', 20_000);
    await show('http://no-such-host.invalid/video');
    await tells(/name of the host/);
  }, 60_000);
});

describe('an HLS stream', () => {
  it('is shown', async () => {
    const writer = spawn(
      'ffmpeg',
      [
        ...[
          '-hide_banner',
          '-loglevel',
          'error',
          '-nostdin',
          '-re',
          '-f',
          'lavfi',
          '-i',
          'color=c=red:size=320x180:rate=15',
        ],
        ...[
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-g',
          '15',
          '-pix_fmt',
          'yuv420p',
          '-f',
          'hls',
          '-hls_time',
          '1',
        ],
        ...['-hls_flags', 'delete_segments', join(directory, 'live.m3u8')],
      ],
      { stdio: 'ignore' },
    );
    const exited = new Promise((resolve) => writer.once('close', resolve));
    rig.owned.add(
      toDisposable(async () => {
        writer.kill('SIGKILL');
        await exited;
      }),
    );
    const port = await freePort();
    await httpServer(port, ({ url = '' }, response) => {
      try {
        response.end(readFileSync(join(directory, url.replace(/[^a-z0-9.]/gi, ''))));
      } catch {
        response.writeHead(404).end();
      }
    });
    const desk = await show(`http://127.0.0.1:${port}/live.m3u8`);
    await desk.untilColour('red', 20_000);
  }, 40_000);
});
