import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { camera, desired, Receiver, until, VideoRig } from '../../support/video-rig.ts';
import { SlowLink } from '../../support/video-slow-link.ts';

let rig: VideoRig;
beforeEach(async () => {
  rig = await VideoRig.start();
});
afterEach(() => rig.dispose());

/** By how much the newest picture came later, measured by its timestamp, than the first one did. */
const delayMs = ({ frames }: Receiver): number => {
  const [first, last] = [frames[0]!, frames.at(-1)!];
  return last.atMs - first.atMs - (last.timestampMs - first.timestampMs);
};

describe('a gadget on a weak link', () => {
  it('gets smaller pictures, then fewer, never old ones; and full ones when the link is well again', async () => {
    // A pattern that is large, moves, and costs little.
    rig.plane.apply(desired([camera('cam:m', { kind: 'test', pattern: 'mandelbrot' })], 'cam:m'));
    const link = rig.owned.add(await SlowLink.to(Number(new URL(rig.url).port), 150_000));
    const desk = rig.owned.add(await Receiver.play(`rtmp://127.0.0.1:${link.port}/gadget/desk?token=secret`));
    await until(
      'smaller pictures',
      () => rig.plane.status.outputs['desk.webcam']?.reason?.includes('smaller') === true,
      30_000,
    );
    // The smaller ones take over when they are there.
    await until(
      'small ones only',
      () => desk.frames.slice(-5).every(({ jpeg }) => jpeg.length <= 50_000),
      20_000,
    );
    // The pictures on their way are what there is: two at most and an acknowledgement's step, at 150 KB a second.
    expect(delayMs(desk)).toBeLessThan(2500);
    link.bytesPerSecond = 1e9;
    await until('full pictures', () => rig.plane.status.outputs['desk.webcam']!.state === 'live', 45_000);
    expect(desk.client.ended).toBe(false);
  }, 100_000);

  it('that stalls does not disturb another, and goes on with the newest picture', async () => {
    rig.plane.apply(desired([camera('cam:m', { kind: 'test', pattern: 'clock' })], 'cam:m'));
    const stalled = await rig.play('gadget/desk?token=secret');
    const other = await rig.play('gadget/desk?token=secret');
    await until('both get pictures', () => stalled.frames.length > 5 && other.frames.length > 5, 10_000);
    stalled.client.pauseReading();
    const before = other.frames.length;
    await until('the other gets many', () => other.frames.length > before + 90, 15_000);
    const had = stalled.frames.length;
    stalled.client.resumeReading();
    await until(
      'it gets what the kernel held, and then the present',
      () => delayMs(stalled) < 500 && stalled.frames.length > had + 10,
      10_000,
    );
    // Of three seconds at 30 a second only some were on their way.
    expect(rig.plane.counters()['desk.webcam']!.dropped).toBeGreaterThan(20);
  });
});
