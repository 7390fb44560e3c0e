import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AmfValue, encodeAmf0 } from '../../../electron/video/rtmp/amf0.ts';
import {
  abort,
  be32,
  chunk,
  message,
  randomBytesOf,
  seeded,
  setChunkSize,
} from '../../support/rtmp-bytes.ts';
import { RawPeer } from '../../support/rtmp-peer.ts';
import { type Relay, startRelay } from '../../support/rtmp-relay.ts';

let relay: Relay;
beforeAll(async () => {
  relay = await startRelay({ limits: { maxMediaBytes: 1_000_000 } });
});
afterAll(() => relay.server.dispose());

const frame = message(9, Buffer.from('1701000000aabbcc', 'hex'), { csid: 6, streamId: 1, time: 40 });

/** The proof that nothing else was hurt: somebody publishes, somebody plays, and a frame goes through. */
async function serves(name: string): Promise<void> {
  const publisher = await RawPeer.publishing(relay.port, name);
  const player = await RawPeer.playing(relay.port, name);
  publisher.write(frame);
  await player.until(() => player.media.length === 1, 'the frame');
  for (const peer of [publisher, player]) peer.destroy();
}

type Start = 'open' | 'shaken' | 'connected' | 'publishing' | 'playing';
const NAME = 'victim';
const starts: Record<Start, (port: number) => Promise<RawPeer>> = {
  open: (port) => RawPeer.open(port),
  shaken: (port) => RawPeer.shaken(port),
  connected: (port) => RawPeer.connected(port),
  publishing: (port) => RawPeer.publishing(port, NAME),
  playing: (port) => RawPeer.playing(port, NAME),
};

const text = (value: string): Buffer => Buffer.from(value);
const command = (...values: readonly AmfValue[]): Buffer => message(20, encodeAmf0(...values));
const hex = (value: string): Buffer => Buffer.from(value.replaceAll(' ', ''), 'hex');
const connectName = encodeAmf0('connect', 1);

/** What the server does: closes at once, refuses with a status and closes, or answers and goes on. */
type Outcome =
  | { readonly closed: true }
  | { readonly refused: string }
  | { readonly answered: number }
  | { readonly ignored: true };
const closed: Outcome = { closed: true };
const ignored: Outcome = { ignored: true };

