import { describe, expect, it } from 'vitest';
import { splitAggregate } from '../../../../electron/video/rtmp/aggregate.ts';
import { encodeAmf0 } from '../../../../electron/video/rtmp/amf0.ts';
import { type RtmpMessage } from '../../../../electron/video/rtmp/chunk-reader.ts';
import { readCommand } from '../../../../electron/video/rtmp/command.ts';
import { HandshakeReader, makeHello } from '../../../../electron/video/rtmp/handshake.ts';
import { MediaEncoder } from '../../../../electron/video/rtmp/media-encoder.ts';
import { asMedia } from '../../../../electron/video/rtmp/media.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const message = (typeId: number, payload: Buffer, timestampMs = 0): RtmpMessage => ({
  typeId,
  streamId: 1,
  timestampMs,
  payload,
});

describe('readCommand', () => {
  it('reads name, transaction, object and arguments', () => {
    expect(readCommand(message(20, encodeAmf0('publish', 5, null, 'desk', 'live')))).toEqual({
      name: 'publish',
      transactionId: 5,
      object: undefined,
      args: ['desk', 'live'],
    });
  });

  it('reads an AMF3 command, with and without its leading zero', () => {
    const body = encodeAmf0('createStream', 2, null);
    expect(readCommand(message(17, Buffer.concat([hex('00'), body])))).toMatchObject({
      name: 'createStream',
    });
    expect(readCommand(message(17, body))).toMatchObject({ name: 'createStream' });
  });

  it('takes an object in place of the command object as an argument too', () => {
    expect(readCommand(message(20, encodeAmf0('crosspoint.tally', 0, { webcam: true })))).toMatchObject({
      args: [{ webcam: true }],
    });
    expect(readCommand(message(20, encodeAmf0('crosspoint.tally', 0, null, { webcam: true })))).toMatchObject(
      {
        args: [{ webcam: true }],
      },
    );
  });

  it('does without a transaction id', () => {
    expect(readCommand(message(20, encodeAmf0('createStream')))).toMatchObject({
      transactionId: 0,
      args: [],
    });
    expect(readCommand(message(20, encodeAmf0('createStream', 'two')))).toMatchObject({ transactionId: 0 });
  });

  it.each([encodeAmf0(), encodeAmf0(null), encodeAmf0(3), hex('ff00')])(
    'refuses one without a name',
    (body) => {
      expect(() => readCommand(message(20, body))).toThrow();
    },
  );
});

describe('asMedia', () => {
  it('strips @setDataFrame', () => {
    const metaData = encodeAmf0('onMetaData', { width: 1 });
    const wrapped = Buffer.concat([encodeAmf0('@setDataFrame'), metaData]);
    expect(asMedia(message(18, wrapped, 3))).toEqual({ type: 18, timestampMs: 3, payload: metaData });
    expect(asMedia(message(18, metaData))?.payload).toEqual(metaData);
    expect(asMedia(message(15, Buffer.concat([hex('00'), wrapped])))).toMatchObject({
      type: 18,
      payload: metaData,
    });
  });

  it.each<[string, RtmpMessage]>([
    ['empty video', message(9, Buffer.alloc(0))],
    ['empty audio', message(8, Buffer.alloc(0))],
    ['empty data', message(18, Buffer.alloc(0))],
    ['@setDataFrame alone', message(18, encodeAmf0('@setDataFrame'))],
    ['@clearDataFrame', message(18, encodeAmf0('@clearDataFrame'))],
    ['a shared object', message(19, hex('0102'))],
  ])('hands on nothing for %s', (_, one) => {
    expect(asMedia(one)).toBeUndefined();
  });
});

describe('splitAggregate', () => {
  const tag = (typeId: number, ms: number, payload: string): Buffer => {
    const body = hex(payload);
    const head = Buffer.alloc(11);
    head[0] = typeId;
    head.writeUIntBE(body.length, 1, 3);
    head.writeUIntBE(ms & 0xffffff, 4, 3);
    head[7] = ms >>> 24;
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(11 + body.length);
    return Buffer.concat([head, body, tail]);
  };

  it('gives the messages within, their times from that of the aggregate', () => {
    const payload = Buffer.concat([tag(8, 500, 'af01'), tag(9, 520, '2701'), tag(8, 0x01000000, '')]);
    expect([...splitAggregate(message(22, payload, 10_000))]).toEqual([
      message(8, hex('af01'), 10_000),
      message(9, hex('2701'), 10_020),
      message(8, hex(''), 10_000 + 0x01000000 - 500),
    ]);
  });

  it('does without the last back pointer, and is empty when it is empty', () => {
    expect([...splitAggregate(message(22, tag(9, 0, '2701').subarray(0, 13)))]).toHaveLength(1);
    expect([...splitAggregate(message(22, Buffer.alloc(0)))]).toEqual([]);
  });

  it.each([1, 10, 12])('refuses one cut after %i bytes', (size) => {
    expect(() => [...splitAggregate(message(22, tag(9, 0, '2701').subarray(0, size)))]).toThrow(/aggregate/);
  });
});

describe('HandshakeReader', () => {
  it.each([1, 7, 1537, 5000])('reads both parts and leaves the rest, in pieces of %i bytes', (size) => {
    const first = makeHello();
    const second = Buffer.alloc(1536, 2);
    const all = Buffer.concat([first, second, hex('0102')]);
    const reader = new HandshakeReader();
    const parts: Buffer[] = [];
    let rest = Buffer.alloc(0);
    for (let at = 0; at < all.length; at += size) {
      let data = all.subarray(at, at + size);
      while (data.length > 0 && parts.length < 2) {
        const done = reader.push(data);
        if (!done) break;
        parts.push(Buffer.from(done.bytes));
        data = done.rest as typeof data;
      }
      if (parts.length === 2) rest = Buffer.concat([rest, data]);
    }
    expect(parts).toEqual([first.subarray(1), second]);
    expect(rest).toEqual(hex('0102'));
  });

  it.each([0, 1, 2, 4, 6, 0x16, 0x47])('refuses version %i', (version) => {
    expect(() => new HandshakeReader().push(Buffer.from([version]))).toThrow(/Not RTMP/);
  });

  it('says by zeros that it knows no digest', () => {
    expect(makeHello().subarray(0, 9)).toEqual(hex('03 00000000 00000000'));
    expect(makeHello()).toHaveLength(1537);
    expect(makeHello()).not.toEqual(makeHello());
  });
});

describe('MediaEncoder', () => {
  it('encodes messages once for all who get them', () => {
    const encoder = new MediaEncoder();
    const media = { type: 9, timestampMs: 5, payload: Buffer.alloc(100, 1) } as const;
    const bytes = encoder.encode([media]);
    expect(encoder.encode([media])).toBe(bytes);
    expect(encoder.encode([{ ...media, timestampMs: 6 }])).not.toEqual(bytes);
    encoder.forget();
    expect(encoder.encode([media])).toEqual(bytes);
  });

  it('encodes several as they would be one by one', () => {
    const sound = { type: 8, timestampMs: 4, payload: Buffer.alloc(3, 2) } as const;
    const picture = { type: 9, timestampMs: 5, payload: Buffer.alloc(100_000, 1) } as const;
    const each = [sound, picture].map((message) => new MediaEncoder().encode([message]));
    expect(new MediaEncoder().encode([sound, picture]).equals(Buffer.concat(each))).toBe(true);
  });
});
