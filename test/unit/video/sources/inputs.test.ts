import { describe, expect, it } from 'vitest';
import { PATTERNS } from '../../../../electron/contract/index.ts';
import { ffmpegSentence, inputFormatIn } from '../../../../electron/video/ffmpeg-errors.ts';
import { findFfmpeg } from '../../../../electron/video/ffmpeg.ts';
import { DEFAULT_FRAME_LIMITS } from '../../../../electron/video/frames/rendition.ts';
import { cameraPlan, urlInput } from '../../../../electron/video/sources/camera-input.ts';
import { encoderArgs } from '../../../../electron/video/sources/encoder-args.ts';

describe('an address', () => {
  it.each([
    ['rtsp://cam/1', ['-rtsp_transport', 'tcp']],
    ['http://cam/video.mjpg', ['-rw_timeout']],
    ['https://cam/live.m3u8', ['-rw_timeout']],
    ['/srv/loop.mp4', ['-stream_loop', '-1', '-re', '-i', 'file:/srv/loop.mp4']],
    ['file:///srv/a%20b.mp4', ['file:/srv/a b.mp4']],
  ])('%s is opened as what it is', (url, expected) => {
    expect(urlInput(url)).toEqual(expect.arrayContaining(expected));
  });

  it.each(['-y', 'concat:a|b', 'subfile:,,x', '|touch x'])('%s is a file name and nothing else', (url) => {
    expect(urlInput(url).at(-1)).toBe(`file:${url}`);
  });

  it.each(['gopher://x', 'crypto://x', 'data://x'])('%s is refused', (url) => {
    expect(() => urlInput(url)).toThrow(/not supported/);
  });
});

describe('an encoder', () => {
  it.each(PATTERNS)('has an input for the pattern %s', (pattern) => {
    expect(cameraPlan({ kind: 'test', pattern }).input).toContain('lavfi');
  });

  it('writes one output for each rendition: stdout, then descriptors 3, 4 …', () => {
    const renditions = [
      { width: 1280, height: 720, fps: 30 },
      { width: 640, height: 480, fps: 15 },
      { width: 320, height: 180, fps: 5 },
    ];
    const args = encoderArgs({ hasFpsMode: true }, { input: ['-i', 'x'] }, renditions, DEFAULT_FRAME_LIMITS);
    expect(args.filter((arg) => arg.startsWith('pipe:'))).toEqual(['pipe:1', 'pipe:3', 'pipe:4']);
    expect(args.filter((arg) => arg === '-fps_mode').length).toBe(3);
    expect(
      encoderArgs({ hasFpsMode: false }, { input: ['-i', 'x'] }, renditions, DEFAULT_FRAME_LIMITS),
    ).toContain('-vsync');
  });
});

describe("ffmpeg's complaints", () => {
  it.each([
    ['[video4linux2,v4l2 @ 0x1] ioctl(VIDIOC_STREAMON): Device or resource busy', /in use/],
    ['/dev/video7: No such file or directory', /camera is not connected/],
    ['/tmp/x.mp4: No such file or directory', /file does not exist/],
    ['Connection to tcp://1.2.3.4:554 failed: Connection refused', /refused/],
    ['[rtsp @ 0x1] method DESCRIBE failed: 401 Unauthorized', /user name and password/],
    ['Server returned 404 Not Found', /404/],
    ['rtsp://x: Name or service not known', /name of the host/],
    ['x: Invalid data found when processing input', /no picture/],
    ['[x11grab @ 0x1] Cannot open display :7, error 1.', /screen/],
    ['something that nobody has ever seen', /unexpectedly/],
  ])('%s → a sentence', (line, sentence) => {
    expect(ffmpegSentence(`ffmpeg starts\n${line}\nConversion failed!`)).toMatch(sentence);
  });

  it('tells size and rate of what it reads', () => {
    expect(
      inputFormatIn(
        '  Stream #0:0(und): Video: h264 (High) (avc1 / 0x31637661), yuv420p(tv), 1920x1080 [SAR 1:1 DAR 16:9], 25 fps, 25 tbr',
      ),
    ).toEqual({ width: 1920, height: 1080, fps: 25 });
    expect(inputFormatIn('  Stream #0:0: Video: png, rgb24(pc), 400x300, 25 fps')).toEqual({
      width: 400,
      height: 300,
      fps: 25,
    });
    expect(inputFormatIn('nothing')).toBeUndefined();
  });
});

describe('looking for ffmpeg', () => {
  it('fails with one sentence and what to do when there is none', async () => {
    await expect(findFfmpeg(['/no/such/ffmpeg'])).rejects.toMatchObject({
      code: 'unavailable',
      message: /not found/,
      hint: /Install/,
    });
    await expect(findFfmpeg(['true'])).rejects.toMatchObject({ code: 'unavailable' });
  });
});
