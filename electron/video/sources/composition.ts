import { type CameraSettings } from '../../contract/index.ts';
import { type Rendition, renditionAtLeast, renditionFor } from '../frames/rendition.ts';

type Composed = Extract<CameraSettings, { kind: 'composed' }>;

export interface Composition {
  /** In which the two sources are followed. */
  readonly main: Rendition;
  readonly inset: Rendition;
  /** ffmpeg's filter chains from its two inputs to the picture, open at the end. */
  readonly chains: string;
}

const even = (value: number): number => 2 * Math.round(value / 2);
/** Between the small picture and the edge, and the line around it. */
const MARGIN = 0.025;
const LINE = 2;

/** How two pictures become one, for what is wanted of it. */
export function composition(
  { layout, corner, size }: Pick<Composed, 'layout' | 'corner' | 'size'>,
  renditions: readonly Rendition[],
): Composition {
  const fps = Math.max(...renditions.map((rendition) => rendition.fps));
  const canvas = renditionFor({ width: Math.max(...renditions.map(({ width }) => width)), fps });
  const { width, height } = canvas;
  // The encoder's range, whatever the pictures say: both must be of the same brightness.
  const scaled = (w: number, h: number): string =>
    `scale=${w}:${h}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear:out_range=pc`;
  const fitted = (w: number, h: number): string =>
    `${scaled(w, h)},format=yuvj420p,pad=${w}:${h}:(ow-iw)/2:(oh-ih)/2`;
  if (layout === 'side-by-side') {
    const half = even(width / 2);
    const rendition = renditionAtLeast(half, fps);
    return {
      main: rendition,
      inset: rendition,
      chains: [
        `[0:v:0]${fitted(half, height)},setsar=1[main]`,
        `[0:v:1]${fitted(half, height)},setsar=1[inset]`,
        '[main][inset]hstack=inputs=2',
      ].join(';'),
    };
  }
  const insetWidth = even(width * size);
  const insetHeight = even(height * size);
  const [vertical, horizontal] = corner.split('-');
  const margin = even(width * MARGIN);
  const x = horizontal === 'left' ? margin : width - insetWidth - 2 * LINE - margin;
  const y = vertical === 'top' ? margin : height - insetHeight - 2 * LINE - margin;
  return {
    main: { width, height, fps },
    inset: renditionAtLeast(insetWidth, fps),
    chains: [
      `[0:v:0]${fitted(width, height)},setsar=1[main]`,
      `[0:v:1]${fitted(insetWidth, insetHeight)},pad=iw+${2 * LINE}:ih+${2 * LINE}:${LINE}:${LINE},setsar=1[inset]`,
      `[main][inset]overlay=${x}:${y}:format=yuv420`,
    ].join(';'),
  };
}
