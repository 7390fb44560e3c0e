// @vitest-environment jsdom
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { encodePicture, type ServerEvent } from '../../../../electron/contract/index.ts';
import { type Connection } from '../../../../renderer/api/client.ts';
import { SocketClient } from '../../../../renderer/api/socket-client.ts';
import { rigState } from '../../../support/renderer-state.ts';

class HandSocket {
  static readonly OPEN = 1;
  static all: HandSocket[] = [];
  readyState = 0;
  binaryType = '';
  readonly sent: string[] = [];
  onopen: (() => void) | null = null;
  onclose: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  readonly url: URL;
  readonly protocols: readonly string[];

  constructor(url: URL, protocols: readonly string[]) {
    this.url = url;
    this.protocols = protocols;
    HandSocket.all.push(this);
  }
  open(): void {
    this.readyState = HandSocket.OPEN;
    this.onopen?.();
  }
  message(event: ServerEvent): void {
    this.onmessage?.({ data: JSON.stringify(event) });
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.readyState = 3;
    this.onclose?.();
  }
}

const last = (): HandSocket => HandSocket.all.at(-1)!;

function follow(token: string | null = null): {
  client: SocketClient;
  events: ServerEvent[];
  pictures: Uint8Array[];
  connections: Connection[];
} {
  const client = new SocketClient({ base: 'http://box.local:7788/', token });
  const events: ServerEvent[] = [];
  const pictures: Uint8Array[] = [];
  const connections: Connection[] = [];
  client.connect({
    onEvent: (event) => events.push(event),
    onPicture: (message) => pictures.push(message),
    onConnection: (connection) => connections.push(connection),
  });
  return { client, events, pictures, connections };
}

const states = (connections: readonly Connection[]): string[] => connections.map(({ state }) => state);
const answering = (status: number, body: unknown = {}): void =>
  void vi.stubGlobal(
    'fetch',
    vi.fn(() => Promise.resolve(new Response(JSON.stringify(body), { status }))),
  );

beforeEach(() => {
  HandSocket.all = [];
  vi.stubGlobal('WebSocket', HandSocket);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('the socket', () => {
  test('asks beside the page, and is open once the snapshot is there', () => {
    const { events, connections } = follow();
    expect(last().url.href).toBe('ws://box.local:7788/api/events?events=1&alive=1');
    last().open();
    expect(states(connections)).toEqual(['connecting']);
    last().message({ type: 'snapshot', revision: 7, state: rigState() });
    expect(states(connections)).toEqual(['connecting', 'open']);
    expect(events).toHaveLength(1);
  });

  test('carries the token as a subprotocol', () => {
    follow('abc');
    expect(last().protocols).toEqual(['crosspoint.token.abc']);
    follow('a b/c=ü');
    expect(last().protocols).toEqual(['crosspoint.token64.YSBiL2M9w7w']);
  });

  test('hands pictures on as bytes', () => {
    const { pictures } = follow();
    last().open();
    const message = encodePicture('cam:one', new Uint8Array([1, 2, 3]));
    last().onmessage?.({ data: message.buffer });
    expect(pictures).toEqual([message]);
  });

  test('comes back by itself, waits longer each time, and says so', async () => {
    answering(200);
    const { connections } = follow();
    for (let attempt = 1; attempt <= 3; attempt++) {
      last().close();
      // Longer than any wait, shorter than the patience with a socket that does not open.
      await vi.advanceTimersByTimeAsync(6500);
      expect(HandSocket.all).toHaveLength(attempt + 1);
    }
    expect(states(connections).slice(0, 4)).toEqual(['connecting', 'waiting', 'connecting', 'waiting']);
  });

  test('that is silent is given up, also when it says that it is open; one that is alive is kept', async () => {
    answering(200);
    const { connections } = follow();
    last().open();
    last().message({ type: 'snapshot', revision: 7, state: rigState() });
    for (let i = 0; i < 10; i++) {
      await vi.advanceTimersByTimeAsync(1000);
      last().message({ type: 'alive' });
    }
    expect(states(connections).at(-1)).toBe('open');
    await vi.advanceTimersByTimeAsync(5000);
    expect(states(connections)).toContain('waiting');
    await vi.advanceTimersByTimeAsync(6500);
    expect(HandSocket.all.length).toBeGreaterThan(1);
  });

  test('tells the engine again what is looked at after it came back', async () => {
    answering(200);
    const { client } = follow();
    last().open();
    client.watch({ meters: ['mic:one'], pictures: [], logs: [] });
    last().close();
    await vi.advanceTimersByTimeAsync(10_000);
    last().open();
    expect(JSON.parse(last().sent[0]!)).toEqual({
      type: 'watch',
      meters: ['mic:one'],
      pictures: [],
      logs: [],
    });
  });

  test('stops and asks for a token when the engine wants one; goes on with it', async () => {
    answering(401);
    const { client, connections } = follow();
    last().close();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(states(connections).at(-1)).toBe('refused');
    expect(HandSocket.all).toHaveLength(1);
    client.setToken('right');
    expect(last().protocols).toEqual(['crosspoint.token.right']);
  });

  test('what comes late on a socket that was given up is dropped', () => {
    const { client, events } = follow();
    const first = last();
    client.resync();
    first.message({ type: 'snapshot', revision: 7, state: rigState() });
    expect(events).toEqual([]);
  });

  test('once disposed it stays closed', async () => {
    answering(200);
    const { client } = follow();
    client.dispose();
    await vi.advanceTimersByTimeAsync(20_000);
    expect(HandSocket.all).toHaveLength(1);
  });
});

describe('commands', () => {
  test('are posted with the token, and answered', async () => {
    answering(200, { revision: 8, results: [{}] });
    const { client } = follow('abc');
    await expect(client.send({ type: 'panic' })).resolves.toEqual({ revision: 8, results: [{}] });
    expect(fetch).toHaveBeenCalledWith(
      'http://box.local:7788/api/commands',
      expect.objectContaining({
        body: '{"type":"panic"}',
        headers: expect.objectContaining({ Authorization: 'Bearer abc' }) as unknown,
      }),
    );
  });

  test('a refusal keeps the code, the sentence and the hint of the engine', async () => {
    answering(409, { error: { code: 'locked', message: 'Desk is locked.', hint: 'Unlock it.' } });
    const { client } = follow();
    await expect(client.send({ type: 'panic' })).rejects.toMatchObject({
      code: 'locked',
      message: 'Desk is locked.',
      hint: 'Unlock it.',
    });
  });

  test('an answer that is no JSON is still an error with a sentence', async () => {
    vi.stubGlobal(
      'fetch',
      vi.fn(() => Promise.resolve(new Response('<html>', { status: 502 }))),
    );
    await expect(follow().client.send({ type: 'panic' })).rejects.toMatchObject({ code: 'internal' });
  });

  test('no answer at all is told as such', async () => {
    vi.stubGlobal(
      'fetch',
      vi.fn(() => Promise.reject(new TypeError('failed'))),
    );
    await expect(follow().client.send({ type: 'panic' })).rejects.toMatchObject({ code: 'not-running' });
  });
});
