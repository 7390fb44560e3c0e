import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { silentLogger } from '../../../../electron/base/logger.ts';
import { GopCache } from '../../../../electron/video/ingest/gop-cache.ts';
import { flvVideoTag, FLV_HEADER } from '../../../../electron/video/ingest/flv-writer.ts';
import { IngestStream } from '../../../../electron/video/ingest/ingest-stream.ts';
import { LiveRelay } from '../../../../electron/video/ingest/live-relay.ts';
import { RelayClock } from '../../../../electron/video/ingest/relay-clock.ts';
import { FlvReader, type FlvTag } from '../../../../electron/video/delivery/flv-reader.ts';
import { encodeAmf0 } from '../../../../electron/video/rtmp/amf0.ts';
import { parseVideoTag } from '../../../../electron/video/rtmp/ex-video.ts';
import {
  AUDIO,
  DATA_AMF0,
  type MediaMessage,
  type Publisher,
  type PublisherSink,
  VIDEO,
} from '../../../../electron/video/rtmp/types.ts';
import { FakeViewer } from '../../../support/video-fakes.ts';

const video = (timestampMs: number, ...bytes: number[]): MediaMessage => ({
  type: VIDEO,
  timestampMs,
  payload: Buffer.from(bytes),
});
const header = (mark = 1): MediaMessage => video(0, 0x17, 0, 0, 0, 0, mark);
const key = (timestampMs: number, mark = 1, size = 6): MediaMessage =>
  video(timestampMs, 0x17, 1, 0, 0, 0, mark, ...Array<number>(size - 6).fill(0));
const delta = (timestampMs: number, mark = 2): MediaMessage => video(timestampMs, 0x27, 1, 0, 0, 0, mark);
const aac = (timestampMs: number): MediaMessage => ({
  type: AUDIO,
  timestampMs,
  payload: Buffer.from([0xaf, 1, 9]),
});
const tagged = (message: MediaMessage) => ({ message, tag: parseVideoTag(message.payload)! });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

class FakePublisher implements Publisher {
  readonly remoteAddress = '192.0.2.1';
  closed: string | undefined;
  close(reason: string): void {
    this.closed = reason;
  }
}

const publishTo = (stream: IngestStream, publisher = new FakePublisher()): PublisherSink => {
  const answer = stream.accept(publisher);
  if (!answer.accept) throw new Error(answer.description);
  return answer.sink;
};

describe('the pictures since the last key frame', () => {
  it('begin anew with each key frame, and not before the first', () => {
    const gop = new GopCache();
    gop.push(tagged(delta(1)));
    expect(gop.frames).toEqual([]);
    for (const message of [key(10), delta(20), key(30), delta(40)]) gop.push(tagged(message));
    expect(gop.frames.map(({ message }) => message.timestampMs)).toEqual([30, 40]);
  });

  it.each([
    ['bytes', { maxBytes: 20, maxMs: 1e6 }],
    ['time', { maxBytes: 1e6, maxMs: 25 }],
  ])('are forgotten when they are too many in %s, until the next key frame', (_, limits) => {
    const gop = new GopCache(limits);
    for (let i = 0; i < 5; i++) gop.push(tagged(i === 0 ? key(0) : delta(i * 10)));
    expect(gop.frames).toEqual([]);
    expect(gop.sizeBytes).toBe(0);
    gop.push(tagged(key(60)));
    expect(gop.frames.length).toBe(1);
  });

  it('keep no more memory than themselves', () => {
    const gop = new GopCache();
    const received = Buffer.alloc(65_536);
    received.set([0x17, 1, 0, 0, 0, 7], 100);
    gop.push(tagged({ type: VIDEO, timestampMs: 0, payload: received.subarray(100, 106) }));
    expect(gop.frames[0]!.message.payload.buffer.byteLength).toBeLessThan(65_536);
  });
});

