import { rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type VideoSourceDesired } from '../../../electron/video/plane.ts';
import { PLAIN_PICTURE } from '../../../electron/video/sources/picture-filters.ts';
import { colourOf, desired, sourceId, until, VideoRig } from '../../support/video-rig.ts';
import { CameraBench } from '../../support/video-v4l2.ts';

let bench: CameraBench;
let rig: VideoRig;
const start = async (): Promise<void> => {
  rig = await VideoRig.start({ cameras: bench.finder, findFfmpeg: () => bench.ffmpeg() });
};
beforeEach(() => {
  bench = new CameraBench();
});
afterEach(async () => {
  await rig.dispose();
  bench.dispose();
});

const found = (): readonly string[] => rig.plane.status.cameras.map(({ label }) => label);
const webcam = (device: string, settings: object = {}): VideoSourceDesired => ({
  id: sourceId('cam:x'),
  label: 'Webcam',
  muted: false,
  picture: PLAIN_PICTURE,
  kind: 'camera',
  camera: { kind: 'v4l2', device, controls: {}, ...settings },
});
const WEBCAM = 'usb-046d_HD_Pro_Webcam_C920_1A2B3C4D-video-index0';
const state = (): string | undefined => rig.plane.status.sources['cam:x']?.state;

describe('cameras of this machine', () => {
  it('are found with formats and controls, metadata nodes and encoders left out, and followed as they come and go', async () => {
    const device = bench.plug('video0', 'webcam', WEBCAM);
    bench.plug('video1', 'metadata', WEBCAM.replace('index0', 'index1'));
    bench.plug('video10', 'encoder', null);
    await start();
    expect(found()).toEqual(['HD Pro Webcam C920']);
    expect(rig.plane.status.cameras[0]).toMatchObject({ device });
    expect(rig.plane.status.cameras[0]!.controls.length).toBe(15);
    const other = bench.plug(
      'video2',
      'webcam-old-tool',
      'pci-0000:00:14.0-usb-0:3:1.0-video-index0',
      'by-path',
    );
    await until('the second one', () => found().includes('PTZ Pro Camera'));
    expect(rig.plane.status.cameras.map((camera) => camera.device)).toContain(other);
    bench.unplug(device);
    await until('the first one is gone', () => found().join() === 'PTZ Pro Camera');
    bench.unplug(other);
    await until('none is there', () => found().length === 0);
    bench.plug('video0', 'webcam', WEBCAM);
    await until('it is back', () => found().length === 1);
  });

  it('are found without v4l2-ctl too, and with one that may not open them, and tell why', async () => {
    bench.plug('video0', 'webcam', WEBCAM);
    bench.forbid('video0');
    await start();
    expect(rig.plane.status.cameras).toMatchObject([
      {
        label: '046d HD Pro Webcam C920 1A2B3C4D',
        formats: [],
        reason: expect.stringMatching(/group/) as string,
      },
    ]);
    bench.forbid('video0', false);
    bench.plug('video2', 'webcam', 'usb-other-video-index0');
    await until(
      'its permissions came late',
      () => found().filter((label) => label.endsWith('C920')).length === 2,
    );
    rmSync(bench.v4l2Ctl);
    bench.plug('video4', 'webcam', 'usb-third-video-index0');
    await until('the third one', () => rig.plane.status.cameras.length === 3);
    expect(rig.plane.status.cameras.find(({ label }) => label === 'third')?.reason).toMatch(
      /v4l2-ctl is missing/,
    );
  });
});

describe('a V4L2 camera', () => {
  it('is opened in the format that was asked for, its controls set when it opens and at once when they change, without a restart', async () => {
    const device = bench.plug('video0', 'webcam', WEBCAM);
    await start();
    const controls = { exposure_time_absolute: 100, auto_exposure: 1 };
    rig.plane.apply(desired([webcam(device, { width: 640, height: 480, controls })], 'cam:x'));
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 15_000);
    const opened = bench.calls.filter((call) => call.startsWith('ffmpeg'));
    expect(opened).toHaveLength(1);
    expect(opened[0]).toContain('-input_format mjpeg -video_size 640x480 -framerate 30');
    const set = (): readonly string[] =>
      bench.calls.filter((call) => call.includes('--set-ctrl')).map((call) => call.split(' ').at(-1)!);
    await until('both are set', () => set().length === 2);
    // What is automatic first: with it on, exposure cannot be set.
    expect(set()).toEqual(['auto_exposure=1', 'exposure_time_absolute=100']);
    const value = (name: string) =>
      rig.plane.status.cameras[0]!.controls.find((control) => control.name === name)?.value;
    await until('the new value is shown', () => value('exposure_time_absolute') === 100);
    rig.plane.apply(
      desired(
        [webcam(device, { width: 640, height: 480, controls: { auto_exposure: 1, zoom_absolute: 200 } })],
        'cam:x',
      ),
    );
    await until(
      'zoom is set, and exposure is as it was',
      () => value('zoom_absolute') === 200 && value('exposure_time_absolute') === 250,
    );
    expect(bench.calls.filter((call) => call.startsWith('ffmpeg'))).toHaveLength(1);
    rig.plane.apply(
      desired([webcam(device, { width: 640, height: 480, controls: { teleport: 1 } })], 'cam:x'),
    );
    await until('the reason', () => rig.plane.status.sources['cam:x']?.reason?.includes('teleport') === true);
    expect(state()).toBe('online');
    // Another size is another opening, of a camera that can be opened once.
    const from = desk.frames.length;
    rig.plane.apply(desired([webcam(device)], 'cam:x'));
    await until('it is opened anew', () => bench.calls.some((call) => call.includes('1280x720')), 10_000);
    await desk.untilColour('red', 15_000);
    await until('one is at work', () => rig.running === 1);
    for (const { jpeg } of desk.frames.slice(from).filter((_, index) => index % 5 === 0))
      expect(await colourOf(jpeg)).toBe('red');
  });

  it('is offline when it is unplugged, and back by itself when it is plugged in', async () => {
    const device = bench.plug('video0', 'webcam', WEBCAM);
    await start();
    rig.plane.apply(desired([webcam(device)], 'cam:x'));
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 15_000);
    bench.unplug(device);
    await until('offline', () => state() === 'offline');
    await until('the route says so', () => rig.plane.status.outputs['desk.webcam']?.state === 'offline');
    await until('nothing runs', () => rig.running === 0);
    bench.plug('video0', 'webcam', WEBCAM);
    await desk.untilColour('red', 15_000);
    expect(state()).toBe('online');
    expect(desk.client.ended).toBe(false);
  });

  it('tells when another program has it, and comes when that has let go', async () => {
    const device = bench.plug('video0', 'webcam', WEBCAM);
    bench.busy = true;
    await start();
    rig.plane.apply(desired([webcam(device)], 'cam:x'));
    const desk = await rig.play('gadget/desk?token=secret');
    await until(
      'the reason',
      () => rig.plane.status.sources['cam:x']?.reason?.includes('in use') === true,
      10_000,
    );
    bench.busy = false;
    await desk.untilColour('red', 15_000);
  });
});
