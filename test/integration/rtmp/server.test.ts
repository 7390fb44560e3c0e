import { createServer } from 'node:net';
import { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { silentLogger } from '../../../electron/base/logger.ts';
import { encodeAmf0 } from '../../../electron/video/rtmp/amf0.ts';
import { createRtmpServer } from '../../../electron/video/rtmp/server.ts';
import { type MediaMessage, type PublisherSink } from '../../../electron/video/rtmp/types.ts';
import { be32, message } from '../../support/rtmp-bytes.ts';
import { RawPeer } from '../../support/rtmp-peer.ts';
import { type Relay, type RelayOptions, startRelay } from '../../support/rtmp-relay.ts';

let relays: Relay[] = [];
let peers: RawPeer[] = [];
afterEach(async () => {
  for (const peer of peers) peer.destroy();
  for (const { server } of relays) await server.dispose();
  relays = [];
  peers = [];
});

async function start(options?: RelayOptions): Promise<Relay> {
  const relay = await startRelay(options);
  relays.push(relay);
  return relay;
}

const keep = async (opening: Promise<RawPeer>): Promise<RawPeer> => {
  const peer = await opening;
  peers.push(peer);
  return peer;
};
const connected = (relay: Relay, app?: string) => keep(RawPeer.connected(relay.port, app));
const publishing = (relay: Relay, name: string) => keep(RawPeer.publishing(relay.port, name));
const playing = (relay: Relay, name: string, app?: string) => keep(RawPeer.playing(relay.port, name, app));

const video = (time: number, payload: Buffer): Buffer => message(9, payload, { csid: 6, streamId: 1, time });
const frame = Buffer.from('1701000000aabbcc', 'hex');
const ping = (token: number): Buffer =>
  message(4, Buffer.concat([Buffer.from([0, 6]), be32(token)]), { csid: 2 });
const pong = (token: number): Buffer =>
  message(4, Buffer.concat([Buffer.from([0, 7]), be32(token)]), { csid: 2 });
const media = (timestampMs: number, size: number): MediaMessage => ({
  type: 9,
  timestampMs,
  payload: Buffer.alloc(size, 0x27),
});
const event = (relay: Relay, wanted: string): Promise<boolean> =>
  relay.watch.until(() => relay.events.includes(wanted), wanted);
const warnings = (relay: Relay): unknown[] =>
  relay.logs.filter(({ level }) => level === 'warn' || level === 'error').map(({ fields }) => fields);

describe('connect and createStream', () => {
  it('announces window, bandwidth and chunk size before it answers', async () => {
    const peer = await connected(await start());
    expect(peer.messages.map(({ typeId }) => typeId)).toEqual([5, 6, 20]);
    expect(peer.messages[0]!.payload.readUInt32BE()).toBe(65536);
    expect(peer.commands[0]).toMatchObject(['_result', 1, {}, { code: 'NetConnection.Connect.Success' }]);
  });

  it('creates always stream 1', async () => {
    const peer = await connected(await start());
    peer.command('createStream', 2, null);
    peer.command('createStream', 3, null);
    expect(await peer.answer(2)).toEqual(['_result', 2, null, 1]);
    expect(await peer.answer(3)).toEqual(['_result', 3, null, 1]);
  });

  it.each(['releaseStream', 'FCPublish', 'FCUnpublish', '_checkbw', 'getStreamLength'])(
    'answers %s',
    async (name) => {
      const peer = await connected(await start());
      peer.command(name, 9, null, 'desk');
      expect((await peer.answer(9)).slice(0, 3)).toEqual(['_result', 9, null]);
    },
  );

  it('understands commands as AMF3 messages', async () => {
    const peer = await keep(RawPeer.shaken((await start()).port));
    peer.write(message(17, Buffer.concat([Buffer.from([0]), encodeAmf0('connect', 1, { app: 'live' })])));
    await peer.answer(1);
  });

  it('answers pings', async () => {
    const peer = await connected(await start());
    peer.write(ping(0x12345678));
    await peer.until(
      () => peer.messages.some(({ payload }) => payload.toString('hex') === '000712345678'),
      'a pong',
    );
  });

  it('acknowledges what it receives, as often as the peer asked for', async () => {
    const relay = await start();
    const peer = await publishing(relay, 'acks');
    peer.write(message(5, be32(1000), { csid: 2 }));
    peer.write(message(1, be32(65536), { csid: 2 }));
    peer.write(video(0, Buffer.alloc(5000, 0x27)));
    const acks = () =>
      peer.messages.filter(({ typeId }) => typeId === 3).map(({ payload }) => payload.readUInt32BE());
    await peer.until(() => (acks().at(-1) ?? 0) > 5000, 'an acknowledgement');
  });
});

describe('publish', () => {
  it('asks the handler with app, name and query, and tells of the start and the end once', async () => {
    const relay = await start();
    const peer = await connected(relay, 'live');
    peer.command('publish', 2, null, 'desk%201?token=a&x=1', 'live');
    await peer.status('NetStream.Publish.Start');
    expect(relay.requests[0]).toMatchObject({ app: 'live', name: 'desk 1', remoteAddress: '127.0.0.1' });
    expect(Object.fromEntries(relay.requests[0]!.query)).toEqual({ token: 'a', x: '1' });
    peer.destroy();
    await relay.watch.until(() => relay.events.length === 2, 'the end');
    expect(relay.events).toEqual(['publish desk 1', 'end desk 1: the peer has closed the connection']);
  });

  it.each(['deleteStream', 'closeStream', 'FCUnpublish'])('ends by %s, and may begin again', async (name) => {
    const relay = await start();
    const peer = await publishing(relay, 'a');
    peer.command(name, 0, null, 1);
    peer.command('publish', 3, null, 'b', 'live');
    await event(relay, 'publish b');
    expect(relay.events).toHaveLength(3);
    expect(relay.events[1]).toMatch(/^end a: /);
  });

  it('a refused name is told so and closed', async () => {
    const relay = await start();
    const peer = await connected(relay);
    peer.command('publish', 2, null, 'wrong-key', 'live');
    expect(await peer.status('NetStream.Publish.BadName')).toMatchObject([
      'onStatus',
      0,
      null,
      { level: 'error', description: 'No such stream key.' },
    ]);
    await peer.gone();
    expect(JSON.stringify(relay.logs)).not.toContain('wrong-key');
  });

  it('hands on audio, video and data untouched, @setDataFrame stripped, aggregates split', async () => {
    const relay = await start({ keep: true });
    const peer = await publishing(relay, 'all');
    const metaData = encodeAmf0('onMetaData', { width: 4 });
    peer.write(
      message(18, Buffer.concat([encodeAmf0('@setDataFrame'), metaData]), { streamId: 1 }),
      message(8, Buffer.from('af0121', 'hex'), { csid: 4, streamId: 1, time: 0xfffffff0 }),
      message(8, Buffer.from('af0122', 'hex'), { csid: 4, streamId: 1, time: 0x10 }),
      message(
        22,
        Buffer.from('080000020001f400000000af010000000d0900000200020800000000270100000000', 'hex'),
        {
          csid: 6,
          time: 0x20,
        },
      ),
    );
    await relay.watch.until(() => relay.received.length === 5, 'five messages');
    expect(relay.received).toEqual([
      { type: 18, timestampMs: 0, payload: metaData },
      { type: 8, timestampMs: 0xfffffff0, payload: Buffer.from('af0121', 'hex') },
      { type: 8, timestampMs: 0x100000010, payload: Buffer.from('af0122', 'hex') },
      { type: 8, timestampMs: 0x20, payload: Buffer.from('af01', 'hex') },
      { type: 9, timestampMs: 0x34, payload: Buffer.from('2701', 'hex') },
    ]);
  });

  it('while the handler thinks, nothing is answered, and what the peer sends meanwhile is not lost', async () => {
    let decide: () => void = () => undefined;
    const relay = await start({
      keep: true,
      handler: (own) => ({
        publish: async (request, publisher) => {
          await new Promise<void>((resolve) => (decide = resolve));
          return own.publish(request, publisher);
        },
      }),
    });
    const peer = await connected(relay);
    peer.command('publish', 2, null, 'eager', 'live');
    for (let time = 0; time < 5; time++) peer.write(video(time, frame));
    peer.write(ping(5));
    const other = await connected(relay);
    other.command('createStream', 2, null);
    await other.answer(2);
    expect(peer.commands).toHaveLength(1);
    decide();
    await peer.status('NetStream.Publish.Start');
    await relay.watch.until(() => relay.received.length === 5, 'five frames');
    expect(relay.received.map(({ timestampMs }) => timestampMs)).toEqual([0, 1, 2, 3, 4]);
    await peer.until(
      () => peer.messages.some(({ payload }) => payload.toString('hex') === '000700000005'),
      'a pong',
    );
  });

  it('a publisher that left while the handler thought is ended at once', async () => {
    let decide: () => void = () => undefined;
    const relay = await start({
      handler: (own) => ({
        publish: async (request, publisher) => {
          relay.events.push('asked');
          relay.watch.notify();
          await new Promise<void>((resolve) => (decide = resolve));
          return own.publish(request, publisher);
        },
      }),
    });
    const peer = await connected(relay);
    peer.command('publish', 2, null, 'gone', 'live');
    await event(relay, 'asked');
    await relay.server.dispose();
    decide();
    await event(relay, 'end gone: the server ends');
  });

  it('the owner can close a publisher', async () => {
    const closers: ((reason: string) => void)[] = [];
    const relay = await start({
      handler: (own) => ({
        publish(request, publisher) {
          closers.push((reason) => publisher.close(reason));
          return own.publish(request, publisher);
        },
      }),
    });
    const peer = await publishing(relay, 'kicked');
    closers[0]!('key changed');
    await peer.gone();
    expect(relay.events).toEqual(['publish kicked', 'end kicked: key changed']);
  });
});

describe('play', () => {
  it('says StreamBegin, Reset and Start, on stream 1, before the first message', async () => {
    const relay = await start();
    const publisher = await publishing(relay, 'desk');
    const player = await playing(relay, 'desk?token=x', 'live');
    expect(Object.fromEntries(relay.requests[1]!.query)).toEqual({ token: 'x' });
    publisher.write(video(1234, frame));
    await player.until(() => player.media.length === 1, 'the frame');
    expect(player.media[0]).toMatchObject({ typeId: 9, streamId: 1, timestampMs: 1234, payload: frame });
    const statuses = player.messages.filter(({ typeId, streamId }) => typeId === 20 && streamId === 1);
    expect(
      statuses.map(({ payload }) => /NetStream\.[A-Za-z.]+/.exec(payload.toString('latin1'))?.[0]),
    ).toEqual(['NetStream.Play.Reset', 'NetStream.Play.Start']);
    const begin = player.messages.findIndex(
      ({ typeId, payload }) => typeId === 4 && payload.readUInt16BE() === 0,
    );
    expect(player.messages[begin]!.payload.readUInt32BE(2)).toBe(1);
    expect(begin).toBeLessThan(player.messages.indexOf(statuses[0]!));
  });

  it('messages longer than a chunk and times beyond 24 and 32 bits arrive', async () => {
    const relay = await start();
    const player = await playing(relay, 'long');
    const sent = [
      media(0xfffffe, 200_000),
      media(0x1000000, 200_000),
      media(0x100000005, 65_536),
      media(7, 65_537),
    ];
    for (const one of sent) relay.viewers[0]!.send(one);
    await player.until(() => player.media.length === sent.length, 'the frames');
    expect(player.media.map(({ payload }) => payload.length)).toEqual([200_000, 200_000, 65_536, 65_537]);
    expect(player.media.map(({ timestampMs }) => timestampMs)).toEqual([
      0xfffffe,
      0x1000000,
      0x100000005 % 2 ** 32,
      7,
    ]);
  });

  it('a wrong name or token is told so and closed', async () => {
    const player = await connected(await start());
    player.command('play', 2, null, 'wrong-key');
    await player.status('NetStream.Play.StreamNotFound');
    await player.gone();
  });

  it('the player is held when its publisher ends: no status, no end of stream', async () => {
    const relay = await start();
    const publisher = await publishing(relay, 'held');
    const player = await playing(relay, 'held');
    const before = player.messages.length;
    publisher.destroy();
    await relay.watch.until(() => relay.events.some((one) => one.startsWith('end held')), 'the end');
    player.write(ping(1));
    await player.until(
      () => player.messages.some(({ payload }) => payload.toString('hex') === '000700000001'),
      'a pong',
    );
    const since = player.messages
      .slice(before)
      .filter(({ typeId, payload }) => typeId !== 4 || payload.readUInt16BE() < 6);
    expect(since).toEqual([]);
  });

  it('commands of the player reach the owner of the stream', async () => {
    const relay = await start();
    const player = await playing(relay, 'desk', 'gadget');
    player.command('crosspoint.format', 0, null, { width: 1280, height: 720, fps: 30 });
    player.command('crosspoint.tally', 8, { webcam: true, mic: false, speaker: false });
    await player.answer(8);
    expect(relay.commands).toEqual([
      ['crosspoint.format', [{ width: 1280, height: 720, fps: 30 }]],
      ['crosspoint.tally', [{ webcam: true, mic: false, speaker: false }]],
    ]);
  });

  it('pause and its end reach the owner of the stream', async () => {
    const relay = await start();
    const player = await playing(relay, 'desk');
    player.command('pause', 3, null, true, 0);
    await player.status('NetStream.Pause.Notify');
    player.command('pause', 3, null, false, 0);
    await player.status('NetStream.Unpause.Notify');
    expect(relay.events.slice(1)).toEqual(['pause true', 'pause false']);
  });

  it('a player that stops gets nothing more and may play something else', async () => {
    const relay = await start();
    const player = await playing(relay, 'one');
    player.command('closeStream', 0, null);
    player.command('play', 3, null, 'two');
    await event(relay, 'play two');
    expect(relay.events).toEqual(['play one', 'end of play one: closed by the client', 'play two']);
    expect(relay.viewers[0]!.send(media(0, 10))).toBe(false);
    expect(relay.viewers[1]!.send(media(0, 10))).toBe(true);
  });

  it('the owner can close a viewer, also from within its start', async () => {
    const relay = await start({
      handler: () => ({
        play: ({ name }) => ({
          accept: true,
          start: (viewer) => {
            if (name === 'now') viewer.close('not now');
            else setImmediate(() => viewer.close('not any more'));
            return { onEnd: (reason) => void relay.events.push(reason) };
          },
        }),
      }),
    });
    for (const name of ['now', 'later']) {
      const player = await playing(relay, name);
      await player.gone();
    }
    expect(relay.events).toEqual(['not now', 'not any more']);
  });
});

describe('backlog', () => {
  it('counts what was sent and not acknowledged, and falls by acknowledgements and pongs', async () => {
    const relay = await start();
    const player = await playing(relay, 'desk');
    const viewer = relay.viewers[0]!;
    const before = viewer.backlogBytes;
    viewer.send(media(0, 50_000));
    expect(viewer.backlogBytes - before).toBe(50_012);
    await player.until(() => player.media.length === 1, 'the frame');
    // What has arrived after the handshake is what is acknowledged.
    player.write(message(3, be32(player.receivedBytes - 3073 - 100), { csid: 2 }));
    await relay.watch.until(() => viewer.backlogBytes === 100, 'the acknowledgement');
  });

  it('falls by the answer to a ping for a player that never acknowledges', async () => {
    const relay = await start();
    const player = await playing(relay, 'desk');
    const viewer = relay.viewers[0]!;
    const pings = () =>
      player.messages
        .filter(({ typeId, payload }) => typeId === 4 && payload.readUInt16BE() === 6)
        .map(({ payload }) => payload.readUInt32BE(2));
    await player.until(() => pings().length === 1, 'the first ping');
    player.write(pong(pings()[0]!));
    viewer.send(media(0, 100));
    await relay.watch.until(() => viewer.backlogBytes === 112, 'the answer');
    viewer.send(media(0, 200_000));
    await player.until(() => pings().length === 2, 'a ping after much data');
    expect(viewer.backlogBytes).toBeGreaterThan(200_000);
    player.write(pong(pings()[1]!));
    await relay.watch.until(() => viewer.backlogBytes < 100, 'the answer');
  });

  it('is what waits here for a player that tells nothing', async () => {
    const relay = await start();
    const player = await playing(relay, 'desk');
    const viewer = relay.viewers[0]!;
    for (let count = 0; count < 20; count++) viewer.send(media(count, 10_000));
    await player.until(() => player.media.length === 20, 'the frames');
    await expect.poll(() => viewer.backlogBytes, { timeout: 5000 }).toBe(0);
  });

  it('a viewer that stopped reading is closed after the hard time, and the others get every frame', async () => {
    const relay = await start({ limits: { viewerHardBytes: 1_000_000, viewerHardMs: 1000 } });
    const publisher = await publishing(relay, 'desk');
    publisher.write(message(1, be32(65536), { csid: 2 }));
    const stalled = await playing(relay, 'desk');
    const other = await playing(relay, 'desk');
    other.answersPings = true;
    stalled.socket.pause();
    stalled.write(message(3, be32(0), { csid: 2 }));
    let sent = 0;
    const timer = setInterval(() => publisher.write(video(sent++, Buffer.alloc(60_000, 0x17))), 5);
    try {
      await relay.watch.until(
        () => relay.events.some((one) => one.startsWith('end of play desk: The viewer')),
        'its end',
      );
    } finally {
      clearInterval(timer);
    }
    await other.until(() => other.media.length === sent, 'all frames');
    expect(other.media.map(({ timestampMs }) => timestampMs)).toEqual([...Array(sent).keys()]);
    expect(warnings(relay)).toHaveLength(1);
  });

  it('a viewer far beyond the hard limit is closed at once', async () => {
    const relay = await start({ limits: { viewerHardBytes: 100_000, viewerHardMs: 1_000_000 } });
    const player = await playing(relay, 'desk');
    player.socket.pause();
    player.write(message(3, be32(0), { csid: 2 }), ping(1));
    player.socket.resume();
    await player.until(
      () => player.messages.some(({ payload }) => payload.toString('hex') === '000700000001'),
      'a pong',
    );
    player.socket.pause();
    let sends = 0;
    while (sends < 1000 && relay.viewers[0]!.send(media(0, 10_000))) sends++;
    expect(sends).toBeLessThan(45);
    expect(relay.events.at(-1)).toMatch(/^end of play/);
  });
});

describe('time limits', () => {
  it('a connection that says nothing is closed when the handshake is overdue, also byte by byte', async () => {
    const relay = await start({ limits: { handshakeTimeoutMs: 1000 } });
    const silent = await keep(RawPeer.open(relay.port));
    const slow = await keep(RawPeer.open(relay.port));
    const timer = setInterval(() => slow.write(Buffer.from([3])), 50);
    await Promise.all([silent.gone(), slow.gone()]);
    clearInterval(timer);
    await expect.poll(() => relay.server.connections).toBe(0);
    expect(warnings(relay)).toHaveLength(2);
  });

  it('a client that neither publishes nor plays is closed', async () => {
    const relay = await start({ limits: { idleTimeoutMs: 500 } });
    await (await connected(relay)).gone();
  });

  it('a publisher that sends nothing is closed, one that sends is not', async () => {
    const relay = await start({ limits: { publisherIdleMs: 1500 } });
    const silent = await publishing(relay, 'silent');
    const lively = await publishing(relay, 'lively');
    const timer = setInterval(() => lively.write(video(0, frame)), 200);
    await silent.gone();
    clearInterval(timer);
    expect(lively.closed).toBe(false);
  });

  it('a player that used to answer and does not any more is closed; one that answers is not', async () => {
    const relay = await start({ limits: { pingIntervalMs: 200, deadPeerMs: 2000 } });
    const dead = await playing(relay, 'dead');
    const alive = await playing(relay, 'alive');
    dead.write(message(3, be32(0), { csid: 2 }));
    alive.answersPings = true;
    await dead.gone();
    expect(alive.closed).toBe(false);
  });
});

describe('whatever the owner of a stream throws costs only that connection', () => {
  const boom = (): never => {
    throw new Error('boom');
  };

  it.each(['publish', 'play'] as const)('%s throws, or rejects', async (kind) => {
    let how = 0;
    const relay = await start({
      handler: () => ({ [kind]: () => (how++ === 0 ? boom() : Promise.reject(new Error('boom'))) }),
    });
    for (let round = 0; round < 2; round++) {
      const peer = await connected(relay);
      peer.command(kind, 2, null, 'x');
      await peer.status(kind === 'publish' ? 'NetStream.Publish.BadName' : 'NetStream.Play.Failed');
      await peer.gone();
    }
    expect(relay.logs.filter(({ level }) => level === 'error')).toHaveLength(2);
  });

  it('a sink throws at a message', async () => {
    const ends: string[] = [];
    const sink: PublisherSink = { onMedia: boom, onEnd: (reason) => void ends.push(reason) };
    const relay = await start({
      handler: (own) => ({
        publish: (request, publisher) =>
          request.name === 'bad' ? { accept: true, sink } : own.publish(request, publisher),
      }),
    });
    const good = await publishing(relay, 'good');
    const player = await playing(relay, 'good');
    const bad = await publishing(relay, 'bad');
    bad.write(video(0, frame));
    await bad.gone();
    expect(ends).toEqual(['boom']);
    good.write(video(0, frame));
    await player.until(() => player.media.length === 1, 'the frame');
  });

  it.each(['start', 'onCommand', 'onPause', 'onProgress', 'onEnd'] as const)(
    'a viewer listener throws in %s',
    async (where) => {
      const relay = await start({
        handler: (own) => ({
          play: (request) =>
            request.name === 'good'
              ? own.play(request)
              : {
                  accept: true,
                  start: () =>
                    where === 'start' ? boom() : { onEnd: () => relay.events.push('ended'), [where]: boom },
                },
        }),
      });
      const publisher = await publishing(relay, 'good');
      const good = await playing(relay, 'good');
      const bad = await connected(relay);
      bad.command('play', 2, null, 'bad');
      if (where !== 'start') await bad.status('NetStream.Play.Start');
      bad.command('crosspoint.tally', 0, null, {});
      bad.command('pause', 0, null, true);
      bad.write(message(3, be32(bad.receivedBytes - 3073), { csid: 2 }));
      if (where === 'onEnd') bad.destroy();
      await bad.gone();
      await relay.watch.until(() => relay.logs.some(({ level }) => level === 'error'), 'the log line');
      if (where !== 'start' && where !== 'onEnd')
        expect(relay.events.filter((one) => one === 'ended')).toHaveLength(1);
      publisher.write(video(0, frame));
      await good.until(() => good.media.length === 1, 'the frame');
    },
  );
});

describe('the server', () => {
  it('says that its port is in use, and what to do', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const server = createRtmpServer({
      handler: { publish: () => Promise.reject(new Error()), play: () => Promise.reject(new Error()) },
      log: silentLogger,
    });
    try {
      await expect(server.listen('127.0.0.1', port)).rejects.toMatchObject({
        code: 'port-in-use',
        hint: expect.stringContaining('--rtmp') as string,
      });
      // And it can be told another one.
      expect((await server.listen('127.0.0.1', 0)).port).toBeGreaterThan(0);
    } finally {
      await server.dispose();
      other.close();
    }
  });

  it('turns away more connections than allowed and serves again when one ends', async () => {
    const relay = await start({ limits: { maxConnections: 3 } });
    const first = await Promise.all([1, 2, 3].map(() => connected(relay)));
    await (await keep(RawPeer.open(relay.port))).gone();
    first[0]!.destroy();
    await expect.poll(() => relay.server.connections).toBe(2);
    await connected(relay);
  });

  it('ends everything when it is disposed, at once and once', async () => {
    const relay = await start();
    const open = await keep(RawPeer.open(relay.port));
    const publisher = await publishing(relay, 'desk');
    const player = await playing(relay, 'desk');
    const began = performance.now();
    await Promise.all([relay.server.dispose(), relay.server.dispose()]);
    expect(performance.now() - began).toBeLessThan(500);
    for (const peer of [open, publisher, player]) await peer.gone();
    expect(relay.events).toEqual([
      'publish desk',
      'play desk',
      'end desk: the server ends',
      'end of play desk: the server ends',
    ]);
    await expect(RawPeer.open(relay.port)).rejects.toThrow();
  });
});
