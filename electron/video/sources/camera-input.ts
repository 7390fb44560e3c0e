import { type CameraSettings, CrosspointError } from '../../contract/index.ts';
import { type EncoderPlan } from './encoder-args.ts';

type Screen = Extract<CameraSettings, { kind: 'screen' }>;
type Pattern = Extract<CameraSettings, { kind: 'test' }>['pattern'];

const PLAIN = 'size=1280x720:rate=30';

/** Each pattern as a source of ffmpeg's lavfi. */
const PATTERN_GRAPHS: Readonly<Record<Pattern, string>> = {
  smpte: `smptehdbars=${PLAIN}`,
  bars: `pal100bars=${PLAIN}`,
  red: `color=c=red:${PLAIN}`,
  green: `color=c=lime:${PLAIN}`,
  blue: `color=c=blue:${PLAIN}`,
  gray: `color=c=gray:${PLAIN}`,
  noise: `color=c=gray:${PLAIN},noise=alls=100:allf=t+u`,
  mandelbrot: `mandelbrot=${PLAIN}`,
  clock: `testsrc=${PLAIN}`,
};

/** Not `-fflags nobuffer`: it throws away what was read for a look at the stream, and so the first key frame. */
const LOW_DELAY = ['-flags', 'low_delay', '-analyzeduration', '1000000'];
const RECORDING = /^[^?#]*\.(mp4|m4v|mkv|webm|mov|avi)([?#]|$)/i;
/** Network reads give up after so many microseconds. */
const TIMEOUT_US = '5000000';

export const testInput = (pattern: Pattern): readonly string[] => [
  '-re',
  '-f',
  'lavfi',
  '-i',
  PATTERN_GRAPHS[pattern],
];

/** A screen, a part of it, a window, or a part of that. */
export const screenInput = ({ display, window, region }: Omit<Screen, 'kind'>): readonly string[] => [
  ...['-thread_queue_size', '4', '-f', 'x11grab', '-framerate', '30'],
  ...(window === undefined ? [] : ['-window_id', window]),
  ...(region
    ? [
        ...['-grab_x', String(region.x), '-grab_y', String(region.y)],
        ...['-video_size', `${region.width}x${region.height}`],
      ]
    : []),
  ...['-i', display],
];

/**
 * How ffmpeg opens a URL or a file.
 * @throws CrosspointError `bad-request`: a kind of address that is not taken
 */
export function urlInput(url: string): readonly string[] {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(url)?.[1]?.toLowerCase();
  switch (scheme) {
    case 'rtsp':
    case 'rtsps':
      return [...LOW_DELAY, '-rtsp_transport', 'tcp', '-timeout', TIMEOUT_US, '-i', url];
    case 'http':
    case 'https':
    case 'rtmp':
    case 'rtmps':
      // A recording comes as fast as it can be read.
      return [...LOW_DELAY, '-rw_timeout', TIMEOUT_US, ...(RECORDING.test(url) ? ['-re'] : []), '-i', url];
    case 'srt':
    case 'udp':
    case 'rtp':
      return [...LOW_DELAY, '-i', url];
    case 'file':
      return fileInput(decodeURIComponent(new URL(url).pathname));
    case undefined:
      return fileInput(url);
    default:
      throw new CrosspointError('bad-request', `Addresses that begin with ${scheme}:// are not supported.`, {
        hint: 'Use rtsp://, http://, https://, rtmp://, srt:// or the path of a file.',
      });
  }
}

/** In a loop, in real time. The prefix keeps names such as `-i` or `concat:x` what they are: names of files. */
const fileInput = (path: string): readonly string[] => ['-stream_loop', '-1', '-re', '-i', `file:${path}`];

/** The encoder's input for the kinds that need nothing else than an ffmpeg of their own. */
export function cameraPlan(
  camera: Extract<CameraSettings, { kind: 'test' | 'url' | 'screen' }>,
): EncoderPlan {
  const input = ((): readonly string[] => {
    switch (camera.kind) {
      case 'test':
        return testInput(camera.pattern);
      case 'url':
        return urlInput(camera.url);
      case 'screen':
        return screenInput(camera);
    }
  })();
  return { input };
}
