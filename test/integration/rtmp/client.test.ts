import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AmfValue } from '../../../electron/video/rtmp/amf0.ts';
import { connectRtmp, type RtmpClient } from '../../../electron/video/rtmp/client.ts';
import { parseMjpegFrame } from '../../../electron/video/rtmp/ex-video.ts';
import { type MediaMessage } from '../../../electron/video/rtmp/types.ts';
import { encodeMjpegFrame } from '../../support/rtmp-bytes.ts';
import { type Relay, startRelay } from '../../support/rtmp-relay.ts';
import { Watch } from '../../support/rtmp-watch.ts';

let relay: Relay;
let clients: RtmpClient[] = [];
beforeEach(async () => {
  relay = await startRelay();
});
afterEach(async () => {
  for (const client of clients) void client.dispose();
  clients = [];
  await relay.server.dispose();
});

async function open(path: string): Promise<RtmpClient> {
  const client = await connectRtmp({ url: `rtmp://127.0.0.1:${relay.port}/${path}` });
  clients.push(client);
  return client;
}

function collect(client: RtmpClient) {
  const watch = new Watch();
  const media: MediaMessage[] = [];
  const ends: string[] = [];
  client.onMedia((one) => {
    media.push({ ...one, payload: Buffer.from(one.payload) });
    watch.notify();
  });
  client.onEnd((reason) => {
    ends.push(reason);
    watch.notify();
  });
  return {
    media,
    ends,
    until: <T>(find: () => T | undefined | false, what: string) => watch.until(find, what),
  };
}

