import { describe, expect, test } from 'vitest';
import { CameraSettings } from '../../../../electron/contract/index.ts';
import { checkDraft, draftOf, EMPTY_DRAFT } from '../../../../renderer/cameras/camera-draft.ts';

describe('a camera form', () => {
  test.each([
    { kind: 'test', pattern: 'clock' },
    { kind: 'image', file: '/srv/logo.png' },
    { kind: 'v4l2', device: '/dev/v4l/by-id/usb-1', width: 1280, height: 720, fps: 29.97 },
    { kind: 'v4l2', device: '/dev/video0' },
    { kind: 'url', url: 'rtsp://cam/stream' },
    { kind: 'screen', display: ':1' },
    { kind: 'screen', region: { x: 10, y: 0, width: 640, height: 480 } },
    { kind: 'screen', window: '0x3a00007' },
    { kind: 'v4l2', device: '/dev/video0', pixelFormat: 'YUYV', controls: { zoom_absolute: 200 } },
    { kind: 'composed', main: 'cam:one', inset: 'ingest:obs', layout: 'side-by-side' },
    { kind: 'composed', main: 'cam:one', inset: 'cam:two', corner: 'top-left', size: 0.4 },
  ])('gives back what it was filled with: %o', (settings) => {
    const camera = CameraSettings.parse(settings);
    expect(checkDraft(draftOf('Cam', camera))).toEqual({ settings: camera, field: null });
  });

  test.each([
    [{ kind: 'v4l2', device: 'video0' }, 'device'],
    [{ kind: 'v4l2', device: '/dev/video0', width: 'wide' }, 'width'],
    [{ kind: 'v4l2', device: '/dev/video0', fps: '1000' }, 'fps'],
    [{ kind: 'url', url: '  ' }, 'url'],
    [{ kind: 'image', file: '' }, 'file'],
    [{ kind: 'screen', display: 'left' }, 'display'],
    [{ kind: 'screen', part: 'window', window: 'the left one' }, 'window'],
    [{ kind: 'composed', inset: 'cam:two' }, 'main'],
  ] as const)('names the field that is not right: %o', (change, field) => {
    expect(checkDraft({ ...EMPTY_DRAFT, ...change }).field).toBe(field);
  });
});
