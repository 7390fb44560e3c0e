import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  camera,
  colourOf,
  desired,
  FRAME_MS,
  Lag,
  gapsOf,
  ingest,
  sizeOf,
  VideoRig,
} from '../../support/video-rig.ts';

let rig: VideoRig;
beforeEach(async () => {
  rig = await VideoRig.start();
});
afterEach(() => rig.dispose());

describe('a gadget', () => {
  it('gets a slate as its first picture at once, when nothing is routed', async () => {
    rig.plane.apply(desired([], null));
    const startMs = performance.now();
    const desk = await rig.play('gadget/desk?token=secret');
    await rig.until('a first picture', () => desk.frames.length > 0);
    expect(performance.now() - startMs).toBeLessThan(250);
    expect(sizeOf(desk.frames[0]!.jpeg)).toBe('1280x720');
    expect(await colourOf(desk.frames[0]!.jpeg)).toBe('dark');
  });

  it('sees red from one publisher, and blue from another after one change, on the same connection without a gap', async () => {
    const sources = [ingest('ingest:a', 'key-a'), ingest('ingest:b', 'key-b')];
    rig.plane.apply(desired(sources, 'ingest:a'));
    rig.publish('key-a', 'color=c=red:size=1280x720:rate=30');
    rig.publish('key-b', 'color=c=blue:size=1280x720:rate=30');
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 10_000);
    await rig.until('both are online', () => rig.plane.status.sources['ingest:b']?.state === 'online');
    // A busy machine may stop the publisher or us for a moment; a gap that the switch makes is there each time.
    const largest: number[] = [];
    do {
      if (largest.length > 0) {
        rig.plane.apply(desired(sources, 'ingest:a'));
        await desk.untilColour('red', 15_000);
      }
      await rig.until('only red is decoded', () => rig.running === 1, 15_000);
      const from = desk.frames.length;
      const lag = new Lag();
      rig.plane.apply(desired(sources, 'ingest:b'));
      await desk.untilColour('blue', 15_000);
      const lagMs = lag.stop();
      const { largestMs, backwards } = gapsOf(desk.frames, from);
      expect(backwards).toBe(0);
      largest.push(largestMs - lagMs);
    } while (largest.at(-1)! >= 3 * FRAME_MS && largest.length < 3);
    expect(Math.min(...largest), `ms: ${largest.join(', ')}`).toBeLessThan(3 * FRAME_MS);
    expect(desk.client.ended).toBe(false);
    expect(rig.plane.status.outputs['desk.webcam']).toEqual({ state: 'live' });
  });

  it('gets the next camera on the next frame', async () => {
    const sources = [
      camera('cam:a', { kind: 'test', pattern: 'red' }),
      camera('cam:b', { kind: 'test', pattern: 'blue' }),
    ];
    rig.plane.apply(desired(sources, 'cam:a'));
    const desk = await rig.play('gadget/desk?token=secret');
    await desk.untilColour('red', 15_000);
    rig.plane.apply(desired(sources, 'cam:b'));
    await desk.untilColour('blue', 15_000);
  });

  it('is refused with a wrong token', async () => {
    rig.plane.apply(desired([], null));
    await expect(rig.play('gadget/desk?token=wrong')).rejects.toThrow(/token/);
    await expect(rig.play('gadget/desk')).rejects.toThrow(/token/);
    await expect(rig.play('gadget/nobody?token=secret')).rejects.toThrow(/no such gadget/);
  });
});
