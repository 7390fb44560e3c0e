import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { silentLogger } from '../../electron/base/logger.ts';
import { connectRtmp, type RtmpClient } from '../../electron/video/rtmp/client.ts';
import { parseMjpegFrame } from '../../electron/video/rtmp/ex-video.ts';

export type Colour = 'red' | 'green' | 'blue' | 'dark' | 'other';

/** The mean colours of JPEGs, by name. Never blocks: the frames that come meanwhile keep their times. */
export async function coloursOf(jpegs: readonly Uint8Array[]): Promise<Colour[]> {
  if (jpegs.length === 0) return [];
  const args = [
    '-loglevel',
    'error',
    '-f',
    'mjpeg',
    '-i',
    '-',
    '-vf',
    'scale=1:1:flags=area',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'rgb24',
    '-',
  ];
  const child = spawn('ffmpeg', args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stdin.on('error', () => undefined);
  child.stdin.end(Buffer.concat(jpegs));
  await once(child, 'close');
  const rgb = Buffer.concat(chunks);
  return jpegs.map((_, i) => nameOf(rgb[i * 3] ?? 0, rgb[i * 3 + 1] ?? 0, rgb[i * 3 + 2] ?? 0));
}

export const colourOf = async (jpeg: Uint8Array): Promise<Colour> => (await coloursOf([jpeg]))[0]!;

function nameOf(r: number, g: number, b: number): Colour {
  if (r > 140 && g < 90 && b < 90) return 'red';
  if (b > 140 && r < 90 && g < 90) return 'blue';
  if (g > 100 && r < 90 && b < 90) return 'green';
  return r < 70 && g < 70 && b < 80 ? 'dark' : 'other';
}

/** A real ffmpeg that publishes one colour as 720p30 H.264 with AAC. */
export function publishColour(
  colour: 'red' | 'green' | 'blue',
  url: string,
): { child: ChildProcess; stop: () => Promise<void> } {
  const child = spawn(
    'ffmpeg',
    [
      ...[
        '-loglevel',
        'error',
        '-nostdin',
        '-re',
        '-f',
        'lavfi',
        '-i',
        `color=${colour}:size=1280x720:rate=30`,
      ],
      ...['-f', 'lavfi', '-i', 'anullsrc=r=48000:cl=stereo'],
      ...[
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
        '-c:a',
        'aac',
        '-f',
        'flv',
        url,
      ],
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return {
    child,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      child.kill('SIGKILL');
      await closed;
    },
  };
}

export interface ReceivedFrame {
  readonly atMs: number;
  readonly timestampMs: number;
  readonly jpeg: Uint8Array;
}

/** Plays `gadget/<id>` as a gadget does, and keeps what it was sent. */
export class FrameReceiver {
  readonly frames: ReceivedFrame[] = [];
  readonly client: RtmpClient;
  readonly #waiting = new Set<() => void>();
  ended: string | undefined;

  private constructor(client: RtmpClient) {
    this.client = client;
    client.onMedia(({ payload, timestampMs }) => {
      const jpeg = parseMjpegFrame(payload);
      if (!jpeg) return;
      this.frames.push({ atMs: performance.now(), timestampMs, jpeg });
      for (const check of [...this.#waiting]) check();
    });
    client.onEnd((reason) => (this.ended = reason));
  }

  static async play(url: string): Promise<FrameReceiver> {
    const client = await connectRtmp({ url, log: silentLogger });
    const receiver = new FrameReceiver(client);
    await client.play();
    return receiver;
  }

  /** Index of the first frame from `from` on that is of this colour. */
  async colour(wanted: Colour, from = 0, limitMs = 10_000): Promise<number> {
    const deadline = performance.now() + limitMs;
    for (let at = from; ;) {
      const batch = this.frames.slice(at);
      const found = (await coloursOf(batch.map(({ jpeg }) => jpeg))).indexOf(wanted);
      if (found >= 0) return at + found;
      at += batch.length;
      const leftMs = deadline - performance.now();
      if (leftMs <= 0) throw new Error(`no ${wanted} picture within ${limitMs} ms; ${at - from} others came`);
      if (this.frames.length === at) await this.more(1, leftMs);
    }
  }

  /** Resolves when so many more frames have come. */
  more(count: number, limitMs = 10_000): Promise<void> {
    const wanted = this.frames.length + count;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${count} more frames did not come within ${limitMs} ms`)),
        limitMs,
      );
      const check = (): void => {
        if (this.frames.length < wanted) return;
        clearTimeout(timer);
        this.#waiting.delete(check);
        resolve();
      };
      this.#waiting.add(check);
    });
  }

  async dispose(): Promise<void> {
    await this.client.dispose();
  }
}
