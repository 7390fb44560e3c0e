import { describe, expect, it } from 'vitest';
import { CrosspointError } from '../../../../electron/contract/index.ts';
import { splitAggregate } from '../../../../electron/video/rtmp/aggregate.ts';
import { decodeAmf0, encodeAmf0 } from '../../../../electron/video/rtmp/amf0.ts';
import { ChunkReader } from '../../../../electron/video/rtmp/chunk-reader.ts';
import { readCommand } from '../../../../electron/video/rtmp/command.ts';
import { parseAudioTag, parseMjpegFrame, parseVideoTag } from '../../../../electron/video/rtmp/ex-video.ts';
import { HandshakeReader } from '../../../../electron/video/rtmp/handshake.ts';
import { asMedia } from '../../../../electron/video/rtmp/media.ts';
import { parseStreamName } from '../../../../electron/video/rtmp/stream-name.ts';
import {
  encodeMjpegFrame,
  message,
  randomBytesOf,
  seeded,
  setChunkSize,
} from '../../../support/rtmp-bytes.ts';

/**
 * Random and damaged input, the same at every run. Nothing may be thrown but our own errors, and nothing may be kept
 * beyond the limits.
 */
const ROUNDS = 3000;

const bodies = [
  encodeAmf0('connect', 1, {
    app: 'live',
    tcUrl: 'rtmp://h/live',
    list: ['a', { b: null }],
    when: new Date(0),
  }),
  encodeAmf0('publish', 2, null, 'desk?token=x', 'live'),
  Buffer.concat([encodeAmf0('@setDataFrame'), encodeAmf0('onMetaData', { width: 1280 })]),
  encodeMjpegFrame(Buffer.alloc(40, 3)),
  Buffer.from('9702aabbcc0268766331000021', 'hex'),
  Buffer.from('080000020001f400000000af0100000000d090000003000208000000002701000000000e', 'hex'),
];

/** Some bytes changed, cut or doubled. */
function damage(random: () => number, bytes: Buffer): Buffer {
  const below = (limit: number): number => Math.floor(random() * limit);
  let out = Buffer.from(bytes);
  for (let count = below(6); count > 0; count--) {
    const at = below(out.length + 1);
    switch (below(4)) {
      case 0:
        if (at < out.length) out[at] = below(256);
        break;
      case 1:
        if (at < out.length) out[at] = 0xff;
        break;
      case 2:
        out = out.subarray(0, at);
        break;
      default:
        out = Buffer.concat([out.subarray(0, at), out.subarray(below(at + 1))]);
    }
  }
  return out;
}

function onlyOurErrors(act: () => void): void {
  try {
    act();
  } catch (error) {
    if (!(error instanceof CrosspointError)) throw error;
  }
}

const inputs = function* (seed: number): Generator<Buffer> {
  const random = seeded(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const body = bodies[round % bodies.length]!;
    yield round % 3 === 0 ? randomBytesOf(random, Math.floor(random() * 200)) : damage(random, body);
  }
};

describe('random and damaged input', () => {
  it('of AMF0 and commands throws only our errors', () => {
    for (const input of inputs(1)) {
      onlyOurErrors(() => void decodeAmf0(input));
      for (const typeId of [17, 20])
        onlyOurErrors(() => void readCommand({ typeId, streamId: 0, timestampMs: 0, payload: input }));
    }
  });

  it('of tags, data messages and aggregates throws only our errors', () => {
    for (const input of inputs(2)) {
      parseVideoTag(input);
      parseAudioTag(input);
      parseMjpegFrame(input);
      for (const typeId of [8, 9, 15, 18]) asMedia({ typeId, streamId: 1, timestampMs: 0, payload: input });
      onlyOurErrors(() => [...splitAggregate({ typeId: 22, streamId: 1, timestampMs: 0, payload: input })]);
    }
  });

  it('of names throws nothing', () => {
    for (const input of inputs(3)) {
      const text = input.toString('latin1');
      const at = text.length >> 1;
      expect(typeof parseStreamName(text.slice(0, at), text, text.slice(at)).name).toBe('string');
    }
  });

  it('of the handshake throws only our errors', () => {
    for (const input of inputs(4))
      onlyOurErrors(() => {
        const reader = new HandshakeReader();
        reader.push(Buffer.concat([Buffer.from([3]), input]));
        reader.push(Buffer.alloc(4000));
      });
  });

  it('of chunks throws only our errors and keeps no more than allowed', () => {
    const random = seeded(5);
    for (let round = 0; round < ROUNDS; round++) {
      const count = 1 + Math.floor(random() * 6);
      const whole = Buffer.concat([
        ...(round % 2 === 0 ? [setChunkSize(1 + Math.floor(random() * 300))] : []),
        ...Array.from({ length: count }, () => {
          const body = bodies[Math.floor(random() * bodies.length)]!;
          return message([8, 9, 18, 20][Math.floor(random() * 4)]!, body, {
            csid: 2 + Math.floor(random() * 70),
          });
        }),
      ]);
      const input = round % 5 === 0 ? randomBytesOf(random, 2000) : damage(random, whole);
      const reader = new ChunkReader({
        maxChunkStreams: 16,
        admit: (typeId, size) => {
          if (size > 100_000) throw new CrosspointError('too-large', 'too large');
          return typeId !== 8;
        },
        onMessage: () => undefined,
      });
      const cut = 1 + Math.floor(random() * 100);
      onlyOurErrors(() => {
        for (let at = 0; at < input.length; at += cut) reader.push(input.subarray(at, at + cut));
      });
      expect(reader.unfinishedBytes).toBeLessThanOrEqual(256 * 1024);
    }
  });
});
