import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { EngineProcess, temporaryDirectory } from '../../support/engine-process.ts';
import { startTestDaemon, type TestDaemon } from '../../support/pulse-daemons.ts';

const execute = promisify(execFile);
let sound: TestDaemon;
let directory: Awaited<ReturnType<typeof temporaryDirectory>>;
let engine: EngineProcess;

beforeAll(async () => {
  sound = await startTestDaemon('pulseaudio');
  const client = await sound.connect();
  await client.loadModule('module-null-sink', 'sink_name=hall');
  await client.loadModule('module-remap-source', 'source_name=room master=hall.monitor');
  client.dispose();
  directory = await temporaryDirectory('surfaces');
  engine = await EngineProcess.start({
    stateDir: directory.path,
    args: ['--pulse', sound.address, '--osc', '127.0.0.1:0'],
  });
  await engine.run(
    { type: 'camera.add', name: 'Front', kind: 'test', pattern: 'smpte' },
    { type: 'gadget.add', name: 'Desk', host: null },
    { type: 'scene.save', name: 'Town hall' },
  );
  await engine.until('the microphone is there', ({ config }) =>
    config.sources.some(({ id }) => id === 'mic:room'),
  );
});
afterAll(async () => {
  await engine.stop();
  await sound.dispose();
  await directory.remove();
});

describe('OSC with a library of other people (liblo)', () => {
  const port = (): string => engine.osc?.split(':')[1] ?? '';
  const send = (...args: readonly string[]) => execute('oscsend', ['127.0.0.1', port(), ...args]);

  test('gain, mute, route, scene and panic', async () => {
    await send('/crosspoint/channel/mic:room/gain', 'f', '-6');
    await send('/crosspoint/route', 'ss', 'cam:front', 'desk.webcam');
    const routed = await engine.until('it is so', ({ config }) => config.routes.length === 1);
    expect(routed.config.sources.find(({ id }) => id === 'mic:room')).toMatchObject({ gain: -6 });
    await send('/crosspoint/recall', 's', 'Town hall');
    await engine.until('the scene is back', ({ config }) => config.routes.length === 0);
    await send('/crosspoint/channel/mic:room/mute', 'T');
    await engine.until('it is muted', ({ config }) =>
      config.sources.some(({ id, muted }) => id === 'mic:room' && muted),
    );
    await send('/crosspoint/panic');
    await engine.until('the webcam is blank', ({ config }) =>
      config.destinations.some(({ id, muted }) => id === 'desk.webcam' && muted),
    );
  });

  test('feedback, for who subscribes', async () => {
    const free = createSocket('udp4').bind(0, '127.0.0.1');
    await once(free, 'listening');
    const { port: own } = free.address();
    await new Promise<void>((resolve) => free.close(() => resolve()));
    const dump = spawn('oscdump', ['-L', String(own)], { stdio: ['ignore', 'pipe', 'inherit'] });
    const lines: string[] = [];
    createInterface(dump.stdout).on('line', (line) => lines.push(line));
    // It may not listen yet: a subscription may be asked for again.
    await expect
      .poll(
        async () => {
          await send('/crosspoint/subscribe', 'i', String(own));
          return lines.some((line) => line.includes('/crosspoint/channel/mic:room/label s '));
        },
        { timeout: 10_000 },
      )
      .toBe(true);
    await engine.run({ type: 'setGain', id: 'mic:room', gain: -12 });
    await expect
      .poll(() => lines.some((line) => line.includes('mic:room/gain f -12.0')), { timeout: 10_000 })
      .toBe(true);
    dump.kill();
    await once(dump, 'close');
  });
});

describe('the recipes for Companion, as they stand in the page', async () => {
  const page = await readFile(join(import.meta.dirname, '../../../docs/control-surfaces.md'), 'utf8');
  const section = page.slice(page.indexOf('## Bitfocus Companion'));
  const recipes = [...section.matchAll(/`(GET|POST) (\/\S+?)(?: ([{[].*?))?`/g)].map(
    ([, method = '', path = '', body]) => ({ method, path, body }),
  );

  beforeAll(async () => {
    await engine.run(
      { type: 'route', source: 'cam:front', destination: 'desk.webcam' },
      { type: 'unmute', id: 'desk.webcam' },
      { type: 'mute', id: 'mic:room' },
    );
  });

  test('are all there', () => {
    expect(recipes.filter(({ method }) => method === 'POST').length).toBeGreaterThanOrEqual(13);
    expect(recipes.filter(({ method }) => method === 'GET').length).toBeGreaterThanOrEqual(6);
  });

  test.each(recipes)('$method $path $body', async ({ method, path, body }) => {
    const response = await fetch(engine.http + path, {
      method,
      ...(body === undefined ? {} : { body, headers: { 'content-type': 'application/json' } }),
    });
    expect([response.status, response.ok ? '' : await response.text()]).toEqual([200, '']);
    if (body?.includes('"hold"')) expect((await engine.state()).status.held.talk).toEqual(['mic:room']);
    if (body?.includes('"release"')) expect((await engine.state()).status.held.talk).toEqual([]);
    if (path.includes('.jpg')) expect(response.headers.get('content-type')).toBe('image/jpeg');
  });

  test('what the feedback looks at is in the answer', async () => {
    const state = await engine.state();
    expect(state.status.cells['cam:front|desk.webcam']?.state).toBeDefined();
    expect(Object.keys(state.status.tally)).toContain('desk.webcam');
    expect(state.status.scene?.name).toBe('Town hall');
  });
});
