import { describe, expect, it } from 'vitest';
import { composition } from '../../../../electron/video/sources/composition.ts';
import {
  isPlain,
  PLAIN_PICTURE,
  pictureFilters,
  samePicture,
} from '../../../../electron/video/sources/picture-filters.ts';

describe('the settings of a picture', () => {
  it('are nothing when it is left as it is', () => {
    expect(pictureFilters(PLAIN_PICTURE)).toEqual([]);
    expect(isPlain(PLAIN_PICTURE)).toBe(true);
    expect(isPlain({ ...PLAIN_PICTURE, mirror: true })).toBe(false);
  });

  it('are applied in this order: crop, rotate, mirror, blur', () => {
    const filters = pictureFilters({
      crop: { x: 0.25, y: 0, width: 0.5, height: 1 },
      rotate: 90,
      mirror: true,
      blur: true,
    });
    expect(filters.map((filter) => filter.split('=')[0])).toEqual(['crop', 'transpose', 'hflip', 'scale']);
    expect(filters[0]).toContain('0.25000');
  });

  it('are the same when each of them is', () => {
    const crop = { x: 0, y: 0, width: 0.5, height: 0.5 };
    expect(samePicture({ ...PLAIN_PICTURE, crop }, { ...PLAIN_PICTURE, crop: { ...crop } })).toBe(true);
    expect(samePicture({ ...PLAIN_PICTURE, crop }, PLAIN_PICTURE)).toBe(false);
    expect(samePicture({ ...PLAIN_PICTURE, crop }, { ...PLAIN_PICTURE, crop: { ...crop, x: 0.1 } })).toBe(
      false,
    );
  });
});

describe('a composed picture', () => {
  const WANTED = [
    { width: 320, height: 180, fps: 5 },
    { width: 1280, height: 720, fps: 30 },
  ];
  const pip = { layout: 'picture-in-picture', size: 0.25 } as const;

  it('takes its parts in the sizes that others follow too', () => {
    expect(composition({ ...pip, corner: 'top-left' }, WANTED)).toMatchObject({
      main: { width: 1280, height: 720, fps: 30 },
      inset: { width: 320, height: 180, fps: 30 },
    });
    expect(composition({ ...pip, size: 0.5, corner: 'top-left' }, WANTED).inset.width).toBe(640);
    expect(composition({ ...pip, layout: 'side-by-side', corner: 'top-left' }, WANTED).main.width).toBe(640);
    expect(composition({ ...pip, corner: 'top-left' }, WANTED.slice(0, 1)).main).toEqual({
      width: 320,
      height: 180,
      fps: 5,
    });
  });

  it.each([
    ['top-left', 32, 32],
    ['top-right', 924, 32],
    ['bottom-left', 32, 504],
    ['bottom-right', 924, 504],
  ] as const)('has the small one %s, with the same margin', (corner, x, y) => {
    expect(composition({ ...pip, corner }, WANTED).chains).toContain(`overlay=${x}:${y}:`);
  });
});
