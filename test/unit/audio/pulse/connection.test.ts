import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PulseConnection } from '../../../../electron/audio/pulse/connection.ts';
import { COMMAND, CONTROL_CHANNEL, INVALID_INDEX } from '../../../../electron/audio/pulse/constants.ts';
import { frame, FrameParser } from '../../../../electron/audio/pulse/frames.ts';
import { TagReader, TagWriter } from '../../../../electron/audio/pulse/tagstruct.ts';

/** A sound server of a few lines: greets, and answers what it is told to. */
class FakeServer {
  readonly sockets = new Set<Socket>();
  #server: Server | undefined;
  onCall: (command: number, tag: number, socket: Socket) => void = () => undefined;

  async listen(path: string): Promise<void> {
    this.#server = createServer((socket) => {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      const parser = new FrameParser({
        control: (payload) => {
          const reader = new TagReader(payload);
          const command = reader.u32();
          const tag = reader.u32();
          if (command === COMMAND.auth) this.answer(socket, tag, (tags) => tags.u32(35));
          else if (command === COMMAND.setClientName) this.answer(socket, tag, (tags) => tags.u32(1));
          else this.onCall(command, tag, socket);
        },
        data: () => undefined,
      });
      socket.on('data', (chunk) => parser.push(chunk));
    });
    this.#server.listen(path);
    await once(this.#server, 'listening');
  }

  answer(socket: Socket, tag: number, write: (tags: TagWriter) => TagWriter): void {
    socket.write(frame(CONTROL_CHANNEL, write(new TagWriter().u32(COMMAND.reply).u32(tag)).finish()));
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server?.close();
  }
}

describe('a connection', () => {
  let directory: string;
  let server: FakeServer;
  let connection: PulseConnection;
  const nothing = () => undefined;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'xp-fake-'));
    server = new FakeServer();
    await server.listen(join(directory, 'native'));
    connection = await PulseConnection.open({
      address: { kind: 'unix', path: join(directory, 'native') },
      cookie: new Uint8Array(256),
      properties: {},
      timeoutMs: 300,
    });
  });
  afterEach(async () => {
    connection.dispose();
    server.close();
    await rm(directory, { recursive: true });
  });

  it('speaks the older of both versions', () => {
    expect(connection.version).toBe(32);
  });

  it('gives each answer to its own question, in whatever order they come', async () => {
    const tags: [number, Socket][] = [];
    server.onCall = (_, tag, socket) => {
      tags.push([tag, socket]);
      if (tags.length < 3) return;
      for (const [own, to] of tags.reverse()) server.answer(to, own, (writer) => writer.u32(own));
    };
    const calls = [1, 2, 3].map(() => connection.call('getServerInfo', nothing, (reader) => reader.u32()));
    const answers = await Promise.all(calls);
    expect(answers).toEqual([...answers].sort((a, b) => a - b));
  });

  it('rejects what waits when the server goes away', async () => {
    server.onCall = (_, __, socket) => socket.destroy();
    const calls = [1, 2, 3].map(() => connection.call('getServerInfo', nothing, nothing));
    for (const result of await Promise.allSettled(calls))
      expect(result).toMatchObject({ status: 'rejected', reason: { pulse: 'connection-terminated' } });
    expect(connection.isOpen).toBe(false);
    await expect(connection.call('getServerInfo', nothing, nothing)).rejects.toMatchObject({
      pulse: 'connection-terminated',
    });
    expect((await connection.closed).pulse).toBe('connection-terminated');
  });

  it('rejects a call that is not answered in time, and shrugs off the late answer', async () => {
    let late = nothing as () => void;
    server.onCall = (_, tag, socket) => (late = () => server.answer(socket, tag, (tags) => tags.u32(1)));
    await expect(connection.call('getServerInfo', nothing, nothing, 50)).rejects.toMatchObject({
      pulse: 'timeout',
    });
    late();
    server.onCall = (_, tag, socket) => server.answer(socket, tag, (tags) => tags.u32(5));
    expect(await connection.call('getServerInfo', nothing, (reader) => reader.u32())).toBe(5);
  });

  it('rejects a call whose answer is garbage, and goes on', async () => {
    server.onCall = (_, tag, socket) => server.answer(socket, tag, (tags) => tags.string('not a number'));
    await expect(connection.call('getServerInfo', nothing, (reader) => reader.u32())).rejects.toMatchObject({
      pulse: 'protocol',
    });
    expect(connection.isOpen).toBe(true);
  });

  it('passes on the server’s own error', async () => {
    server.onCall = (_, tag, socket) =>
      socket.write(frame(CONTROL_CHANNEL, new TagWriter().u32(COMMAND.error).u32(tag).u32(5).finish()));
    await expect(connection.call('unloadModule', nothing, nothing)).rejects.toMatchObject({
      pulse: 'no-entity',
      code: 'not-found',
      message: 'The sound server has no such thing (unloadModule).',
    });
  });

  it('ends when the server sends nonsense', async () => {
    server.onCall = (_, __, socket) => socket.write(Buffer.alloc(64, 0xff));
    await expect(connection.call('getServerInfo', nothing, nothing)).rejects.toMatchObject({
      pulse: 'protocol',
    });
    expect(connection.isOpen).toBe(false);
  });

  it('ignores messages that it does not know', async () => {
    server.onCall = (_, tag, socket) => {
      socket.write(
        frame(CONTROL_CHANNEL, new TagWriter().u32(9999).u32(INVALID_INDEX).string('new').finish()),
      );
      server.answer(socket, tag, (tags) => tags.u32(1));
    };
    expect(await connection.call('getServerInfo', nothing, (reader) => reader.u32())).toBe(1);
  });

  it('does not let questions pile up without end', async () => {
    const calls = Array.from({ length: 9000 }, () => connection.call('getServerInfo', nothing, nothing));
    const results = await Promise.allSettled(calls);
    const busy = results.filter(
      (result) => result.status === 'rejected' && (result.reason as { pulse?: string }).pulse === 'busy',
    );
    expect(busy.length).toBe(9000 - 8192);
  });
});
