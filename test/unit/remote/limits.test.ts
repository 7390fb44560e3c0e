import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Emitter } from '../../../electron/base/emitter.ts';
import { silentLogger } from '../../../electron/base/logger.ts';
import { type ServerEvent } from '../../../electron/contract/index.ts';
import { type EnginePort } from '../../../electron/engine/port.ts';
import { type RemoteLimits } from '../../../electron/remote/limits.ts';
import { createRemote, type Remote } from '../../../electron/remote/server.ts';
import { engineOn } from '../../support/engine-rig.ts';
import { RIG } from '../../support/engine-model.ts';

let rig: Awaited<ReturnType<typeof engineOn>>;
let remote: Remote | undefined;
beforeEach(async () => {
  rig = await engineOn(RIG);
});
afterEach(async () => {
  await remote?.dispose();
  remote = undefined;
  await rig.dispose();
});

async function serve(limits: Partial<RemoteLimits> = {}, engine: EnginePort = rig.engine): Promise<Remote> {
  remote = await createRemote({
    engine,
    log: silentLogger,
    host: '127.0.0.1',
    port: 0,
    token: undefined,
    rendererDir: undefined,
    version: '1',
    diagnostics: () => Promise.resolve(new Uint8Array()),
    limits: { farewellMs: 100, ...limits },
  });
  return remote;
}

const dial = ({ url }: Remote): Socket =>
  connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);

/** Sends bytes as they are and collects the answer until the server closes. */
async function raw(server: Remote, ...parts: readonly string[]): Promise<string> {
  const socket = dial(server);
  let answer = '';
  socket.setEncoding('latin1').on('data', (text: string) => (answer += text));
  const closed = once(socket, 'close');
  for (const part of parts) socket.write(part, 'latin1');
  await closed;
  return answer;
}

const request = (head: string, body = ''): string =>
  `${head}\r\nHost: 127.0.0.1\r\nConnection: close\r\n${body === '' ? '' : `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n`}\r\n${body}`;