describe('a stream key', () => {
  it('takes one publisher at a time, unless the first has fallen silent', () => {
    const stream = new IngestStream(silentLogger);
    const first = new FakePublisher();
    publishTo(stream, first);
    const refused = stream.accept(new FakePublisher());
    expect(refused).toMatchObject({ accept: false, code: 'NetStream.Publish.BadName' });
    vi.advanceTimersByTime(3000);
    expect(stream.accept(new FakePublisher()).accept).toBe(true);
    expect(first.closed).toMatch(/replaced/);
    stream.dispose();
  });

  it('lets a second publisher take the place of the first when that is allowed', () => {
    const stream = new IngestStream(silentLogger);
    stream.takeOver = true;
    const first = new FakePublisher();
    publishTo(stream, first).onMedia(header());
    const second = new FakePublisher();
    publishTo(stream, second);
    expect(first.closed).toMatch(/replaced/);
    expect(second.closed).toBeUndefined();
    expect(stream.videoHeader).toBeUndefined();
    stream.takeOver = false;
    expect(stream.accept(new FakePublisher()).accept).toBe(false);
  });

  it('takes frames from the accepted publisher only', () => {
    const stream = new IngestStream(silentLogger);
    const old = publishTo(stream);
    vi.advanceTimersByTime(3000);
    const sink = publishTo(stream);
    old.onMedia(header());
    old.onEnd('late');
    expect(stream.online).toBe(true);
    expect(stream.videoHeader).toBeUndefined();
    sink.onEnd('bye');
    expect(stream.online).toBe(false);
  });

  it('tells size and rate from the metadata, and survives metadata that is garbage', () => {
    const stream = new IngestStream(silentLogger);
    const sink = publishTo(stream);
    sink.onMedia({ type: DATA_AMF0, timestampMs: 0, payload: Buffer.from([0xff, 0xff]) });
    sink.onMedia({
      type: DATA_AMF0,
      timestampMs: 0,
      payload: encodeAmf0('@setDataFrame', 'onMetaData', { width: -1, height: 'x', framerate: 1e9 }),
    });
    expect(stream.info).toEqual({});
    sink.onMedia({
      type: DATA_AMF0,
      timestampMs: 0,
      payload: encodeAmf0('@setDataFrame', 'onMetaData', { width: 1920, height: 1080, framerate: 30 }),
    });
    expect(stream.info).toEqual({ width: 1920, height: 1080, fps: 30 });
  });

  it('closes its publisher when it is removed', () => {
    const stream = new IngestStream(silentLogger);
    const publisher = new FakePublisher();
    publishTo(stream, publisher);
    stream.dispose();
    expect(publisher.closed).toBeDefined();
    expect(stream.accept(new FakePublisher()).accept).toBe(false);
  });
});

