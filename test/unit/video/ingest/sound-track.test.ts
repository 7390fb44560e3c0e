import { describe, expect, it } from 'vitest';
import { aacFormat, soundTrackOf } from '../../../../electron/video/ingest/sound-track.ts';
import { parseAudioTag } from '../../../../electron/video/rtmp/ex-video.ts';
import { AUDIO } from '../../../../electron/video/rtmp/types.ts';

const audio = (...bytes: number[]) => {
  const payload = Buffer.from(bytes);
  return { message: { type: AUDIO, timestampMs: 0, payload } as const, tag: parseAudioTag(payload)! };
};

describe('an AudioSpecificConfig', () => {
  it.each([
    [[0x11, 0x90], 48000, 2],
    [[0x12, 0x10], 44100, 2],
    [[0x12, 0x08], 44100, 1],
    [[0x13, 0x10], 24000, 2],
    [[0x11, 0xb0], 48000, 6],
    [[], 96000, 1],
  ])('%j is %i Hz and %i channels', (bytes, rateHz, channels) => {
    expect(aacFormat(Buffer.from(bytes))).toEqual({ rateHz, channels });
  });
});

describe('what the decoder of sound is told', () => {
  it('is the codec with its configuration; another configuration is another track', () => {
    const stereo = soundTrackOf(audio(0xaf, 0, 0x11, 0x90))!;
    expect(stereo).toMatchObject({ codecId: 'A_AAC', mono: false });
    expect(Buffer.from(stereo.codecPrivate!)).toEqual(Buffer.from([0x11, 0x90]));
    expect(soundTrackOf(audio(0xaf, 0, 0x12, 0x10))!.key).not.toBe(stereo.key);
    expect(soundTrackOf(audio(0xaf, 0, 0x11, 0x88))).toMatchObject({ mono: true });
    // 24 kHz mono may be the core of parametric stereo.
    expect(soundTrackOf(audio(0xaf, 0, 0x13, 0x88))).toMatchObject({ mono: false });
  });

  it('is not known before the configuration came, except for codecs that need none', () => {
    expect(soundTrackOf(audio(0xaf, 1, 9))).toBeUndefined();
    expect(soundTrackOf(audio(0x2f, 9))).toMatchObject({ codecId: 'A_MPEG/L3', mono: false });
    expect(soundTrackOf(audio(0x2e, 9))).toMatchObject({ mono: true });
    // Speex.
    expect(soundTrackOf(audio(0xb2, 9))).toBeUndefined();
  });
});
