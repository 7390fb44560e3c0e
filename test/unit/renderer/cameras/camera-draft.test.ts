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
  ] as const)('names the field that is not right: %o', (change, field) => {
    expect(checkDraft({ ...EMPTY_DRAFT, ...change }).field).toBe(field);
  });
});
