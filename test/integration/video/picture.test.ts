import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type VideoSourceDesired } from '../../../electron/video/plane.ts';
import { connectRtmp } from '../../../electron/video/rtmp/client.ts';
import { parseVideoTag } from '../../../electron/video/rtmp/ex-video.ts';
import { VIDEO } from '../../../electron/video/rtmp/types.ts';
import {
  camera,
  desired,
  ingest,
  nameColour,
  pictured,
  pixelsOf,
  sourceId,
  until,
  VideoRig,
} from '../../support/video-rig.ts';

let rig: VideoRig;
beforeEach(async () => {
  rig = await VideoRig.start();
});
afterEach(() => rig.dispose());

/** Red top left, green top right, blue bottom left, white bottom right. */
const QUARTERS =
  'color=c=red:size=1280x720:rate=30,drawbox=x=640:y=0:w=640:h=360:color=lime:t=fill,drawbox=x=0:y=360:w=640:h=360:color=blue:t=fill,drawbox=x=640:y=360:w=640:h=360:color=white:t=fill';
/** One letter for each quarter of the picture that is inside these borders, in fractions of the whole. */
async function quarters(jpeg: Uint8Array, left = 0, right = 1): Promise<string> {
  const at = await pixelsOf(jpeg, 64, 36);
  return [0.25, 0.75]
    .flatMap((y) => [0.25, 0.75].map((x) => ({ x: left + x * (right - left), y })))
    .map(({ x, y }) => {
      const [r, g, b] = at(Math.floor(x * 64), Math.floor(y * 36));
      return r > 150 && g > 150 && b > 150 ? 'w' : nameColour([r, g, b])[0];
    })
    .join('');
}

const INGEST = ingest('ingest:q', 'key');

describe('a picture', () => {
  it('is cropped, then turned, then mirrored, at once when the settings change, without a slate', async () => {
    const frames: Uint8Array[] = [];
    const apply = (source: VideoSourceDesired): void => rig.plane.apply(desired([source], null));
    apply(INGEST);
    rig.publish('key', QUARTERS);
    await until('it is published', () => rig.plane.status.sources['ingest:q']?.width === 1280, 15_000);
    rig.owned.add(rig.plane.follow(sourceId('ingest:q'), { width: 640 }, (jpeg) => frames.push(jpeg)));
    const becomes = async (expected: string, left?: number, right?: number): Promise<void> => {
      const deadlineMs = performance.now() + 10_000;
      let seen = '';
      while (seen !== expected && performance.now() < deadlineMs) {
        const have = frames.length;
        await until('a picture', () => frames.length > have, 5000);
        seen = await quarters(frames.at(-1)!, left, right);
      }
      expect(seen).toBe(expected);
    };
    await becomes('rgbw');
    apply(pictured(INGEST, { mirror: true }));
    await becomes('grwb');
    apply(pictured(INGEST, { rotate: 180 }));
    await becomes('wbgr');
    // Upright between black bars: 405 of 1280 points wide.
    apply(pictured(INGEST, { rotate: 90 }));
    await becomes('brwg', 0.342, 0.658);
    apply(pictured(INGEST, { crop: { x: 0, y: 0, width: 0.5, height: 1 }, rotate: 270, mirror: true }));
    // Red above blue, turned to the left: red left of blue; mirrored: blue left of red.
    await becomes('brbr');
    apply(INGEST);
    await becomes('rgbw');
    // Not one slate in between: each has dark pixels only.
    for (const jpeg of frames.filter((_, index) => index % 20 === 0)) {
      const at = await pixelsOf(jpeg, 4, 4);
      expect(Math.max(...at(1, 1), ...at(2, 2))).toBeGreaterThan(120);
    }
    expect(rig.plane.status.sources['ingest:q']).toMatchObject({ state: 'online' });
  });
});

