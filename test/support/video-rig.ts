import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { type Disposable, DisposableStore } from '../../electron/base/disposable.ts';
import { type Logger, silentLogger } from '../../electron/base/logger.ts';
import { delay, within } from '../../electron/base/time.ts';
import {
  CameraSettings,
  DestinationId,
  GadgetId,
  type PictureSettings,
  SourceId,
} from '../../electron/contract/index.ts';
import { Supervisor } from '../../electron/engine/supervisor.ts';
import { type VideoDesired, type VideoSourceDesired } from '../../electron/video/plane.ts';
import { connectRtmp, type RtmpClient } from '../../electron/video/rtmp/client.ts';
import { parseMjpegFrame } from '../../electron/video/rtmp/ex-video.ts';
import { PLAIN_PICTURE } from '../../electron/video/sources/picture-filters.ts';
import {
  createVideoPlane,
  type StartedVideoPlane,
  type VideoPlaneOptions,
} from '../../electron/video/video-plane.ts';

export const SLATES_DIR = fileURLToPath(new URL('../../assets/slates', import.meta.url));
export const FRAME_MS = 1000 / 30;

export const sourceId = (id: string): SourceId => SourceId.parse(id);
export const destinationId = (id: string): DestinationId => DestinationId.parse(id);

export const camera = (id: string, settings: unknown, muted = false): VideoSourceDesired => ({
  id: sourceId(id),
  label: id,
  muted,
  picture: PLAIN_PICTURE,
  kind: 'camera',
  camera: CameraSettings.parse(settings),
});

export const ingest = (
  id: string,
  key: string,
  muted = false,
): Extract<VideoSourceDesired, { kind: 'ingest' }> => ({
  id: sourceId(id),
  label: id,
  muted,
  picture: PLAIN_PICTURE,
  kind: 'ingest',
  key,
  takeOver: false,
});

/** The same source with its picture changed. */
export const pictured = (
  source: VideoSourceDesired,
  picture: Partial<PictureSettings>,
): VideoSourceDesired => ({
  ...source,
  picture: { ...source.picture, ...picture },
});

const BUILT_IN_SLATES: VideoDesired['slates'] = { afterMs: 500, noSignal: null, muted: null };

/** One gadget "desk" with the token "secret", one program "recorder". */
export const desired = (
  sources: readonly VideoSourceDesired[],
  routed: string | null,
  { muted = false, program = null as string | null, maxFrameBytes = 100_000, slates = BUILT_IN_SLATES } = {},
): VideoDesired => ({
  slates,
  sources,
  gadgets: [{ id: GadgetId.parse('desk'), token: 'secret' }],
  outputs: [
    {
      id: destinationId('desk.webcam'),
      label: 'Desk',
      kind: 'webcam',
      gadget: GadgetId.parse('desk'),
      maxFrameBytes,
      source: routed === null ? null : sourceId(routed),
      muted,
    },
    {
      id: destinationId('program:recorder'),
      label: 'Recorder',
      kind: 'program',
      source: program === null ? null : sourceId(program),
      muted: false,
    },
  ],
});

/** A video plane on a free port, and everything that a test starts against it. */
export class VideoRig implements Disposable {
  readonly plane: StartedVideoPlane;
  readonly children: Supervisor;
  readonly owned = new DisposableStore();
  url = '';

  constructor(options: Partial<VideoPlaneOptions> & { readonly log?: Logger } = {}) {
    const log = options.log ?? (process.env.VIDEO_LOG ? consoleLogger() : silentLogger);
    this.children = new Supervisor(log.child('children'));
    this.plane = createVideoPlane({
      log,
      children: this.children,
      rtmp: { host: '127.0.0.1', port: 0 },
      slatesDir: SLATES_DIR,
      lingerMs: 400,
      // Not the cameras of the machine that tests.
      cameras: { devDir: '/nonexistent' },
      ...options,
    });
  }

  static async start(options: Partial<VideoPlaneOptions> = {}): Promise<VideoRig> {
    const rig = new VideoRig(options);
    const { host, port } = await rig.plane.start();
    rig.url = `rtmp://${host}:${port}`;
    return rig;
  }

  /** How many ffmpeg of the plane are running. */
  get running(): number {
    return this.children.running.length;
  }