describe('the client', () => {
  it('plays what another one publishes: Enhanced RTMP mjpg frames of 80 KB', async () => {
    const publisher = await open('live/desk');
    await publisher.publish();
    const player = await open('live/desk?token=x%20y');
    const got = collect(player);
    await player.play();
    expect(relay.requests.at(-1)!.query.get('token')).toBe('x y');
    const jpegs = Array.from({ length: 30 }, (_, index) => Buffer.alloc(80_000, index));
    jpegs.forEach((jpeg, index) =>
      publisher.send({ type: 9, timestampMs: index * 33, payload: encodeMjpegFrame(jpeg) }),
    );
    await got.until(() => got.media.length === jpegs.length, 'all frames');
    expect(got.media.map(({ timestampMs }) => timestampMs)).toEqual(jpegs.map((_, index) => index * 33));
    got.media.forEach(({ payload }, index) =>
      expect(Buffer.from(parseMjpegFrame(payload)!).equals(jpegs[index]!)).toBe(true),
    );
  });

  it('acknowledges what it plays, so that its backlog falls', async () => {
    const player = await open('gadget/desk');
    await player.play();
    const viewer = relay.viewers[0]!;
    for (let count = 0; count < 50; count++)
      viewer.send({ type: 9, timestampMs: count, payload: Buffer.alloc(60_000) });
    await relay.watch.until(() => viewer.backlogBytes < 130_000, 'acknowledgements');
  });

  it('that stops reading is seen by its backlog, and goes on afterwards', async () => {
    const player = await open('gadget/desk');
    const got = collect(player);
    await player.play();
    const viewer = relay.viewers[0]!;
    viewer.send({ type: 9, timestampMs: 0, payload: Buffer.alloc(200_000) });
    await relay.watch.until(() => viewer.backlogBytes < 1000, 'the first frame');
    player.pauseReading();
    for (let count = 1; count < 20; count++)
      viewer.send({ type: 9, timestampMs: count, payload: Buffer.alloc(60_000) });
    expect(viewer.backlogBytes).toBeGreaterThan(19 * 60_000);
    player.resumeReading();
    await got.until(() => got.media.length === 20, 'all frames');
  });

  it('sends commands with and without arguments', async () => {
    const player = await open('gadget/desk');
    await player.play();
    player.command('crosspoint.tally', { webcam: true });
    player.command('crosspoint.hello');
    await relay.watch.until(() => relay.commands.length === 2, 'the commands');
    expect(relay.commands).toEqual([
      ['crosspoint.tally', [{ webcam: true }]],
      ['crosspoint.hello', []],
    ]);
  });

  it('tells of the commands of the server', async () => {
    const player = await open('gadget/desk');
    const heard: (readonly [string, AmfValue])[] = [];
    player.onCommand(({ name, args }) => void heard.push([name, (args[0] as { code: string }).code]));
    await player.play();
    expect(heard).toEqual([
      ['onStatus', 'NetStream.Play.Reset'],
      ['onStatus', 'NetStream.Play.Start'],
    ]);
  });

  it('is told why it was refused', async () => {
    const player = await open('live/wrong-key');
    await expect(player.play()).rejects.toMatchObject({
      code: 'forbidden',
      message: 'NetStream.Play.StreamNotFound: No such stream.',
    });
    const publisher = await open('live/wrong-key');
    await expect(publisher.publish()).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('tells of its end once, and sends nothing more', async () => {
    const player = await open('live/desk');
    const got = collect(player);
    await player.play();
    relay.viewers[0]!.close('enough');
    await got.until(() => got.ends.length > 0, 'the end');
    expect(player.ended).toBe(true);
    expect(player.send({ type: 9, timestampMs: 0, payload: Buffer.alloc(1) })).toBe(false);
    await expect(player.play()).rejects.toMatchObject({ code: 'unavailable' });
    void player.dispose();
    expect(got.ends).toHaveLength(1);
  });

  it('ends by its signal', async () => {
    const abort = new AbortController();
    const player = await connectRtmp({ url: `rtmp://127.0.0.1:${relay.port}/live/x`, signal: abort.signal });
    await player.play();
    abort.abort();
    expect(player.ended).toBe(true);
    await relay.watch.until(() => relay.events.some((one) => one.startsWith('end of play')), 'the end');
    await expect(
      connectRtmp({ url: `rtmp://127.0.0.1:${relay.port}/live/x`, signal: abort.signal }),
    ).rejects.toThrow();
  });

  it('a listener that throws ends only its own connection', async () => {
    const player = await open('live/desk');
    const other = await open('live/desk');
    const got = collect(other);
    player.onMedia(() => {
      throw new Error('boom');
    });
    await player.play();
    await other.play();
    const message = { type: 9, timestampMs: 0, payload: Buffer.from('2701000000', 'hex') } as const;
    for (const viewer of relay.viewers) viewer.send(message);
    await got.until(() => got.media.length === 1, 'the frame');
    await relay.watch.until(
      () => relay.events.filter((one) => one.startsWith('end of play')).length === 1,
      'the end',
    );
    expect([player.ended, other.ended]).toEqual([true, false]);
  });

  it.each(['http://127.0.0.1/live/x', 'rtmp://', 'rtmp://127.0.0.1', 'rtmp://127.0.0.1/', 'nonsense', ''])(
    'refuses the address %j',
    async (url) => {
      await expect(connectRtmp({ url })).rejects.toMatchObject({ code: 'bad-request' });
    },
  );
});

describe('a server that is not there, or not one', () => {
  let other: Server;
  let port: number;
  beforeEach(async () => {
    other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    port = (other.address() as AddressInfo).port;
  });
  afterEach(() => void other.close());

  it('refuses: unavailable', async () => {
    await new Promise((resolve) => other.close(resolve));
    await expect(connectRtmp({ url: `rtmp://127.0.0.1:${port}/live/x` })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });

  it('says nothing: timeout', async () => {
    other.on('connection', (socket) => socket.on('error', () => undefined).resume());
    await expect(
      connectRtmp({ url: `rtmp://127.0.0.1:${port}/live/x`, timeoutMs: 300 }),
    ).rejects.toMatchObject({ code: 'timeout' });
  });

  it('talks something else: unavailable', async () => {
    other.on('connection', (socket) =>
      socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'),
    );
    await expect(connectRtmp({ url: `rtmp://127.0.0.1:${port}/live/x` })).rejects.toMatchObject({
      code: 'unavailable',
    });
  });
});
