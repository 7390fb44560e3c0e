import { type PictureOptions } from '../plane.ts';

/** A size and rate in which a source's pictures are wanted. Equal renditions are made once and shared. */
export interface Rendition {
  readonly width: number;
  readonly height: number;
  /** At most so many pictures a second. */
  readonly fps: number;
  /** For a slow link: each step halves the bytes that a picture may have. Default 0. */
  readonly reduction?: Reduction;
  /** The largest picture for this receiver, in bytes. Default: that of the box. */
  readonly capBytes?: number;
}

export type Reduction = 0 | 1 | 2;

/** What a gadget gets that has not said what its client chose. */
export const DEFAULT_RENDITION: Rendition = { width: 1280, height: 720, fps: 30 };

const SIZES: readonly (readonly [width: number, height: number])[] = [
  [320, 180],
  [640, 360],
  [1280, 720],
];
const RATES = [5, 15, 30] as const;
const PREVIEW_WIDTH = 320;

/** Limits of what a gadget may ask for. */
const MAX_WIDTH = 1920;
const MAX_HEIGHT = 1080;

export const renditionKey = ({ width, height, fps, reduction = 0, capBytes }: Rendition): string =>
  `${width}x${height}@${fps}${reduction === 0 ? '' : `/${2 ** reduction}`}${capBytes === undefined ? '' : `<${capBytes}`}`;

export const sameRendition = (a: Rendition, b: Rendition): boolean => renditionKey(a) === renditionKey(b);

/** The lowest rate that is made and not below `fps`; the highest when there is none. Slack for 29.97 and the like. */
const rateFor = (fps: number): number => RATES.find((rate) => rate >= fps - 0.5) ?? 30;

/**
 * The rendition for someone who looks: the largest that is not wider than asked for. Small ones are previews, at 5
 * pictures a second unless asked otherwise.
 */
export function renditionFor({ width, fps }: PictureOptions): Rendition {
  const [smallest] = SIZES;
  let chosen = smallest ?? [PREVIEW_WIDTH, 180];
  for (const size of SIZES) if (size[0] <= (width ?? DEFAULT_RENDITION.width)) chosen = size;
  const preview = chosen[0] <= PREVIEW_WIDTH;
  return { width: chosen[0], height: chosen[1], fps: rateFor(fps ?? (preview ? 5 : 30)) };
}

/** The smallest that is made and hardly smaller than this. */
export function renditionAtLeast(width: number, fps: number): Rendition {
  const size = SIZES.find((candidate) => candidate[0] * 1.15 >= width) ?? SIZES.at(-1);
  return { width: size?.[0] ?? width, height: size?.[1] ?? width, fps: rateFor(fps) };
}

/** The rendition for a format that a gadget's client negotiated; undefined when it makes no sense. */
export function renditionOfFormat(format: {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}): Rendition | undefined {
  const { width, height, fps } = format;
  const even = (value: number, max: number): boolean =>
    Number.isInteger(value) && value >= 16 && value <= max && value % 2 === 0;
  if (!even(width, MAX_WIDTH) || !even(height, MAX_HEIGHT) || !(fps > 0)) return undefined;
  return { width, height, fps: rateFor(fps) };
}

export interface FrameLimits {
  /** What the encoder is held to: about 75 % of what the gadget's USB endpoint carries (docs: hardware, USB budget). */
  readonly capBytes: number;
  /** A frame above this is never sent. */
  readonly hardBytes: number;
}

export const DEFAULT_FRAME_LIMITS: FrameLimits = { capBytes: 100_000, hardBytes: 136_000 };

/** The limits for one receiver's pictures: what it asked for is 75 % of what its link carries, as ours is. */
export const limitsOf = ({ capBytes }: Rendition, limits: FrameLimits): FrameLimits =>
  capBytes === undefined || capBytes === limits.capBytes
    ? limits
    : { capBytes, hardBytes: Math.floor((capBytes * limits.hardBytes) / limits.capBytes) };

/** The same on its link as it is now: a picture that was not made for it is passed on when it has no more bytes. */
export function reducedLimitsOf(rendition: Rendition, limits: FrameLimits): FrameLimits {
  const { capBytes, hardBytes } = limitsOf(rendition, limits);
  const share = 2 ** -(rendition.reduction ?? 0);
  return { capBytes: capBytes * share, hardBytes: hardBytes * share };
}

export interface RateControl {
  readonly averageBitsPerSecond: number;
  readonly maxBitsPerSecond: number;
  readonly bufferBits: number;
  readonly toleranceBits: number;
}

/**
 * Rate control which no frame can break: the buffer holds exactly one frame of the largest size and is full again
 * at the next one, so the encoder repeats a frame that would be larger. The average is half of it, as the wire time
 * on USB is part of the latency.
 */
export function rateControl(
  { width, height, fps, reduction = 0 }: Rendition,
  { capBytes }: FrameLimits,
): RateControl {
  const bufferBits = Math.floor((capBytes * 0.985 * 8) / 2 ** reduction);
  const share = Math.min(1, ((width * height) / (1280 * 720)) ** 0.75);
  const averageBits = bufferBits * 0.5 * share;
  return {
    averageBitsPerSecond: Math.round(averageBits * fps),
    maxBitsPerSecond: bufferBits * fps,
    bufferBits,
    // The smallest that the encoder takes: it reacts within a few frames.
    toleranceBits: Math.ceil(averageBits) + 1,
  };
}
