import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type VideoSourceDesired } from '../../../electron/video/plane.ts';
import { camera, desired, nameColour, pictured, pixelsOf, until, VideoRig } from '../../support/video-rig.ts';

let rig: VideoRig;
beforeEach(async () => {
  rig = await VideoRig.start();
});
afterEach(() => rig.dispose());

const RED = camera('cam:red', { kind: 'test', pattern: 'red' });
const BLUE = camera('cam:blue', { kind: 'test', pattern: 'blue' });
const both = (settings: object = {}): VideoSourceDesired =>
  camera('cam:both', { kind: 'composed', main: 'cam:red', inset: 'cam:blue', ...settings });

/** The colours at these places, as parts of width and height. */
async function coloursAt(jpeg: Uint8Array, places: readonly (readonly [number, number])[]): Promise<string> {
  const at = await pixelsOf(jpeg, 128, 72);
  return places.map(([x, y]) => nameColour(at(Math.floor(x * 128), Math.floor(y * 72)))).join(' ');
}

/** Centre of the large picture, then of a small one in each corner. */
const CORNERS = [
  [0.5, 0.5],
  [0.14, 0.14],
  [0.86, 0.14],
  [0.14, 0.86],
  [0.86, 0.86],
] as const;

async function becomes(
  desk: { next(): Promise<{ readonly jpeg: Uint8Array }> },
  places: readonly (readonly [number, number])[],
  expected: string,
): Promise<void> {
  const deadlineMs = performance.now() + 15_000;
  let seen = '';
  while (seen !== expected && performance.now() < deadlineMs)
    seen = await coloursAt((await desk.next()).jpeg, places);
  expect(seen).toBe(expected);
}

describe('two cameras in one webcam', () => {
  it('are one in the corner of the other, or side by side; without a picture there is its slate in its place', async () => {
    rig.plane.apply(desired([RED, BLUE, both()], 'cam:both'));
    const desk = await rig.play('gadget/desk?token=secret');
    await becomes(desk, CORNERS, 'red red red red blue');
    rig.plane.apply(desired([RED, BLUE, both({ corner: 'top-left' })], 'cam:both'));
    await becomes(desk, CORNERS, 'red blue red red red');
    const sides = [
      [0.25, 0.5],
      [0.75, 0.5],
      [0.25, 0.1],
    ] as const;
    rig.plane.apply(desired([RED, BLUE, both({ layout: 'side-by-side' })], 'cam:both'));
    await becomes(desk, sides, 'red blue dark');
    const from = desk.frames.length;
    rig.plane.apply(desired([RED, { ...BLUE, muted: true }, both({ layout: 'side-by-side' })], 'cam:both'));
    await becomes(desk, sides, 'red dark dark');
    // Not one picture in which the muted one can be seen, but those that were on their way.
    for (const { jpeg } of desk.frames.slice(from + 3).filter((_, index) => index < 8))
      expect(await coloursAt(jpeg, [[0.75, 0.5]])).not.toBe('blue');
    rig.plane.apply(desired([both({ layout: 'side-by-side' }), BLUE], 'cam:both'));
    await becomes(desk, sides, 'dark blue dark');
    rig.plane.apply(desired([RED, pictured(both(), { mirror: true }), BLUE], 'cam:both'));
    await becomes(desk, CORNERS, 'red red red blue red');
    expect(desk.client.ended).toBe(false);
    // A machine that has no time for it calls the link slow.
    expect(rig.plane.status.outputs['desk.webcam']?.state).toMatch(/^(live|degraded)$/);
  }, 60_000);

  it('run only while somebody watches, and no composed picture contains another one or itself', async () => {
    const loop = camera('cam:loop', { kind: 'composed', main: 'cam:loop', inset: 'cam:both' });
    rig.plane.apply(desired([RED, BLUE, both(), loop], null));
    expect(rig.running).toBe(0);
    const watching = rig.plane.follow(both().id, { width: 640 }, () => undefined);
    await until('both and the one that composes', () => rig.running === 3, 10_000);
    void watching.dispose();
    await until('nothing runs', () => rig.running === 0, 10_000);
    rig.plane.apply(desired([RED, BLUE, both(), loop], 'cam:loop'));
    const desk = await rig.play('gadget/desk?token=secret');
    await until(
      'it is live',
      () => /^(live|degraded)$/.test(rig.plane.status.outputs['desk.webcam']?.state ?? ''),
      10_000,
    );
    expect(rig.running).toBe(1);
    expect(await coloursAt((await desk.next()).jpeg, [[0.1, 0.1]])).toBe('dark');
  });
});