describe('a player of a stream', () => {
  const times = (link: FakeViewer): number[] => link.sent.map(({ timestampMs }) => timestampMs);

  it('starts with the header and the cached pictures, squeezed so that it is in the present', () => {
    const stream = new IngestStream(silentLogger);
    const sink = publishTo(stream);
    for (const message of [header(), key(1000), delta(1033), delta(1066), aac(1070)]) sink.onMedia(message);
    const link = new FakeViewer();
    new LiveRelay(stream, () => false).add(link);
    expect(link.sent.map(({ payload }) => parseVideoTag(payload)!.kind)).toEqual([
      'sequence-header',
      'frame',
      'frame',
      'frame',
    ]);
    expect(Math.max(...times(link))).toBeLessThanOrEqual(3);
    vi.advanceTimersByTime(33);
    sink.onMedia(delta(1100));
    expect(times(link).at(-1)).toBeLessThanOrEqual(40);
    stream.dispose();
    expect(link.closed).toBeDefined();
  });

  it('that comes later is in the present too, and gets the very messages of those who were there', () => {
    const stream = new IngestStream(silentLogger);
    const sink = publishTo(stream);
    const relay = new LiveRelay(stream, () => false);
    const [early, late] = [new FakeViewer(), new FakeViewer()];
    for (const message of [header(), key(1000)]) sink.onMedia(message);
    relay.add(early);
    for (let at = 1033; at <= 1165; at += 33) {
      vi.advanceTimersByTime(33);
      sink.onMedia(delta(at));
    }
    relay.add(late);
    const lateTimes = times(late);
    expect(lateTimes).toEqual([...lateTimes].sort((a, b) => a - b));
    expect(new Set(lateTimes.slice(1)).size).toBe(6);
    expect(lateTimes.at(-1)).toBe(times(early).at(-1));
    vi.advanceTimersByTime(33);
    sink.onMedia(delta(1198));
    expect(late.sent.at(-1)).toBe(early.sent.at(-1));
    expect(times(late).at(-1)! - lateTimes.at(-1)!).toBe(33);
    stream.dispose();
  });

  it('that is behind gets nothing until it has caught up, and then begins at a key frame', () => {
    const stream = new IngestStream(silentLogger);
    const sink = publishTo(stream);
    const link = new FakeViewer();
    new LiveRelay(stream, () => false).add(link);
    for (const message of [header(), key(0), delta(33)]) sink.onMedia(message);
    const before = link.sent.length;
    link.backlogBytes = 1e9;
    for (const message of [delta(66), key(100), delta(133)]) sink.onMedia(message);
    link.backlogBytes = 0;
    sink.onMedia(delta(166));
    expect(link.sent.length).toBe(before);
    sink.onMedia(key(200, 5));
    expect(link.sent.slice(before).map(({ payload }) => parseVideoTag(payload)!.kind)).toEqual([
      'sequence-header',
      'frame',
    ]);
    stream.dispose();
  });

  it('sees nothing of a muted ingest, and a key frame first when it is not muted any more', () => {
    const stream = new IngestStream(silentLogger);
    const sink = publishTo(stream);
    let muted = true;
    for (const message of [header(), key(0)]) sink.onMedia(message);
    const link = new FakeViewer();
    new LiveRelay(stream, () => muted).add(link);
    for (const message of [delta(33), aac(40), key(66)]) sink.onMedia(message);
    expect(link.sent).toEqual([]);
    muted = false;
    sink.onMedia(delta(100));
    expect(link.sent).toEqual([]);
    sink.onMedia(key(133));
    expect(link.sent.length).toBe(2);
    stream.dispose();
  });

  it('is held while the publisher is away, and its timestamps go on in real time with the next one', () => {
    const stream = new IngestStream(silentLogger);
    const link = new FakeViewer();
    new LiveRelay(stream, () => false).add(link);
    const first = publishTo(stream);
    for (const message of [header(), key(900_000), delta(900_033)]) first.onMedia(message);
    const lastMs = times(link).at(-1)!;
    first.onEnd('gone');
    vi.advanceTimersByTime(2000);
    const second = publishTo(stream);
    for (const message of [header(2), key(0), delta(33)]) second.onMedia(message);
    expect(link.closed).toBeUndefined();
    expect(times(link).at(-2)! - lastMs).toBeGreaterThanOrEqual(2000);
    expect(times(link).at(-2)! - lastMs).toBeLessThan(2100);
    stream.dispose();
  });
});

