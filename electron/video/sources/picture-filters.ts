import { type PictureSettings } from '../../contract/index.ts';

/** Nothing is changed: a camera's own JPEGs and a publisher's own H.264 may be passed on. */
export const PLAIN_PICTURE: PictureSettings = { crop: null, rotate: 0, mirror: false, blur: false };

export const samePicture = (a: PictureSettings, b: PictureSettings): boolean =>
  a.rotate === b.rotate &&
  a.mirror === b.mirror &&
  a.blur === b.blur &&
  a.crop?.x === b.crop?.x &&
  a.crop?.y === b.crop?.y &&
  a.crop?.width === b.crop?.width &&
  a.crop?.height === b.crop?.height;

export const isPlain = (picture: PictureSettings): boolean => samePicture(picture, PLAIN_PICTURE);

/**
 * What remains of a blurred picture on its longer side: a face that fills a quarter of it is four points wide. Less than
 * anybody is recognised by, and a movement can still be seen.
 */
const BLUR_POINTS = 16;

const ROTATIONS: Readonly<Record<PictureSettings['rotate'], readonly string[]>> = {
  0: [],
  90: ['transpose=clock'],
  180: ['hflip', 'vflip'],
  270: ['transpose=cclock'],
};

/** ffmpeg's filters: crop, then rotate, then mirror, then blur. The shape of the picture is kept in its aspect ratio. */
export function pictureFilters({ crop, rotate, mirror, blur }: PictureSettings): readonly string[] {
  const part = (value: number): string => value.toFixed(5);
  return [
    ...(crop
      ? [
          `crop='max(2,2*round(iw*${part(crop.width)}/2))':'max(2,2*round(ih*${part(crop.height)}/2))':'iw*${part(crop.x)}':'ih*${part(crop.y)}'`,
        ]
      : []),
    ...ROTATIONS[rotate],
    ...(mirror ? ['hflip'] : []),
    ...(blur
      ? [
          `scale='if(gte(a,1),${BLUR_POINTS},max(2,2*round(${BLUR_POINTS / 2}*a)))':'if(gte(a,1),max(2,2*round(${BLUR_POINTS / 2}/a)),${BLUR_POINTS})':flags=area`,
        ]
      : []),
  ];
}
