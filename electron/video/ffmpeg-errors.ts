/**
 * What ffmpeg complains of, as sentences for people. The first line that fits tells; ffmpeg's later lines are
 * consequences.
 */
const SENTENCES: readonly (readonly [pattern: RegExp, sentence: string])[] = [
  [/Device or resource busy/i, 'The camera is in use by another program.'],
  [/Permission denied/i, 'Crosspoint may not open it: permission denied.'],
  [/Cannot open video device|No such device|\/dev\/video\S*: No such file/i, 'The camera is not connected.'],
  [/Inappropriate ioctl|Not a video capture device/i, 'The device is not a camera.'],
  [
    /Cannot open display|Can't open display/i,
    'The screen cannot be opened: there is no X display of that name.',
  ],
  [/Can't find window/i, 'The window is not there any more. Choose it again.'],
  [/Capture area .* outside the screen/i, 'The region is outside the screen or the window.'],
  [/No such file or directory/i, 'The file does not exist.'],
  [/401 Unauthorized|authorization failed/i, 'The camera wants a user name and password, or they are wrong.'],
  [/403 Forbidden/i, 'The camera refuses access (403).'],
  [/404 Not Found/i, 'There is nothing at this address (404).'],
  [/Server returned 5\d\d|5XX Server Error/i, 'The camera answers with an error of its own.'],
  [/Connection refused/i, 'The connection was refused: nothing answers at this address.'],
  [/timed out|Operation timed out|ETIMEDOUT/i, 'It does not answer.'],
  [/No route to host|Network is unreachable/i, 'There is no way to this address in the network.'],
  [
    /Name or service not known|Failed to resolve hostname|Temporary failure in name/i,
    'The name of the host is not known.',
  ],
  [/Protocol not found|Protocol .* not on whitelist/i, 'This kind of address is not supported.'],
  [
    /Invalid data found when processing input|could not find codec parameters|moov atom not found/i,
    'It holds no picture that can be read.',
  ],
  [
    /does not contain any stream|Stream map .* matches no streams|matches no streams/i,
    'There is no video in it.',
  ],
  [/Decoder .* not found|Unknown decoder|no decoder found/i, 'ffmpeg cannot decode this kind of video.'],
  [/Unknown encoder|No such filter/i, 'This ffmpeg lacks something that is needed.'],
  [/Cannot allocate memory|No space left/i, 'The machine has run out of memory or disk space.'],
  [/Input\/output error/i, 'The connection broke.'],
];

/** One sentence of what ffmpeg wrote to stderr. */
export function ffmpegSentence(stderr: string, otherwise = 'ffmpeg ended unexpectedly.'): string {
  for (const line of stderr.split(/\r?\n/))
    for (const [pattern, sentence] of SENTENCES) if (pattern.test(line)) return sentence;
  return otherwise;
}

/** The size and rate of the (first) video that ffmpeg says it reads. */
export function inputFormatIn(
  stderr: string,
): { readonly width: number; readonly height: number; readonly fps?: number } | undefined {
  const line = stderr.split(/\r?\n/).find((candidate) => /Stream #0:\d+.*: Video: /.test(candidate));
  const [, width, height] = /[ ,](\d{2,5})x(\d{2,5})[ ,[]/.exec(line ?? '') ?? [];
  if (line === undefined || width === undefined || height === undefined) return undefined;
  const fps = /, ([\d.]+) (?:fps|tbr)/.exec(line)?.[1];
  return { width: Number(width), height: Number(height), ...(fps === undefined ? {} : { fps: Number(fps) }) };
}
