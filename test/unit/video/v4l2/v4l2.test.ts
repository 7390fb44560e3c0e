import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { attemptsFor, v4l2Args } from '../../../../electron/video/sources/v4l2-source.ts';
import { chooseFormat } from '../../../../electron/video/v4l2/v4l2-format.ts';
import { readDescription } from '../../../../electron/video/v4l2/v4l2-text.ts';

const describeOf = (name: string) =>
  readDescription(readFileSync(new URL(`../../../fixtures/v4l2/${name}.txt`, import.meta.url), 'utf8'));
const webcam = describeOf('webcam');

describe('what v4l2-ctl tells of a webcam', () => {
  it('names it, and its formats with their rates', () => {
    expect(webcam).toMatchObject({ card: 'HD Pro Webcam C920', captures: true });
    expect(webcam.formats).toContainEqual({
      pixelFormat: 'MJPG',
      width: 1280,
      height: 720,
      fps: [60, 30, 15],
    });
    expect(webcam.formats).toHaveLength(5);
  });

  it('lists its controls with their ranges, menus, and whether they can be set now', () => {
    const control = (name: string) => webcam.controls.find((candidate) => candidate.name === name);
    expect(control('zoom_absolute')).toEqual({
      ...{ name: 'zoom_absolute', label: 'Zoom absolute', kind: 'integer', min: 100, max: 500 },
      ...{ step: 1, default: 100, value: 100, inactive: false },
    });
    expect(control('pan_absolute')).toMatchObject({ min: -36000, step: 3600 });
    expect(control('exposure_time_absolute')).toMatchObject({ value: 250, inactive: true });
    expect(control('exposure_dynamic_framerate')).toMatchObject({
      kind: 'boolean',
      max: 1,
      default: 0,
      value: 1,
    });
    expect(control('auto_exposure')).toMatchObject({
      kind: 'menu',
      value: 3,
      menu: [
        { value: 1, label: 'Manual Mode' },
        { value: 3, label: 'Aperture Priority Mode' },
      ],
    });
    expect(webcam.controls).toHaveLength(15);
  });

  it('is understood of older versions too, and of drivers that give ranges of sizes', () => {
    expect(describeOf('webcam-old-tool')).toMatchObject({
      card: 'PTZ Pro Camera',
      captures: true,
      formats: [
        { pixelFormat: 'YUYV', width: 640, height: 480, fps: [30] },
        { pixelFormat: 'MJPG', width: 1920, height: 1080, fps: [30] },
      ],
      controls: [{ name: 'brightness' }],
    });
    const pi = describeOf('pi');
    expect(pi.formats).toContainEqual({
      pixelFormat: 'YU12',
      width: 1280,
      height: 720,
      fps: [60, 30, 25, 15, 5],
    });
    expect(pi.formats.filter(({ pixelFormat }) => pixelFormat === 'MJPG').map(({ width }) => width)).toEqual([
      1280, 640, 640, 320,
    ]);
    expect(pi.controls.map(({ name }) => name)).not.toContain('force_key_frame');
    expect(pi.controls.find(({ name }) => name === 'iso_sensitivity')?.menu?.[1]).toEqual({
      value: 1,
      label: '100000 (0x186a0)',
    });
  });

  it.each(['metadata', 'encoder'])('tells that a %s node is no camera', (name) => {
    expect(describeOf(name).captures).toBe(false);
  });

  it('is nothing when it is nonsense', () => {
    expect(readDescription('\u0000 garbage\n[0]: nothing')).toEqual({
      card: undefined,
      captures: false,
      formats: [],
      controls: [],
    });
  });
});

describe('the format that a camera is asked for', () => {
  it.each([
    ['720p as JPEG unless set otherwise', {}, 'MJPG 1280x720@30'],
    ['the size that was asked for', { width: 640, height: 480, fps: 15 }, 'MJPG 640x480@15'],
    ['the next larger one when there is none', { width: 800, height: 600 }, 'MJPG 1280x720@30'],
    ['the largest when all are smaller', { width: 3840, height: 2160 }, 'MJPG 1920x1080@30'],
    ['the next higher rate', { width: 1280, height: 720, fps: 50 }, 'MJPG 1280x720@60'],
    ['the highest rate when all are lower', { width: 1920, height: 1080, fps: 60 }, 'MJPG 1920x1080@30'],
    [
      'the pixel format that was asked for',
      { pixelFormat: 'YUYV', width: 640, height: 480 },
      'YUYV 640x480@30',
    ],
    ['one that it does not tell of, as it was asked for', { pixelFormat: 'H264' }, 'H264 1280x720@30'],
  ])('is %s', (_, wanted, expected) => {
    const { pixelFormat, width, height, fps } = chooseFormat(webcam.formats, wanted);
    expect(`${pixelFormat} ${width}x${height}@${fps}`).toBe(expected);
  });

  it('is tried as JPEG first, then as whatever it has, when its formats are not known', () => {
    expect(attemptsFor({}, []).map(({ pixelFormat }) => pixelFormat)).toEqual(['MJPG', undefined]);
    expect(attemptsFor({ pixelFormat: 'YUYV' }, []).map(({ pixelFormat }) => pixelFormat)).toEqual([
      'YUYV',
      undefined,
    ]);
  });

  it('has its JPEGs copied, and JPEGs made of anything else', () => {
    const args = (pixelFormat: string | undefined): readonly string[] =>
      v4l2Args('/dev/video9', { pixelFormat, width: 640, height: 480, fps: 15 });
    expect(args('MJPG')).toEqual(expect.arrayContaining(['-input_format', 'mjpeg', 'copy', '640x480', '15']));
    expect(args('H264')).toEqual(expect.arrayContaining(['-input_format', 'h264', 'mjpeg']));
    expect(args('H264')).not.toContain('copy');
    expect(args(undefined)).not.toContain('-input_format');
  });
});