describe('privacy blur', () => {
  /** How much neighbouring points differ: nothing of a text or a face is left. */
  async function detail(jpeg: Uint8Array): Promise<number> {
    const at = await pixelsOf(jpeg, 320, 180);
    let sum = 0;
    for (let y = 0; y < 180; y++)
      for (let x = 1; x < 320; x++) sum += Math.abs(at(x, y)[1] - at(x - 1, y)[1]);
    return sum / (319 * 180);
  }

  it('never lets a sharp picture through once it is on, and the old pictures stay until it is off', async () => {
    const cam = camera('cam:x', { kind: 'test', pattern: 'noise' });
    rig.plane.apply(desired([cam], 'cam:x'));
    const desk = await rig.play('gadget/desk?token=secret');
    await until(
      'pictures',
      () => /^(live|degraded)$/.test(rig.plane.status.outputs['desk.webcam']?.state ?? ''),
      15_000,
    );
    for (let frame = 0; frame < 5; frame++) await desk.next();
    const sharp = await detail(desk.frames.at(-1)!.jpeg);
    rig.plane.apply(desired([pictured(cam, { blur: true })], 'cam:x'));
    // What is in the wires already still arrives.
    await desk.next();
    await desk.next();
    const from = desk.frames.length;
    await until(
      'pictures again',
      () => /^(live|degraded)$/.test(rig.plane.status.outputs['desk.webcam']?.state ?? ''),
      15_000,
    );
    await until('blurred ones', () => desk.frames.length > from + 20, 5000);
    const blurred = desk.frames.slice(from);
    const slate = blurred.findIndex(({ jpeg }) => !jpeg.equals(blurred[0]!.jpeg));
    expect(slate).toBeGreaterThan(0);
    // Each of the first ones, when it matters, and some of the others.
    for (const { jpeg } of blurred.slice(slate).filter((_, index) => index < 4 || index % 8 === 0))
      expect(await detail(jpeg)).toBeLessThan(sharp / 4);
    rig.plane.apply(desired([cam], 'cam:x'));
    const off = desk.frames.length;
    let seen = 0;
    for (let tries = 0; tries < 100 && seen < sharp / 2; tries++)
      seen = await detail((await desk.next()).jpeg);
    expect(seen).toBeGreaterThan(sharp / 2);
    // No slate in between, but for one that a pause of the pictures has earned (500 ms, on a machine that is busy).
    for (const [index, { jpeg, atMs }] of desk.frames.entries())
      if (index > off && jpeg.equals(blurred[0]!.jpeg) && !jpeg.equals(desk.frames[index - 1]!.jpeg))
        expect(atMs - desk.frames[index - 1]!.atMs).toBeGreaterThan(400);
  });

  it('holds for players of the publisher’s own stream, and for a program, which goes on with blurred pictures', async () => {
    const apply = (blur: boolean): void =>
      rig.plane.apply(desired([pictured(INGEST, { blur })], null, { program: 'ingest:q' }));
    apply(false);
    rig.publish('key', QUARTERS);
    await until('it is published', () => rig.plane.status.sources['ingest:q']?.width === 1280, 15_000);
    const [live, program] = await Promise.all(
      ['live/key', 'program/recorder'].map(async (path) => {
        const client = rig.owned.add(await connectRtmp({ url: `${rig.url}/${path}` }));
        const seen = { pictures: 0, client };
        client.onMedia(({ type, payload }) => {
          if (type === VIDEO && parseVideoTag(payload)?.kind === 'frame') seen.pictures++;
        });
        await client.play();
        return seen;
      }),
    );
    await until('both get pictures', () => live!.pictures > 5 && program!.pictures > 5, 10_000);
    expect(rig.running).toBe(0);
    apply(true);
    // What is in the wires already still arrives.
    await until('pictures that are made for the program', () => rig.running > 0);
    const [had, made] = [live!.pictures, program!.pictures];
    await until('the program goes on', () => program!.pictures > made + 15, 15_000);
    expect(live!.pictures - had).toBeLessThanOrEqual(1);
    apply(false);
    const before = live!.pictures;
    await until('the publisher’s own again', () => live!.pictures > before + 5, 10_000);
    await until('the program is relayed again', () => rig.running === 0, 10_000);
    expect(live!.client.ended || program!.client.ended).toBe(false);
  });
});