  async play(path: string): Promise<Receiver> {
    return this.owned.add(await Receiver.play(`${this.url}/${path}`));
  }

  /** A real ffmpeg that publishes; resolves at once. */
  publish(
    key: string,
    input = 'color=c=red:size=1280x720:rate=30',
    args: readonly string[] = [],
  ): Publishing {
    return this.owned.add(new Publishing(`${this.url}/live/${key}`, input, args));
  }

  /** Resolves when the condition holds, which is looked at whenever the status changes and now and then. */
  async until(what: string, holds: () => boolean, ms = 5000): Promise<void> {
    await until(what, holds, ms);
  }

  async dispose(): Promise<void> {
    await this.owned.dispose();
    await this.plane.dispose();
    await this.children.dispose();
  }
}

export async function until(what: string, holds: () => boolean, ms = 5000): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  try {
    await within(
      ms,
      what,
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (holds()) resolve();
        };
        timer = setInterval(look, 5);
        look();
      }),
    );
  } finally {
    clearInterval(timer);
  }
}

export class Publishing implements Disposable {
  readonly process: ChildProcess;
  stderr = '';
  readonly exited: Promise<void>;

  constructor(url: string, input: string, args: readonly string[]) {
    const parameters =
      args.length > 0
        ? args
        : [
            '-c:v',
            'libx264',
            '-preset',
            'ultrafast',
            '-tune',
            'zerolatency',
            '-g',
            '30',
            '-pix_fmt',
            'yuv420p',
          ];
    this.process = spawn(
      'ffmpeg',
      [
        '-hide_banner',
        '-loglevel',
        'warning',
        '-nostdin',
        '-re',
        '-f',
        'lavfi',
        '-i',
        input,
        ...parameters,
        '-threads',
        '1',
        '-f',
        'flv',
        url,
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    this.exited = new Promise((resolve) => this.process.once('close', () => resolve()));
  }

  async dispose(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGKILL');
    await this.exited;
  }
}

export interface Received {
  readonly jpeg: Buffer;
  readonly atMs: number;
  readonly timestampMs: number;
}

/** A gadget's stand-in: plays a stream and keeps what it gets. */
export class Receiver implements Disposable {
  readonly client: RtmpClient;
  readonly frames: Received[] = [];
  #listeners = new Set<(frame: Received) => void>();

  constructor(client: RtmpClient) {
    this.client = client;
    client.onMedia(({ payload, timestampMs }) => {
      const jpeg = parseMjpegFrame(payload);
      if (!jpeg) return;
      const frame = { jpeg: Buffer.from(jpeg), atMs: performance.now(), timestampMs };
      this.frames.push(frame);
      for (const listener of [...this.#listeners]) listener(frame);
    });
  }

  static async play(url: string): Promise<Receiver> {
    const receiver = new Receiver(await connectRtmp({ url }));
    await receiver.client.play();
    return receiver;
  }

  next(what = 'the next frame', ms = 3000): Promise<Received> {
    return within(
      ms,
      what,
      new Promise((resolve) => {
        const listener = (frame: Received): void => {
          this.#listeners.delete(listener);
          resolve(frame);
        };
        this.#listeners.add(listener);
      }),
    );
  }

  /** A frame from now on that has this colour. Looks at a few each second: looking costs more than sending. */
  async untilColour(colour: Colour, ms = 5000): Promise<Received> {
    const deadlineMs = performance.now() + ms;
    for (;;) {
      const frame = await this.next(`a ${colour} picture`, Math.max(1, deadlineMs - performance.now()));
      if ((await colourOf(frame.jpeg)) === colour) return frame;
      await delay(120);
    }
  }

  dispose(): void {
    void this.client.dispose();
  }
}

export type Colour = 'red' | 'green' | 'blue' | 'dark' | 'other';

/** Mean colour of a JPEG, by ffmpeg. */
export async function rgbOf(jpeg: Uint8Array): Promise<readonly [number, number, number]> {
  const out = await ffmpegFilter(jpeg, [
    '-f',
    'mjpeg',
    '-i',
    'pipe:0',
    '-vf',
    'scale=1:1:flags=area,format=rgb24',
    '-f',
    'rawvideo',
    'pipe:1',
  ]);
  return [out[0] ?? 0, out[1] ?? 0, out[2] ?? 0];
}

export const colourOf = async (jpeg: Uint8Array): Promise<Colour> => nameColour(await rgbOf(jpeg));

export function nameColour([r, g, b]: readonly [number, number, number]): Colour {
  if (r > 150 && g < 90 && b < 90) return 'red';
  if (g > 150 && r < 90 && b < 90) return 'green';
  if (b > 150 && r < 90 && g < 90) return 'blue';
  if (r < 60 && g < 60 && b < 60) return 'dark';
  return 'other';
}

/** The colours of a JPEG, scaled to this size, by ffmpeg. */
export async function pixelsOf(
  jpeg: Uint8Array,
  width: number,
  height: number,
): Promise<(x: number, y: number) => readonly [number, number, number]> {
  const out = await ffmpegFilter(jpeg, [
    ...['-f', 'mjpeg', '-i', 'pipe:0', '-vf', `scale=${width}:${height}:flags=area,format=rgb24`],
    ...['-f', 'rawvideo', 'pipe:1'],
  ]);
  return (x, y) => {
    const [r = 0, g = 0, b = 0] = out.subarray((y * width + x) * 3);
    return [r, g, b];
  };
}

/** Width and height from a JPEG's start-of-frame segment. */
export function sizeOf(jpeg: Uint8Array): string {
  for (let i = 2; i + 9 < jpeg.length;) {
    const marker = jpeg[i + 1]!;
    if (marker === 0xc0 || marker === 0xc1 || marker === 0xc2)
      return `${jpeg[i + 7]! * 256 + jpeg[i + 8]!}x${jpeg[i + 5]! * 256 + jpeg[i + 6]!}`;
    i += 2 + jpeg[i + 2]! * 256 + jpeg[i + 3]!;
  }
  return 'none';
}

function ffmpegFilter(input: Uint8Array, args: readonly string[]): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stdin.on('error', () => undefined);
    child.once('error', reject);
    child.once('close', () => resolve(Buffer.concat(chunks)));
    child.stdin.end(input);
  });
}

/** The largest pause between frames, and whether timestamps ever went back, from the `from`th frame on. */
export function gapsOf(
  frames: readonly Received[],
  from = 0,
): { readonly largestMs: number; readonly backwards: number } {
  let largestMs = 0;
  let backwards = 0;
  for (let i = from + 1; i < frames.length; i++) {
    largestMs = Math.max(largestMs, frames[i]!.atMs - frames[i - 1]!.atMs);
    if (frames[i]!.timestampMs <= frames[i - 1]!.timestampMs) backwards++;
  }
  return { largestMs, backwards };
}

function consoleLogger(prefix = ''): Logger {
  const say =
    (level: string) =>
    (message: string, fields?: unknown): void =>
      console.log(performance.now().toFixed(0), level, prefix, message, fields ? JSON.stringify(fields) : '');
  return {
    debug: say('debug'),
    info: say('info'),
    warn: say('warn'),
    error: say('error'),
    child: (name) => consoleLogger(`${prefix}/${name}`),
  };
}

/**
 * How late this process ran at most while it was measured. Server and receiver share it: on a machine that has no time
 * for them, a pause says nothing about either.
 */
export class Lag {
  #dueMs = performance.now() + LAG_STEP_MS;
  #worstMs = 0;
  readonly #timer = setInterval(() => this.#tick(), LAG_STEP_MS);

  /** Ends the measurement. */
  stop(): number {
    this.#tick();
    clearInterval(this.#timer);
    return this.#worstMs;
  }

  #tick(): void {
    const now = performance.now();
    this.#worstMs = Math.max(this.#worstMs, now - this.#dueMs);
    this.#dueMs = now + LAG_STEP_MS;
  }
}

const LAG_STEP_MS = 5;

/**
 * How many times slower than a machine with time to spare this one is now, at least 1: by how long a program takes to
 * start, which is 50 ms there and most of what a cold source waits for.
 */
export async function machineSlowness(): Promise<number> {
  const startMs = performance.now();
  const child = spawn('ffmpeg', ['-version'], { stdio: 'ignore' });
  await new Promise((resolve) => child.once('close', resolve));
  return Math.max(1, (performance.now() - startMs) / 100);
}
