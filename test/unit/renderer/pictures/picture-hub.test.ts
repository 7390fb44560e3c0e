import { describe, expect, test } from 'vitest';
import { encodePicture } from '../../../../electron/contract/index.ts';
import { PictureHub } from '../../../../renderer/pictures/picture-hub.ts';

interface Made {
  readonly bytes: number;
  closed: boolean;
}

/** A hub that decodes when it is told to. */
function rig(): { hub: PictureHub; decode: () => Promise<void>; made: Made[]; asked: number[] } {
  const waiting: (() => void)[] = [];
  const made: Made[] = [];
  const asked: number[] = [];
  const hub = new PictureHub(
    (jpeg) =>
      new Promise((resolve) => {
        asked.push(jpeg.length);
        waiting.push(() => {
          const bitmap: Made & { close: () => void } = {
            bytes: jpeg.length,
            closed: false,
            close() {
              this.closed = true;
            },
          };
          made.push(bitmap);
          resolve(bitmap as unknown as ImageBitmap);
        });
      }),
  );
  return {
    hub,
    made,
    asked,
    async decode() {
      waiting.shift()?.();
      await Promise.resolve();
      await Promise.resolve();
    },
  };
}

const picture = (id: string, size: number): Uint8Array => encodePicture(id, new Uint8Array(size));
const sizeOf = (bitmap: ImageBitmap): number => (bitmap as unknown as Made).bytes;

describe('a picture', () => {
  test('is decoded once for all that show it', async () => {
    const { hub, decode, asked } = rig();
    const one: number[] = [];
    const two: number[] = [];
    hub.view('cam:one', { draw: (bitmap) => one.push(sizeOf(bitmap)) });
    hub.view('cam:one', { draw: (bitmap) => two.push(sizeOf(bitmap)) });
    hub.take(picture('cam:one', 5));
    await decode();
    expect([one, two, asked]).toEqual([[5], [5], [5]]);
  });

  test('that nobody shows is not decoded', () => {
    const { hub, asked } = rig();
    hub.take(picture('cam:one', 5));
    expect(asked).toEqual([]);
  });

  test('gives way to the newest while it is decoded', async () => {
    const { hub, decode, asked } = rig();
    const seen: number[] = [];
    hub.view('cam:one', { draw: (bitmap) => seen.push(sizeOf(bitmap)) });
    for (const size of [1, 2, 3, 4]) hub.take(picture('cam:one', size));
    await decode();
    await decode();
    expect(asked).toEqual([1, 4]);
    expect(seen).toEqual([1, 4]);
  });

  test('is shown at once to a view that comes later', async () => {
    const { hub, decode } = rig();
    hub.view('cam:one', { draw: () => undefined });
    hub.take(picture('cam:one', 5));
    await decode();
    const seen: number[] = [];
    hub.view('cam:one', { draw: (bitmap) => seen.push(sizeOf(bitmap)) });
    expect(seen).toEqual([5]);
  });

  test('is let go when its last view goes, also one that is still decoded', async () => {
    const { hub, decode, made } = rig();
    const away = hub.view('cam:one', { draw: () => undefined });
    hub.take(picture('cam:one', 5));
    await decode();
    hub.take(picture('cam:one', 6));
    away();
    await decode();
    expect(made.map(({ closed }) => closed)).toEqual([true, true]);
  });
});

test('views learn whether pictures come now', () => {
  const { hub } = rig();
  const said: boolean[] = [];
  hub.onLive(() => said.push(hub.live));
  hub.setLive(true);
  hub.setLive(true);
  hub.setLive(false);
  expect(said).toEqual([true, false]);
});