describe('bad requests: each is answered in the form of all errors, and the server goes on', () => {
  const deep = 200_000;
  test.each([
    ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n', 400, 'bad-request'],
    ['a path that is no path', request('GET /api/%zz HTTP/1.1'), 400, 'bad-request'],
    ['a very long path', request(`GET /api/video/${'x'.repeat(2000)}.jpg HTTP/1.1`), 4, 'bad-request'],
    ['headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431, 'too-large'],
    ['half of JSON', request('POST /api/commands HTTP/1.1', '{"type":"pan'), 400, 'bad-request'],
    ['bytes that are no text', request('POST /api/commands HTTP/1.1', '\xff\xfe{}'), 400, 'bad-request'],
    [
      'a list in a list, very deep',
      request('POST /api/commands HTTP/1.1', '['.repeat(deep) + ']'.repeat(deep)),
      400,
      'bad-request',
    ],
    [
      'an object in an object, very deep',
      request('POST /api/commands HTTP/1.1', '{"type":'.repeat(deep / 2) + '1' + '}'.repeat(deep / 2)),
      400,
      'unknown-command',
    ],
    [
      'a prototype',
      request('POST /api/commands HTTP/1.1', '{"type":"panic","__proto__":{"x":1}}'),
      400,
      'bad-request',
    ],
    [
      'a command that every object has',
      request('POST /api/commands HTTP/1.1', '{"type":"constructor"}'),
      400,
      'unknown-command',
    ],
    [
      'more commands than a list may have',
      request('POST /api/commands HTTP/1.1', JSON.stringify(Array(1001).fill({ type: 'panic' }))),
      400,
      'bad-request',
    ],
    ['a method that is none', request('BREW /api/state HTTP/1.1'), 400, 'bad-request'],
    ['a method that fits nothing', request('DELETE /api/state HTTP/1.1'), 404, 'not-found'],
    [
      'a length that is a lie',
      'POST /api/commands HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'bad-request',
    ],
  ])('%s', async (_, bytes, status, code) => {
    const server = await serve();
    const answer = await raw(server, bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status}`));
    const { error } = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n'))) as {
      error: { code: string; message: string };
    };
    expect(error.code).toBe(code);
    expect(error.message).toMatch(/\S{3}.*\.$/);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect(rig.engine.state.revision).toBe(0);
  });
});

describe('CORS is closed', () => {
  test('a preflight gets no leave, and no answer says that others may read it', async () => {
    const { url } = await serve();
    const headers = {
      origin: 'https://evil.example',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    };
    for (const [method, path] of [
      ['OPTIONS', '/api/commands'],
      ['GET', '/api/state'],
      ['GET', '/healthz'],
      ['GET', '/'],
    ] as const) {
      const response = await fetch(url + path, { method, headers });
      expect([...response.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([]);
      expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
      if (path.startsWith('/api')) expect(response.status).toBe(403);
    }
  });
});

describe('connections', () => {
  test('a request that never ends is given up', async () => {
    const server = await serve({ requestTimeoutMs: 200 });
    const answer = await raw(server, 'POST /api/commands HTTP/1.1\r\nHost: 127.0.0.1\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 408 .*"timeout"/s);
  });

  test('one address has so many at once and no more; when one ends the next may come', async () => {
    const server = await serve({ maxConnectionsPerAddress: 3 });
    const sockets = [dial(server), dial(server), dial(server)];
    await Promise.all(sockets.map((socket) => once(socket, 'connect')));
    await once(dial(server), 'close');
    sockets[0]?.destroy();
    await expect
      .poll(
        () =>
          fetch(`${server.url}/healthz`, { headers: { connection: 'close' } }).then(
            ({ status }) => status,
            () => 0,
          ),
        { timeout: 5000 },
      )
      .toBe(200);
    for (const socket of sockets) socket.destroy();
  });

  test('so many clients follow the events and no more', async () => {
    const server = await serve({ maxEventClients: 1 });
    const address = `${server.url.replace('http', 'ws')}/api/events`;
    const first = new WebSocket(address);
    await once(first, 'open');
    const [error] = (await once(new WebSocket(address), 'error')) as [Error];
    expect(error.message).toContain('503');
    first.terminate();
  });

  test('a client of the events that asks without end is let go', async () => {
    const server = await serve({ messagesPerSecond: 10 });
    const client = new WebSocket(`${server.url.replace('http', 'ws')}/api/events`);
    await once(client, 'open');
    for (let n = 0; n < 200; n++) client.send('{"type":"watch"}');
    const [code] = (await once(client, 'close')) as [number];
    expect(code).toBe(1008);
  });
});

/** The rig's engine, with events of our own making. */
function noisy() {
  const events = new Emitter<ServerEvent>();
  const { engine } = rig;
  const port: EnginePort = {
    get state() {
      return engine.state;
    },
    get log() {
      return engine.log;
    },
    onEvent: events.event,
    execute: (commands, origin) => engine.execute(commands, origin),
    meter: (ids, onLevels) => engine.meter(ids, onLevels),
    follow: (id, options, onJpeg) => engine.follow(id, options, onJpeg),
    followLog: (id, onLines, onEnd) => engine.followLog(id, onLines, onEnd),
    counters: () => engine.counters(),
  };
  return { port, fire: (event: ServerEvent) => events.fire(event) };
}

/** Follows the events by a socket that stops reading after the handshake. */
async function deafClient(server: Remote): Promise<Socket> {
  const socket = dial(server);
  socket.write(
    `GET /api/events HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
  );
  const [answer] = (await once(socket, 'data')) as [Buffer];
  expect(answer.toString('latin1')).toMatch(/^HTTP\/1\.1 101 /);
  socket.pause();
  return socket;
}

/** Bytes that still come until the other side closes. */
async function drain(socket: Socket): Promise<number> {
  let bytes = 0;
  socket.on('data', (data: Buffer) => (bytes += data.length));
  const closed = once(socket, 'close');
  socket.resume();
  await closed;
  return bytes;
}

const MIB = 1024 * 1024;

describe('a client of the events that does not read', () => {
  test('costs so much and no more, is closed, and others get everything', async () => {
    const { port, fire } = noisy();
    const server = await serve({ stuckBytes: MIB }, port);
    const deaf = await deafClient(server);
    const reader = new WebSocket(`${server.url.replace('http', 'ws')}/api/events`);
    let patches = 0;
    reader.on('message', (data: Buffer) => (patches += data.includes('"patch"') ? 1 : 0));
    await once(reader, 'open');
    const value = 'x'.repeat(64 * 1024);
    const count = 640;
    for (let n = 0; n < count; n++) {
      fire({ type: 'patch', revision: n, ops: [{ op: 'replace', path: '/status/demo', value }] });
      // The reader is given the time to read.
      await expect.poll(() => patches, { interval: 1, timeout: 5000 }).toBeGreaterThan(n - 4);
    }
    await expect.poll(() => patches, { timeout: 5000 }).toBe(count);
    // 40 MiB were sent. What the deaf one finds: our megabyte, and what the two kernels had taken.
    expect(await drain(deaf)).toBeLessThan(16 * MIB);
    reader.terminate();
  });

  test('is noticed by its silence when nothing happens, too', async () => {
    const server = await serve({ heartbeatMs: 500 });
    const deaf = await deafClient(server);
    const reader = new WebSocket(`${server.url.replace('http', 'ws')}/api/events`);
    let pings = 0;
    reader.on('ping', () => pings++);
    await drain(deaf);
    await expect.poll(() => pings, { timeout: 5000 }).toBeGreaterThan(2);
    expect(reader.readyState).toBe(WebSocket.OPEN);
    reader.terminate();
  });

  test('does not hold up the end of the server', async () => {
    const { port, fire } = noisy();
    const server = await serve({}, port);
    await deafClient(server);
    for (let n = 0; n < 100; n++)
      fire({
        type: 'patch',
        revision: n,
        ops: [{ op: 'replace', path: '/status/demo', value: 'x'.repeat(64 * 1024) }],
      });
    const start = performance.now();
    await server.dispose();
    remote = undefined;
    // By itself a WebSocket waits half a minute for the other side's goodbye.
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

test('a viewer of a picture stream that takes nothing is let go', async () => {
  const server = await serve({ viewerStalledMs: 100 });
  const viewer = dial(server);
  viewer.write('GET /api/video/cam:front.mjpg?width=1280&fps=60 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  await expect.poll(() => rig.video.followers.has('cam:front'), { timeout: 5000 }).toBe(true);
  const jpeg = new Uint8Array(256 * 1024);
  rig.video.followers.get('cam:front')?.(jpeg);
  await once(viewer, 'data');
  viewer.pause();
  await expect
    .poll(
      () => {
        rig.video.followers.get('cam:front')?.(jpeg);
        return rig.video.followers.size;
      },
      { timeout: 5000, interval: 5 },
    )
    .toBe(0);
  viewer.destroy();
});