const cases: readonly (readonly [string, Start, Outcome, readonly Uint8Array[]])[] = [
  // Handshake
  ['HTTP instead of RTMP', 'open', closed, [text('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]],
  ['TLS instead of RTMP', 'open', closed, [hex('16030100c8010000c40303')]],
  ['version 0', 'open', closed, [RawPeer.hello(0)]],
  ['version 6 (encrypted RTMP)', 'open', closed, [RawPeer.hello(6)]],
  ['version 255', 'open', closed, [RawPeer.hello(255)]],
  ['a chunk in place of the handshake', 'open', closed, [frame]],
  // Chunks
  [
    'random bytes after the handshake',
    'shaken',
    closed,
    [hex('deadbeefcafe'), randomBytesOf(seeded(9), 3000)],
  ],
  [
    'type 3 without a message before it',
    'shaken',
    closed,
    [chunk({ format: 3, csid: 5 }), Buffer.alloc(128)],
  ],
  ['type 1 without a message before it', 'shaken', closed, [chunk({ format: 1, csid: 5, size: 4 })]],
  ['type 2 without a message before it', 'shaken', closed, [chunk({ format: 2, csid: 70 })]],
  [
    'a new header in the middle of a message',
    'shaken',
    closed,
    [chunk({ format: 0, size: 300, payload: Buffer.alloc(128) }), chunk({ format: 0, size: 300 })],
  ],
  ['chunk size 0', 'shaken', closed, [setChunkSize(0)]],
  ['chunk size 4294967295', 'shaken', closed, [setChunkSize(0xffffffff)]],
  ['an empty Set Chunk Size', 'shaken', closed, [message(1, Buffer.alloc(0), { csid: 2 })]],
  ['an empty Abort', 'shaken', closed, [message(2, Buffer.alloc(0), { csid: 2 })]],
  ['an empty Acknowledgement', 'shaken', closed, [message(3, Buffer.alloc(0), { csid: 2 })]],
  ['an empty user control message', 'shaken', closed, [message(4, Buffer.alloc(0), { csid: 2 })]],
  ['a ping without its time', 'shaken', closed, [message(4, hex('0006'), { csid: 2 })]],
  [
    'a control message of 16 MB',
    'shaken',
    closed,
    [chunk({ format: 0, csid: 2, typeId: 4, size: 0xffffff })],
  ],
  ['a command of 16 MB', 'shaken', closed, [chunk({ format: 0, typeId: 20, size: 0xffffff })]],
  [
    'hundreds of chunk streams',
    'shaken',
    closed,
    [...Array(200).keys()].map((index) =>
      chunk({ format: 0, csid: 10 + index, size: 1000, payload: Buffer.alloc(128) }),
    ),
  ],
  ['an abort of a chunk stream that nobody used', 'connected', ignored, [abort(4711)]],
  [
    'an acknowledgement of more than was sent',
    'connected',
    ignored,
    [message(3, be32(0xfffffff0), { csid: 2 })],
  ],
  ['a window of 0', 'connected', ignored, [message(5, be32(0), { csid: 2 })]],
  [
    'a user control event of no known type',
    'connected',
    ignored,
    [message(4, hex('7fff 00000001'), { csid: 2 })],
  ],
  ['a message of no known type', 'connected', ignored, [message(99, Buffer.alloc(100))]],
  ['message type 0', 'connected', ignored, [message(0, Buffer.alloc(10))]],
  ['a shared object', 'connected', ignored, [message(19, Buffer.alloc(100))]],
  // AMF
  ['an empty command', 'shaken', closed, [message(20, Buffer.alloc(0))]],
  ['an empty AMF3 command', 'shaken', closed, [message(17, Buffer.alloc(0))]],
  ['a command of garbage', 'shaken', closed, [message(20, randomBytesOf(seeded(1), 100))]],
  ['a command in real AMF3', 'shaken', closed, [message(17, hex('11 0a0b01'))]],
  ['a command whose name is a number', 'shaken', closed, [command(1, 1)]],
  ['a command whose name is null', 'shaken', closed, [command(null)]],
  ['a string that does not end', 'shaken', closed, [message(20, hex('02 ffff 636f6e'))]],
  [
    'an object that does not end',
    'shaken',
    closed,
    [message(20, Buffer.concat([connectName, hex('03 0003 617070')]))],
  ],
  [
    'objects in objects in objects',
    'shaken',
    closed,
    [message(20, Buffer.concat([connectName, Buffer.alloc(100, hex('03 0001 61'))]))],
  ],
  [
    'a strict array of 4294967295',
    'shaken',
    closed,
    [message(20, Buffer.concat([connectName, hex('0a ffffffff')]))],
  ],
  [
    'an ECMA array of 4294967295',
    'shaken',
    closed,
    [message(20, Buffer.concat([connectName, hex('08 ffffffff')]))],
  ],
  ['a reference to an object', 'shaken', closed, [message(20, Buffer.concat([connectName, hex('07 0001')]))]],
  // Commands
  ['connect without anything', 'shaken', { answered: 0 }, [command('connect')]],
  ['connect without an object', 'shaken', { answered: 1 }, [command('connect', 1, null)]],
  ['connect without tcUrl', 'shaken', { answered: 1 }, [command('connect', 1, { app: 'live' })]],
  [
    'connect with a tcUrl that is no URL',
    'shaken',
    { answered: 1 },
    [command('connect', 1, { app: 'live', tcUrl: '%%%:/\0' })],
  ],
  [
    'connect with a number as tcUrl',
    'shaken',
    { answered: 1 },
    [command('connect', 1, { app: 1, tcUrl: 2 })],
  ],
  ['connect with transaction NaN', 'shaken', { answered: NaN }, [command('connect', NaN, { app: 'live' })]],
  ['connect with transaction -1', 'shaken', { answered: -1 }, [command('connect', -1, { app: 'live' })]],
  [
    'createStream with transaction -Infinity',
    'connected',
    { answered: -Infinity },
    [command('createStream', -Infinity)],
  ],
  ['connect twice', 'connected', closed, [command('connect', 2, { app: 'live' })]],
  ['play before connect', 'shaken', closed, [command('play', 2, null, 'x')]],
  ['publish before connect', 'shaken', closed, [command('publish', 2, null, 'x', 'live')]],
  ['media before connect', 'shaken', ignored, [frame]],
  ['media without publish', 'connected', ignored, [frame]],
  ['an unknown command', 'connected', { answered: 7 }, [command('launchMissiles', 7, null, 'now')]],
  ['a command named __proto__', 'connected', { answered: 7 }, [command('__proto__', 7, null)]],
  ['publish without a name', 'connected', { refused: 'NetStream.Publish.BadName' }, [command('publish', 2)]],
  [
    'publish of null',
    'connected',
    { refused: 'NetStream.Publish.BadName' },
    [command('publish', 2, null, null, 'live')],
  ],
  [
    'publish of an object',
    'connected',
    { refused: 'NetStream.Publish.BadName' },
    [command('publish', 2, null, {}, 'live')],
  ],
  [
    'publish of an empty name',
    'connected',
    { refused: 'NetStream.Publish.BadName' },
    [command('publish', 2, null, '', 'live')],
  ],
  [
    'publish of a query alone',
    'connected',
    { refused: 'NetStream.Publish.BadName' },
    [command('publish', 2, null, '?a=b')],
  ],
  [
    'publish twice',
    'publishing',
    { refused: 'NetStream.Publish.BadName' },
    [command('publish', 3, null, 'other', 'live')],
  ],
  [
    'publish while playing',
    'playing',
    { refused: 'NetStream.Publish.BadName' },
    [command('publish', 3, null, 'other')],
  ],
  [
    'play of null',
    'connected',
    { refused: 'NetStream.Play.StreamNotFound' },
    [command('play', 2, null, null)],
  ],
  ['play twice', 'playing', { refused: 'NetStream.Play.Failed' }, [command('play', 3, null, 'other')]],
  ['pause without playing', 'connected', ignored, [command('pause', 3, null, true, 0)]],
  [
    'closeStream of nothing',
    'connected',
    ignored,
    [command('closeStream', 0, null), command('deleteStream', 0, null, 99)],
  ],
  ['many commands at once', 'connected', closed, Array.from({ length: 1000 }, () => command('ping', 0))],
  // Media
  ['an empty video message', 'publishing', ignored, [message(9, Buffer.alloc(0), { csid: 6 })]],
  ['an empty audio message', 'publishing', ignored, [message(8, Buffer.alloc(0), { csid: 4 })]],
  ['an empty data message', 'publishing', ignored, [message(18, Buffer.alloc(0))]],
  [
    'video of one byte',
    'publishing',
    ignored,
    [message(9, hex('17'), { csid: 6 }), message(9, hex('90'), { csid: 6 })],
  ],
  ['metadata of garbage', 'publishing', ignored, [message(18, randomBytesOf(seeded(2), 100))]],
  [
    'metadata of arrays in arrays',
    'publishing',
    ignored,
    [message(18, Buffer.alloc(125, hex('0a 00000001')))],
  ],
  ['an aggregate cut short', 'publishing', closed, [message(22, hex('09 ffffff 000000 00'))]],
  [
    'an aggregate that claims too much',
    'publishing',
    closed,
    [message(22, hex('09 ffffff 000000 00 000000 1701'))],
  ],
  [
    'a video message over the limit',
    'publishing',
    closed,
    [chunk({ format: 0, csid: 6, typeId: 9, size: 1_000_001 })],
  ],
];

describe('malformed input closes or answers its own connection, and the next client is served', () => {
  it('covers at least the 26 kinds that break other servers', () => {
    expect(cases.length).toBeGreaterThanOrEqual(26);
  });

  it.each(cases)('%s', async (name, start, outcome, input) => {
    relay.logs.length = 0;
    const peer = await starts[start](relay.port);
    peer.write(...input);
    if ('refused' in outcome) await peer.status(outcome.refused);
    if ('answered' in outcome) await peer.answer(outcome.answered);
    if ('closed' in outcome || 'refused' in outcome) await peer.gone();
    else {
      // It still listens.
      peer.write(message(4, hex('0006 12345678'), { csid: 2 }));
      await peer.until(
        () => peer.messages.some(({ payload }) => payload.toString('hex') === '000712345678'),
        'a pong',
      );
    }
    expect(relay.logs.filter(({ level }) => level === 'error')).toEqual([]);
    if ('closed' in outcome) expect(relay.logs.filter(({ level }) => level === 'warn')).toHaveLength(1);
    peer.destroy();
    await serves(`after ${name.replaceAll(/[^a-z0-9]/gi, '-')}`);
  });

  it('a refused publisher does not get a frame to anybody', async () => {
    const player = await RawPeer.playing(relay.port, 'wrong-key-viewers');
    const peer = await RawPeer.connected(relay.port);
    peer.command('publish', 2, null, 'wrong-key', 'live');
    peer.write(frame, frame);
    await peer.status('NetStream.Publish.BadName');
    await peer.gone();
    expect(relay.channel('wrong-key').messages).toBe(0);
    player.destroy();
  });

  it('frames that a player sends reach nobody', async () => {
    const publisher = await RawPeer.publishing(relay.port, 'one-way');
    const player = await RawPeer.playing(relay.port, 'one-way');
    const other = await RawPeer.playing(relay.port, 'one-way');
    player.write(
      message(9, Buffer.from('1701000000ffff', 'hex'), { csid: 6, streamId: 1 }),
      message(4, hex('0006 00000001'), { csid: 2 }),
    );
    await player.until(
      () => player.messages.some(({ payload }) => payload.toString('hex') === '000700000001'),
      'a pong',
    );
    publisher.write(frame);
    await other.until(() => other.media.length > 0, 'the frame');
    expect(other.media.map(({ payload }) => payload.toString('hex'))).toEqual(['1701000000aabbcc']);
    for (const peer of [publisher, player, other]) peer.destroy();
  });

  it('random and damaged sessions, 300 of them, leave the server as it was', async () => {
    const random = seeded(77);
    const session = Buffer.concat([
      command('connect', 1, { app: 'live', tcUrl: 'rtmp://h/live' }),
      command('createStream', 2, null),
      command('publish', 3, null, 'fuzz', 'live'),
      setChunkSize(4096),
      frame,
      message(8, Buffer.from('af0121', 'hex'), { csid: 4, streamId: 1 }),
      command('deleteStream', 4, null, 1),
    ]);
    for (let round = 0; round < 300; round += 20) {
      const peers = await Promise.all(Array.from({ length: 20 }, () => RawPeer.open(relay.port)));
      for (const peer of peers) {
        const bytes = Buffer.concat([RawPeer.hello(), Buffer.alloc(1536), session]);
        const from = random() < 0.2 ? 0 : 3073;
        for (let count = Math.floor(random() * 8); count >= 0; count--)
          bytes[from + Math.floor(random() * (bytes.length - from))] = Math.floor(random() * 256);
        peer.write(random() < 0.1 ? randomBytesOf(random, 5000) : bytes);
        peer.socket.end();
      }
      await Promise.all(peers.map((peer) => peer.gone()));
    }
    expect(relay.logs.filter(({ level }) => level === 'error')).toEqual([]);
    await serves('after-fuzz');
  });
});
