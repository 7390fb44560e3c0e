import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRtmp } from '../../../electron/video/rtmp/client.ts';
import { type MeasuredServer, startMeasuredServer } from '../../support/rtmp-measured-server.ts';
import { randomBytesOf, seeded } from '../../support/rtmp-bytes.ts';
import { RawPeer } from '../../support/rtmp-peer.ts';

const MB = 1024 * 1024;
let server: MeasuredServer;
let sockets: Socket[] = [];
beforeEach(async () => {
  server = await startMeasuredServer();
  // Memory that every server takes once, for its first clients.
  for (let round = 0; round < 3; round++) {
    const peers = await Promise.all(Array.from({ length: 100 }, () => RawPeer.connected(server.port)));
    for (const peer of peers) peer.destroy();
  }
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await server.stop();
});

async function open(): Promise<Socket> {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  sockets.push(socket);
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

describe('memory of the server', () => {
  it('1000 idle connections cost at most 20 KB each, and are closed after 10 s', async () => {
    const before = await server.read();
    const began = performance.now();
    const idle = await Promise.all(Array.from({ length: 1000 }, () => open()));
    const closed = Promise.all(
      idle.map((socket) => new Promise((resolve) => socket.resume().once('close', resolve))),
    );
    await expect.poll(async () => (await server.read()).connections, { timeout: 10_000 }).toBe(1000);
    const during = await server.read();
    expect((during.rssBytes - before.rssBytes) / 1000).toBeLessThan(20 * 1024);
    await closed;
    expect(performance.now() - began).toBeLessThan(15_000);
    expect(performance.now() - began).toBeGreaterThan(9_000);
  });

  it('40 connections of random bytes cost at most 20 MB', async () => {
    const before = await server.read();
    const random = seeded(3);
    const noise = randomBytesOf(random, MB);
    const hello = Buffer.concat([RawPeer.hello(), Buffer.alloc(1536)]);
    let largest = 0;
    for (let round = 0; round < 5; round++) {
      // Half of them get through the handshake first, else no byte would be looked at.
      const peers = await Promise.all(Array.from({ length: 40 }, () => open()));
      const closed = Promise.all(
        peers.map((socket) => new Promise((resolve) => socket.once('close', resolve))),
      );
      peers.forEach((socket, index) => {
        if (index % 2 === 0) socket.write(hello);
        const from = Math.floor(random() * (MB - 1));
        socket.write(Buffer.concat([noise.subarray(from), noise.subarray(0, from)]));
        socket.resume().end();
      });
      largest = Math.max(largest, (await server.read()).rssBytes);
      await closed;
    }
    largest = Math.max(largest, (await server.read()).rssBytes);
    expect(largest - before.rssBytes).toBeLessThan(20 * MB);
  });

  it('one viewer that stops reading costs at most 2 MB, and the publisher and the others go on', async () => {
    const url = `rtmp://127.0.0.1:${server.port}/live/desk`;
    const publisher = await connectRtmp({ url });
    await publisher.publish();
    const [stalled, other] = [await connectRtmp({ url }), await connectRtmp({ url })];
    let received = 0;
    other.onMedia(() => received++);
    await stalled.play();
    await other.play();
    const send = async (count: number): Promise<void> => {
      for (let index = 0; index < count; index++) {
        const goal = received + 1;
        publisher.send({ type: 9, timestampMs: index * 5, payload: Buffer.alloc(50_000, 0x27) });
        await expect.poll(() => received, { interval: 1, timeout: 5000 }).toBe(goal);
      }
    };
    await send(200);
    const before = await server.read();
    stalled.pauseReading();
    await send(600);
    const after = await server.read();
    expect(after.heldBytes - before.heldBytes).toBeLessThan(2 * MB);
    for (const client of [publisher, stalled, other]) void client.dispose();
  });
});
