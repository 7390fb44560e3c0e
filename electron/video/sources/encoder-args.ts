import { type PictureSettings } from '../../contract/index.ts';
import { type Ffmpeg } from '../ffmpeg.ts';
import { type FrameLimits, limitsOf, rateControl, type Rendition } from '../frames/rendition.ts';
import { pictureFilters, PLAIN_PICTURE } from './picture-filters.ts';

/**
 * Steeper than MPEG-1's matrix: at the coarsest quantiser even random noise in 1280x720 stays below 100 KB, and at the
 * finer ones it costs nothing that the eye would see. Row by row.
 */
const MATRIX = [[16, 16, 24, 40], [16, 24, 40], [24, 40], [40]];
const intraMatrix = (steepness: number): string =>
  Array.from({ length: 64 }, (_, index) => {
    const value = MATRIX[index >> 3]?.[index & 7] ?? 66;
    // The first one is not a part of the steepness: it is how bright a block is.
    return index === 0 ? value : Math.min(255, value * steepness);
  }).join(',');

/** Bits that a pixel may have at most, below which a steeper matrix is needed to hold noise to the cap (measured). */
const STEEPER = [
  { bitsPerPixel: 0.12, matrix: intraMatrix(4) },
  { bitsPerPixel: 0.26, matrix: intraMatrix(2) },
  { bitsPerPixel: Infinity, matrix: intraMatrix(1) },
] as const;

const matrixFor = ({ width, height }: Rendition, bufferBits: number): string =>
  STEEPER.find(({ bitsPerPixel }) => bufferBits / (width * height) < bitsPerPixel)?.matrix ?? intraMatrix(1);

export interface EncoderPlan {
  /** Everything up to and including `-i …`. */
  readonly input: readonly string[];
  /** Seconds (of the input's own time) before which pictures are the past: nearly all of them are skipped. */
  readonly skipUntilSeconds?: number;
  /** Filter chains that make the picture, the last one open at its end. Default: the input's first video. */
  readonly chains?: string;
  /** One picture, and the end. */
  readonly single?: boolean;
}

/** All arguments of one ffmpeg that makes these renditions, the first on stdout, the others on descriptors 3, 4 … */
export function encoderArgs(
  ffmpeg: Pick<Ffmpeg, 'hasFpsMode'>,
  plan: EncoderPlan,
  renditions: readonly Rendition[],
  limits: FrameLimits,
  picture: PictureSettings = PLAIN_PICTURE,
): string[] {
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'info'],
    ...plan.input,
    ...['-filter_complex_threads', '1', '-filter_complex', filterGraph(plan, renditions, picture)],
    ...renditions.flatMap((rendition, index) => [
      ...(plan.single === true ? ['-frames:v', '1'] : []),
      ...outputArgs(ffmpeg, rendition, index, limits),
    ]),
  ];
}

function filterGraph(plan: EncoderPlan, renditions: readonly Rendition[], picture: PictureSettings): string {
  const fastest = Math.max(...renditions.map(({ fps }) => fps));
  const head = [`select='${pace(fastest, plan.skipUntilSeconds)}'`, ...pictureFilters(picture)];
  const branches = renditions.map((rendition, index) => {
    const filters = [
      ...(rendition.fps < fastest ? [`select='${pace(rendition.fps)}'`] : []),
      ...fit(rendition),
      // In whole intervals, for the encoder's rate control sees a frame rate in the time base; and growing, even when a
      // picture of another size has made ffmpeg build its filters anew.
      `settb=1/${rendition.fps}`,
      `setpts='max(round(T*${rendition.fps}),if(isnan(PREV_OUTPTS),0,PREV_OUTPTS+1))'`,
    ];
    return `[s${index}]${filters.join(',')}[o${index}]`;
  });
  return [
    `${plan.chains === undefined ? '[0:v:0]' : `${plan.chains},`}${head.join(',')},split=${renditions.length}${renditions.map((_, index) => `[s${index}]`).join('')}`,
    ...branches,
  ].join(';');
}

/** At most `fps`, decided on each picture alone: no delay, nothing doubled. */
function pace(fps: number, skipUntilSeconds?: number): string {
  const due = `isnan(prev_selected_t)+gte(t-prev_selected_t,${(0.85 / fps).toFixed(4)})`;
  if (skipUntilSeconds === undefined || skipUntilSeconds <= 0) return due;
  // While a long past is caught up with, a picture now and then.
  return `if(gte(t,${skipUntilSeconds.toFixed(3)}),${due},gte(t-if(isnan(prev_selected_t),0,prev_selected_t),1))`;
}

/** The whole picture in this size, with black bars where the shapes differ; full range and BT.601 as JPEG has it. */
const fit = ({ width, height }: Rendition): readonly string[] => [
  "scale='max(2,trunc(iw*sar/2)*2)':ih:flags=fast_bilinear",
  `scale=${width}:${height}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bilinear:out_range=pc:out_color_matrix=bt601`,
  'format=yuvj420p',
  `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`,
  'setsar=1',
];

function outputArgs(
  { hasFpsMode }: Pick<Ffmpeg, 'hasFpsMode'>,
  rendition: Rendition,
  index: number,
  limits: FrameLimits,
): string[] {
  const rate = rateControl(rendition, limitsOf(rendition, limits));
  return [
    ...['-map', `[o${index}]`, '-an', '-sn', '-dn', hasFpsMode ? '-fps_mode' : '-vsync', 'passthrough'],
    ...['-enc_time_base', `1:${rendition.fps}`, '-c:v', 'mjpeg', '-threads', '1', '-huffman', 'optimal'],
    ...['-intra_matrix', matrixFor(rendition, rate.bufferBits), '-qmin', '3', '-qmax', '31'],
    ...['-b:v', String(rate.averageBitsPerSecond), '-maxrate', String(rate.maxBitsPerSecond)],
    ...['-bufsize', String(rate.bufferBits), '-bt', String(rate.toleranceBits)],
    ...['-flush_packets', '1', '-f', 'mpjpeg', `pipe:${index === 0 ? 1 : index + 2}`],
  ];
}
