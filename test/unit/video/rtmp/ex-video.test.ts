import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAudioTag, parseMjpegFrame, parseVideoTag } from '../../../../electron/video/rtmp/ex-video.ts';
import { encodeMjpegFrame } from '../../../support/rtmp-bytes.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const cc = (text: string): string => Buffer.from(text).toString('hex');

describe('parseVideoTag', () => {
  it.each([
    [
      'an AVC sequence header',
      '17 00 000000 0164',
      { codec: 'avc1', kind: 'sequence-header', keyFrame: true, bodyOffset: 5 },
    ],
    [
      'an AVC key frame',
      '17 01 000050 0000',
      { codec: 'avc1', kind: 'frame', keyFrame: true, compositionMs: 80 },
    ],
    [
      'an AVC frame before its time',
      '27 01 fffff6 0000',
      { kind: 'frame', keyFrame: false, compositionMs: -10 },
    ],
    ['the end of AVC', '17 02 000000', { kind: 'sequence-end' }],
    ['an AVC packet of no known type', '17 09 000000', { kind: 'other' }],
    ['a Sorenson key frame', '12 00', { codec: 'h263', kind: 'frame', keyFrame: true, bodyOffset: 1 }],
    ['a VP6 frame', '24 00', { codec: 'vp6f', kind: 'frame', keyFrame: false }],
    ['HEVC by the number that encoders made up', '1c 00 000000', { codec: 'hvc1', kind: 'sequence-header' }],
    ['a command frame', '57 00', { kind: 'other', keyFrame: false }],
    [
      'the start of enhanced HEVC',
      `90 ${cc('hvc1')} 01`,
      { codec: 'hvc1', kind: 'sequence-header', keyFrame: true, bodyOffset: 5, enhanced: true },
    ],
    [
      'an enhanced HEVC frame with composition time',
      `91 ${cc('hvc1')} 000021 00`,
      { kind: 'frame', keyFrame: true, compositionMs: 33, bodyOffset: 8 },
    ],
    [
      'an enhanced AVC frame with negative composition time',
      `a1 ${cc('avc1')} ffffff 00`,
      { kind: 'frame', keyFrame: false, compositionMs: -1 },
    ],
    [
      'an enhanced HEVC frame without composition time',
      `a3 ${cc('hvc1')} 00`,
      { kind: 'frame', keyFrame: false, compositionMs: 0, bodyOffset: 5 },
    ],
    [
      'an enhanced AV1 frame',
      `91 ${cc('av01')} 00`,
      { codec: 'av01', kind: 'frame', compositionMs: 0, bodyOffset: 5 },
    ],
    ['the end of enhanced VP9', `92 ${cc('vp09')}`, { codec: 'vp09', kind: 'sequence-end' }],
    ['enhanced metadata (colour)', `94 ${cc('hvc1')} 02`, { kind: 'other' }],
    ['the MPEG-2 TS start of AV1', `95 ${cc('av01')} 00`, { kind: 'sequence-header' }],
    ['several tracks in one message', `96 00 ${cc('avc1')}`, { codec: 'mult', kind: 'other' }],
    ['an enhanced command frame', 'd0 00', { kind: 'other', keyFrame: false }],
    [
      'a frame with a timestamp extension before it',
      `97 02 0f4240 01 ${cc('av01')} 00`,
      { codec: 'av01', kind: 'frame', bodyOffset: 10 },
    ],
    [
      'a frame with a long extension before it',
      `97 ff 0004 0102030405 03 ${cc('hvc1')} 00`,
      { codec: 'hvc1', kind: 'frame', bodyOffset: 14 },
    ],
    [
      'two extensions',
      `97 00 aa 07 00 bb 03 ${cc('hvc1')} 00`,
      { codec: 'hvc1', kind: 'frame', bodyOffset: 11 },
    ],
  ])('reads %s', (_, bytes, expected) => {
    expect(parseVideoTag(hex(bytes))).toMatchObject(expected);
  });

  it.each([
    '',
    '17',
    '17 01 0000',
    '90',
    '90 687663',
    '91 68766331 0000',
    '97',
    '97 05 00',
    '97 ff',
    '97 ff ffff 00',
  ])('answers nothing for %j, which is cut short', (bytes) => {
    expect(parseVideoTag(hex(bytes))).toBeUndefined();
  });
});

describe('parseAudioTag', () => {
  it.each([
    ['an AAC sequence header', 'af 00 1210', { codec: 'mp4a', kind: 'sequence-header', bodyOffset: 2 }],
    ['an AAC frame', 'af 01 21', { codec: 'mp4a', kind: 'frame' }],
    ['MP3', '2f ff', { codec: '.mp3', kind: 'frame', bodyOffset: 1 }],
    ['G.711', '72 00', { codec: 'alaw', kind: 'frame' }],
    [
      'the start of Opus',
      `90 ${cc('Opus')} 01`,
      { codec: 'Opus', kind: 'sequence-header', bodyOffset: 5, enhanced: true },
    ],
    ['an Opus frame', `91 ${cc('Opus')} 01`, { codec: 'Opus', kind: 'frame' }],
    ['the end of enhanced AAC', `92 ${cc('mp4a')}`, { codec: 'mp4a', kind: 'sequence-end' }],
    ['a channel map', `94 ${cc('mp4a')} 01`, { kind: 'other' }],
    ['several tracks', '95 00', { codec: 'mult', kind: 'other' }],
    [
      'a frame after an extension',
      `97 00 aa 01 ${cc('ac-3')} 00`,
      { codec: 'ac-3', kind: 'frame', bodyOffset: 8 },
    ],
  ])('reads %s', (_, bytes, expected) => {
    expect(parseAudioTag(hex(bytes))).toMatchObject(expected);
  });

  it.each(['', 'af', '90', '91 4f7075', '97', '97 05'])(
    'answers nothing for %j, which is cut short',
    (bytes) => {
      expect(parseAudioTag(hex(bytes))).toBeUndefined();
    },
  );
});

describe('a JPEG frame', () => {
  it('is an Enhanced RTMP key frame of FourCC mjpg without composition time', () => {
    const payload = encodeMjpegFrame(hex('ffd8 ffd9'));
    expect(payload).toEqual(hex(`93 ${cc('mjpg')} ffd8 ffd9`));
    expect(parseVideoTag(payload)).toEqual({
      codec: 'mjpg',
      kind: 'frame',
      keyFrame: true,
      compositionMs: 0,
      bodyOffset: 5,
      enhanced: true,
    });
  });

  it('is read back', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (jpeg) => {
        expect(Buffer.from(parseMjpegFrame(encodeMjpegFrame(jpeg))!)).toEqual(Buffer.from(jpeg));
      }),
    );
  });

  it('is not seen in other video', () => {
    expect(parseMjpegFrame(hex('17 01 000000 00'))).toBeUndefined();
    expect(parseMjpegFrame(hex(`90 ${cc('mjpg')}`))).toBeUndefined();
    expect(parseMjpegFrame(Buffer.alloc(0))).toBeUndefined();
  });
});
