import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { colourOf, publishColour } from '../../support/engine-pictures.ts';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { type NginxRtmp, startNginxRtmp } from '../../support/nginx-rtmp.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';
import { eventually } from '../../support/pulse-wait.ts';
import { nameColour } from '../../support/video-rig.ts';

const CONFIGURATION = join(import.meta.dirname, '../../../docs/scaling/nginx-rtmp.conf');

/** The server of docs/scaling.md, with its own configuration, beside a real engine. */
let sound: TestDaemon;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;
let nginx: NginxRtmp;
const publishers: { stop: () => Promise<void> }[] = [];
const publish = (colour: 'red' | 'green' | 'blue', url: string): void =>
  void publishers.push(publishColour(colour, url));

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
  directory = await temporaryDirectory('nginx');
  engine = await EngineProcess.start({ stateDir: directory.path, args: ['--pulse', sound.address] });
  const { results } = await engine.run(
    { type: 'ingest.add', name: 'Stage' },
    { type: 'program.add', name: 'Main' },
  );
  const configuration = (await readFile(CONFIGURATION, 'utf8'))
    .replaceAll('BOX:1935', new URL(engine.rtmp.replace('rtmp:', 'http:')).host)
    .replaceAll('/live/KEY', `/live/${String(results[0]?.key)}`);
  nginx = await startNginxRtmp(configuration);
  await engine.run({ type: 'camera.add', name: 'Foyer', kind: 'url', url: `${nginx.url}/house/foyer` });
  publish('red', `${nginx.url}/stage/anything`);
  publish('blue', `${nginx.url}/house/foyer`);
});
afterAll(async () => {
  await Promise.all(publishers.map(({ stop }) => stop()));
  await nginx.dispose();
  await engine.stop();
  await sound.dispose();
  await directory.remove();
});

async function pictureIs(id: string, colour: string): Promise<boolean> {
  const response = await fetch(`${engine.http}/api/video/${id}.jpg`);
  return response.ok && (await colourOf(new Uint8Array(await response.arrayBuffer()))) === colour;
}

describe('a media server beside the box', () => {
  test('pushes what it gets to an ingest', async () => {
    await eventually('the red picture', () => pictureIs('ingest:stage', 'red'), 20_000);
    const { status } = await engine.state();
    expect(status.devices['ingest:stage.audio']?.state).toBe('online');
  });

  test('is a camera', async () => {
    await eventually('the blue picture', () => pictureIs('cam:foyer', 'blue'), 20_000);
  });

  test('carries the program on to its viewers, who stay when it is switched', async () => {
    await engine.run({ type: 'route', source: 'ingest:stage', destination: 'program:main' });
    const viewer = spawn(
      'ffmpeg',
      [
        ...['-loglevel', 'error', '-nostdin', '-i', `${nginx.url}/onair/main`, '-an'],
        ...['-vf', 'scale=1:1:flags=area,format=rgb24', '-f', 'rawvideo', 'pipe:1'],
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    let colour = '';
    viewer.stdout.on('data', (pixels: Buffer) => {
      const [r = 0, g = 0, b = 0] = pixels.subarray(-3);
      colour = nameColour([r, g, b]);
    });
    await eventually('the viewer sees red', () => colour === 'red', 20_000);
    await engine.run({ type: 'route', source: 'cam:foyer', destination: 'program:main' });
    await eventually('the viewer sees blue', () => colour === 'blue', 20_000);
    expect([viewer.exitCode, viewer.signalCode]).toEqual([null, null]);
    const closed = once(viewer, 'close');
    viewer.kill('SIGKILL');
    await closed;
  });
});