describe('sound, to the players of a stream', () => {
  let stream: IngestStream;
  let sink: PublisherSink;
  let players: FakeViewer[];
  beforeEach(() => {
    stream = new IngestStream(silentLogger);
    sink = publishTo(stream);
    for (const message of [header(), key(0)]) sink.onMedia(message);
  });
  afterEach(() => stream.dispose());

  function play(count: number): void {
    const relay = new LiveRelay(stream, () => false);
    players = Array.from({ length: count }, () => new FakeViewer());
    for (const player of players) relay.add(player);
    for (const player of players) player.sent.length = player.writes = 0;
  }
  /** This comes so long after what came before it. */
  function comes(afterMs: number, message: MediaMessage): void {
    vi.advanceTimersByTime(afterMs);
    sink.onMedia(message);
  }
  /** What each of them got so far, and in how many writes. */
  function got(): readonly [kinds: string, writes: number] {
    const each = players.map(({ sent, writes }) => {
      const times = sent.map(({ timestampMs }) => timestampMs);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      return [sent.map(({ type }) => (type === AUDIO ? 'a' : 'V')).join(''), writes] as const;
    });
    for (const one of each) expect(one).toEqual(each[0]);
    return each[0]!;
  }

  it('goes at once when they are few', () => {
    play(3);
    comes(33, delta(33));
    comes(10, aac(43));
    expect(got()).toEqual(['Va', 2]);
  });

  it('goes in one write with the next picture when they are many', () => {
    play(20);
    comes(33, delta(33));
    comes(10, aac(43));
    expect(got()).toEqual(['V', 1]);
    comes(10, aac(53));
    comes(13, delta(66));
    expect(got()).toEqual(['VaaV', 2]);
  });

  it('goes alone when pictures come seldom', () => {
    play(20);
    comes(33, delta(33));
    comes(21, aac(54));
    comes(21, aac(75));
    expect(got()).toEqual(['Vaa', 2]);
    comes(21, aac(96));
    expect(got()).toEqual(['Vaaa', 3]);
  });

  it('is not lost when the publisher ends', () => {
    play(20);
    comes(33, delta(33));
    comes(10, aac(43));
    sink.onEnd('gone');
    expect(got()).toEqual(['Va', 2]);
  });

  it('does not go to a newcomer who was not there when it came', () => {
    const relay = new LiveRelay(stream, () => false);
    const players = Array.from({ length: 9 }, () => new FakeViewer());
    for (const player of players.slice(0, 8)) relay.add(player);
    comes(33, delta(33));
    comes(10, aac(43));
    const [first, newcomer] = [players[0]!, players[8]!];
    relay.add(newcomer);
    expect(first.sent.at(-1)!.type).toBe(AUDIO);
    comes(23, delta(66));
    expect(newcomer.sent.some(({ type }) => type === AUDIO)).toBe(false);
  });

  it('goes to one that waits for a key frame, but for one that is behind', () => {
    play(20);
    const [waiting, behind] = [players[0]!, players[1]!];
    waiting.backlogBytes = behind.backlogBytes = 1e9;
    comes(33, delta(33));
    waiting.backlogBytes = 0;
    comes(10, aac(43));
    comes(23, delta(66));
    expect([waiting, behind].map(({ sent }) => sent.map(({ type }) => type))).toEqual([[AUDIO], []]);
  });
});

describe("a viewer's clock", () => {
  it('never goes back and never leaps, whatever the publisher’s does', () => {
    const clock = new RelayClock();
    let last = -1;
    for (const timestampMs of [5000, 5033, 5020, 5066, 90_000_000, 90_000_033, 3, 36, 69]) {
      vi.advanceTimersByTime(33);
      const out = clock.map(timestampMs);
      expect(out).toBeGreaterThanOrEqual(last);
      expect(out - last).toBeLessThan(200);
      last = out;
    }
  });
});

describe('FLV', () => {
  it('that was written is read the same, in any pieces', () => {
    const messages = [header(), key(0), delta(33), delta(0x1234567)];
    const bytes = Buffer.concat([
      FLV_HEADER,
      ...messages.flatMap((message) => flvVideoTag(tagged(message), message.timestampMs)),
    ]);
    for (const size of [1, 3, 7, 1000]) {
      const tags: FlvTag[] = [];
      const reader = new FlvReader((tag) => tags.push({ ...tag, body: Buffer.from(tag.body) }));
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      expect(tags).toEqual(
        messages.map(({ type, timestampMs, payload }) => ({ type, timestampMs, body: payload })),
      );
    }
  });

  it('holds H.264 of Enhanced RTMP in the form that every ffmpeg reads', () => {
    const enhanced = video(0, 0x91, 0x61, 0x76, 0x63, 0x31, 0xff, 0xff, 0xfe, 42); // key frame, CodedFrames, avc1, −2 ms
    const body = Buffer.concat(flvVideoTag(tagged(enhanced), 0)).subarray(11, -4);
    expect([...body]).toEqual([0x17, 1, 0xff, 0xff, 0xfe, 42]);
  });
});
