import { connect } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { silentLogger } from '../../../electron/base/logger.ts';
import { decodePicture, type ServerEvent } from '../../../electron/contract/index.ts';
import { createRemote, type Remote } from '../../../electron/remote/server.ts';
import { engineOn } from '../../support/engine-rig.ts';
import { RIG } from '../../support/engine-model.ts';

const TOKEN = 'correct horse';
let rig: Awaited<ReturnType<typeof engineOn>>;
let remote: Remote;
const serve = (token?: string) =>
  createRemote({
    engine: rig.engine,
    log: silentLogger,
    host: '127.0.0.1',
    port: 0,
    token,
    rendererDir: undefined,
    version: '1.2.3',
    diagnostics: () => Promise.resolve(new Uint8Array([80, 75, 5, 6])),
  });

beforeEach(async () => {
  rig = await engineOn(RIG);
  remote = await serve();
});
afterEach(async () => {
  await remote.dispose();
  await rig.dispose();
});

const post = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${remote.url}/api/commands`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

/** Collects what a client of the event socket gets. */
async function listen(path = '/api/events', protocols: string[] = []) {
  const socket = new WebSocket(`${remote.url.replace('http', 'ws')}${path}`, protocols);
  const events: ServerEvent[] = [];
  const pictures: ReturnType<typeof decodePicture>[] = [];
  const waiting = new Set<() => void>();
  socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) pictures.push(decodePicture(data));
    else events.push(JSON.parse(data.toString()) as ServerEvent);
    for (const check of waiting) check();
  });
  const until = (condition: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const check = (): void => {
        if (!condition()) return;
        waiting.delete(check);
        resolve();
      };
      waiting.add(check);
      check();
    });
  await once(socket, 'open');
  return { socket, events, pictures, until };
}

describe('commands', () => {
  test('one command answers with the revision and its result', async () => {
    const response = await post({ type: 'ingest.add', name: 'OBS' });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      revision: 1,
      results: [{ id: 'ingest:obs', key: expect.any(String) as string }],
    });
  });

  test.each([
    ['not JSON', '{"type"', 400, 'bad-request'],
    ['an unknown command', { type: 'x' }, 400, 'unknown-command'],
    ['an unknown id', { type: 'mute', id: 'nobody' }, 404, 'unknown-id'],
    [
      'something impossible',
      { type: 'route', source: 'desk.return', destination: 'desk.mic' },
      409,
      'feedback',
    ],
    ['a gain out of range', { type: 'setGain', id: 'mic:desk', gain: 11 }, 400, 'out-of-range'],
    ['two megabytes', `"${'x'.repeat(2_000_000)}"`, 413, 'too-large'],
  ])('%s is refused with a code and a sentence', async (_, body, status, code) => {
    const response = await post(body);
    expect(response.status).toBe(status);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/\S{3}.*\.$/);
  });

  test('nothing of a list is done when one of it is refused', async () => {
    const response = await post([{ type: 'panic' }, { type: 'mute', id: 'nobody' }]);
    expect(response.status).toBe(404);
    expect(((await response.json()) as { error: { path: string } }).error.path).toBe('[1].id');
    expect(rig.engine.state.revision).toBe(0);
  });
});

describe('events', () => {
  test('begin with a snapshot and go on with patches', async () => {
    const client = await listen();
    await client.until(() => client.events.length === 1);
    expect(client.events[0]).toMatchObject({
      type: 'snapshot',
      revision: 0,
      state: { config: { gadgets: [{ id: 'desk' }, { id: 'office' }] } },
    });
    await post({ type: 'mute', id: 'mic:desk' });
    await client.until(() => client.events.length === 2);
    expect(client.events[1]).toMatchObject({ type: 'patch', revision: 1 });
    client.socket.close();
  });

  test('say every second that the connection lives, to those who ask for it', async () => {
    const client = await listen('/api/events?alive=1');
    await client.until(() => client.events.some(({ type }) => type === 'alive'));
    client.socket.close();
  });

  test('bring what happened to those who ask for it', async () => {
    const client = await listen('/api/events?events=1');
    await client.until(() => client.events.length === 1);
    await post({ type: 'mute', id: 'mic:desk' });
    await client.until(() => client.events.some(({ type }) => type === 'events'));
    client.socket.close();
  });

  test('levels and pictures come while they are watched, and only then', async () => {
    const client = await listen();
    client.socket.send(
      JSON.stringify({ type: 'watch', meters: ['mic:desk'], pictures: ['cam:front', 'cam:gone'] }),
    );
    await expect.poll(() => rig.video.followers.has('cam:front')).toBe(true);
    rig.audio.onLevels?.({ 'mic:desk': [-20, -21] });
    rig.video.followers.get('cam:front')?.(Uint8Array.of(0xff, 0xd8, 1, 2));
    await client.until(
      () => client.events.some(({ type }) => type === 'levels') && client.pictures.length === 1,
    );
    expect(client.pictures[0]).toEqual({ id: 'cam:front', jpeg: Buffer.of(0xff, 0xd8, 1, 2) });
    client.socket.send(JSON.stringify({ type: 'watch', meters: [], pictures: [] }));
    await expect.poll(() => [rig.video.followers.size, rig.audio.metered.length]).toEqual([0, 0]);
    client.socket.close();
  });

  test('?meters=1 watches every audio channel', async () => {
    const client = await listen('/api/events?meters=1');
    await expect.poll(() => rig.audio.metered).toContain('speaker:room');
    client.socket.close();
    await expect.poll(() => rig.audio.metered).toEqual([]);
  });

  test('a client that talks nonsense is let go', async () => {
    const client = await listen();
    client.socket.send('{"type":"take over"}');
    const [code] = (await once(client.socket, 'close')) as [number];
    expect(code).toBe(1008);
  });
});

describe('pictures', () => {
  test('the newest one as a file', async () => {
    const asked = fetch(`${remote.url}/api/video/cam:front.jpg`);
    await expect.poll(() => rig.video.followers.has('cam:front')).toBe(true);
    rig.video.followers.get('cam:front')?.(Uint8Array.of(0xff, 0xd8, 7));
    const response = await asked;
    expect(response.headers.get('content-type')).toBe('image/jpeg');
    expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([0xff, 0xd8, 7]);
    await expect.poll(() => rig.video.followers.size).toBe(0);
  });

  test('a stream of parts that ends with its viewer', async () => {
    const stop = new AbortController();
    const asked = fetch(`${remote.url}/api/video/desk.webcam.mjpg`, { signal: stop.signal });
    await expect.poll(() => rig.video.followers.has('desk.webcam')).toBe(true);
    rig.video.followers.get('desk.webcam')?.(Uint8Array.of(1, 2, 3));
    const response = await asked;
    expect(response.headers.get('content-type')).toMatch(/^multipart\/x-mixed-replace; boundary=/);
    const { value } = await response.body!.getReader().read();
    expect(Buffer.from(value!).toString('latin1')).toContain('Content-Length: 3');
    stop.abort();
    await expect.poll(() => rig.video.followers.size).toBe(0);
  });

  test.each([
    ['mic:desk.jpg', 400],
    ['cam:none.jpg', 404],
    ['cam:front.png', 404],
    ['cam:front.jpg?width=1', 400],
  ])('%s is refused', async (file, status) => {
    expect((await fetch(`${remote.url}/api/video/${file}`)).status).toBe(status);
  });
});

describe('who may in', () => {
  test('a page of another site cannot, nor a name that only points here', async () => {
    expect((await post({ type: 'panic' }, { origin: 'https://evil.example' })).status).toBe(403);
    const { port } = new URL(remote.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.end('GET /api/state HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 403 /);
    expect(rig.engine.state.revision).toBe(0);
  });

  test('a form of another site, which sends no JSON, cannot', async () => {
    const response = await fetch(`${remote.url}/api/commands`, {
      method: 'POST',
      body: '{"type":"panic"}',
      headers: { 'content-type': 'text/plain' },
    });
    expect(response.status).toBe(400);
    expect(rig.engine.state.revision).toBe(0);
  });

  test('with a token: who knows it, by header or subprotocol; the rest is refused', async () => {
    await remote.dispose();
    remote = await serve(TOKEN);
    expect((await fetch(`${remote.url}/api/state`)).status).toBe(401);
    expect(
      (await fetch(`${remote.url}/api/state`, { headers: { authorization: 'Bearer wrong' } })).status,
    ).toBe(401);
    expect(
      (await fetch(`${remote.url}/api/state`, { headers: { authorization: `Bearer ${TOKEN}` } })).status,
    ).toBe(200);
    expect((await fetch(`${remote.url}/healthz`)).status).toBe(200);
    expect((await fetch(`${remote.url}/api/openapi.json`)).status).toBe(200);
    await expect(listen()).rejects.toThrow('401');
    await remote.dispose();
    remote = await serve('word');
    const client = await listen('/api/events', ['crosspoint.token.word']);
    await client.until(() => client.events.length === 1);
    client.socket.close();
    await remote.dispose();
    remote = await serve(TOKEN);
    const encoded = Buffer.from(TOKEN).toString('base64url');
    const other = await listen('/api/events', [`crosspoint.token64.${encoded}`]);
    await other.until(() => other.events.length === 1);
    other.socket.close();
  });

  test('guessing is stopped after ten tries', async () => {
    await remote.dispose();
    remote = await serve(TOKEN);
    const guess = (token: string) =>
      fetch(`${remote.url}/api/state`, { headers: { authorization: `Bearer ${token}` } });
    for (let n = 0; n < 10; n++) expect((await guess(`g${n}`)).status).toBe(401);
    expect((await guess(TOKEN)).status).toBe(429);
  });

  test('serving beyond loopback without a token is refused', async () => {
    const options = {
      engine: rig.engine,
      log: silentLogger,
      port: 0,
      token: undefined,
      rendererDir: undefined,
      version: '1',
      diagnostics: () => Promise.resolve(new Uint8Array()),
    };
    await expect(createRemote({ ...options, host: '0.0.0.0' })).rejects.toMatchObject({
      code: 'bad-request',
      hint: expect.stringContaining('--token') as string,
    });
  });
});

test('a port that is taken is named', async () => {
  const { port } = new URL(remote.url);
  const options = {
    engine: rig.engine,
    log: silentLogger,
    host: '127.0.0.1',
    token: undefined,
    rendererDir: undefined,
    version: '1',
    diagnostics: () => Promise.resolve(new Uint8Array()),
  };
  await expect(createRemote({ ...options, port: Number(port) })).rejects.toMatchObject({
    code: 'port-in-use',
    message: expect.stringContaining(port) as string,
  });
});

test('the API describes itself, with every command in it', async () => {
  const document = (await (await fetch(`${remote.url}/api/openapi.json`)).json()) as {
    openapi: string;
    components: { schemas: Record<string, unknown> };
  };
  expect(document.openapi).toBe('3.1.0');
  expect(document.components.schemas['command.route']).toMatchObject({
    required: expect.arrayContaining(['type', 'source', 'destination']) as string[],
  });
  expect(Object.keys(document.components.schemas)).toEqual(
    expect.arrayContaining(['command.panic', 'command.camera.add', 'State', 'Error']),
  );
});

test('metrics are in the text format of Prometheus', async () => {
  rig.audio.report({ gadgets: { desk: { connected: true, micMs: 25, returnMs: 30, xruns: 2 } } });
  await expect.poll(() => rig.engine.state.status.gadgets.desk?.sound?.xruns).toBe(2);
  const text = await (await fetch(`${remote.url}/api/metrics`)).text();
  expect(text).toContain('crosspoint_gadget_sound_latency_seconds{gadget="desk",stream="mic"} 0.025');
  expect(text).toContain('crosspoint_gadget_sound_xruns_total{gadget="desk"} 2');
  expect(text).toContain('crosspoint_video_frames_total{id="cam:front"} 3');
  for (const line of text.trim().split('\n'))
    expect(line).toMatch(/^(# (HELP|TYPE) \w+ .+|\w+(\{(\w+="([^"\\]|\\.)*",?)*\})? -?[\d.e+-]+)$/);
});

test('the diagnostics are a zip to be saved, and need the token like the rest', async () => {
  const response = await fetch(`${remote.url}/api/diagnostics`);
  expect(response.headers.get('content-type')).toBe('application/zip');
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; filename=".+\.zip"$/);
  expect([...new Uint8Array(await response.arrayBuffer())]).toEqual([80, 75, 5, 6]);
  await remote.dispose();
  remote = await serve(TOKEN);
  expect((await fetch(`${remote.url}/api/diagnostics`)).status).toBe(401);
});
