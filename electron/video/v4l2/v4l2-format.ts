import { type FoundCamera } from '../../contract/index.ts';

export interface WantedFormat {
  readonly pixelFormat?: string | undefined;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly fps?: number | undefined;
}

export interface ChosenFormat {
  /** FourCC; undefined: whatever the driver has. */
  readonly pixelFormat: string | undefined;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** ffmpeg's names for V4L2's FourCCs. */
const FFMPEG_NAMES: Readonly<Record<string, string>> = {
  MJPG: 'mjpeg',
  JPEG: 'mjpeg',
  H264: 'h264',
  HEVC: 'hevc',
  YUYV: 'yuyv422',
  UYVY: 'uyvy422',
  YVYU: 'yvyu422',
  NV12: 'nv12',
  NV21: 'nv21',
  YU12: 'yuv420p',
  RGB3: 'rgb24',
  BGR3: 'bgr24',
  GREY: 'gray',
};

/** Undefined: ffmpeg takes what the driver gives. */
export const ffmpegFormat = (pixelFormat: string | undefined): string | undefined =>
  pixelFormat === undefined ? undefined : FFMPEG_NAMES[pixelFormat];

/** Its pictures can be passed on as they are. */
export const isJpeg = (pixelFormat: string | undefined): boolean => ffmpegFormat(pixelFormat) === 'mjpeg';

const DEFAULT = { width: 1280, height: 720, fps: 30 } as const;

/**
 * What a camera is asked for. Its formats are not known: what is wanted, and the driver takes what is nearest. Known:
 * the wanted size or the next larger one; JPEG before anything else, for it goes through untouched; the wanted rate or
 * the next higher one.
 */
export function chooseFormat(formats: FoundCamera['formats'], wanted: WantedFormat): ChosenFormat {
  const { pixelFormat, width = DEFAULT.width, height = DEFAULT.height, fps = DEFAULT.fps } = wanted;
  const usable = formats.filter(
    (format) =>
      format.pixelFormat === pixelFormat || (pixelFormat === undefined && ffmpegFormat(format.pixelFormat)),
  );
  if (usable.length === 0) return { pixelFormat, width, height, fps };
  const ranked = usable
    .map((format) => {
      const covers = format.width >= width && format.height >= height;
      const area = Math.abs(format.width * format.height - width * height);
      const rate = rateOf(format.fps, fps);
      return {
        format: { pixelFormat: format.pixelFormat, width: format.width, height: format.height, fps: rate },
        // In this order: fast enough, JPEG, the size.
        rank: [
          rate >= Math.min(fps, 15) ? 0 : 1,
          isJpeg(format.pixelFormat) ? 0 : 1,
          covers ? 0 : 1,
          area,
          -rate,
        ],
      };
    })
    .sort((a, b) => compare(a.rank, b.rank));
  return ranked[0]?.format ?? { pixelFormat, width, height, fps };
}

function rateOf(rates: readonly number[], wanted: number): number {
  if (rates.length === 0) return wanted;
  const enough = rates.filter((rate) => rate >= wanted - 0.5);
  return enough.length > 0 ? Math.min(...enough) : Math.max(...rates);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
