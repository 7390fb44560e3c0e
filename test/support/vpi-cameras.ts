import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { execFile } from 'node:child_process';
import { jpegOf, numbered } from './vpi-pictures.ts';

const FPS = 30;
/** More than a camera's own buffers hold: then its oldest pictures are lost. */
const MAX_BACKLOG_BYTES = 400_000;

/**
 * Cameras that speak MJPEG, as USB cameras do: the box passes their pictures on untouched, so that the numbers, times and
 * checksums in them arrive at the client computer. Device files and an ffmpeg stand in for the cameras' drivers; for
 * anything but these cameras it is the real ffmpeg.
 */
export class NumberedCameras {
  sizeBytes = 90_000;
  readonly #directory: string;
  readonly #base: Buffer;
  readonly #servers: Server[] = [];
  readonly #open = new Map<Socket, number>();
  #number = 0;
  #next = performance.now();
  #timer: NodeJS.Timeout | undefined;

  private constructor(directory: string, base: Buffer) {
    this.#directory = directory;
    this.#base = base;
  }

  /** So many cameras; the first one's pictures say that they are of source 1. */
  static async start(count: number): Promise<NumberedCameras> {
    // Under /dev, where cameras have to be.
    const directory = await mkdtemp('/dev/shm/crosspoint-cameras-');
    const cameras = new NumberedCameras(directory, await jpegOf(1280, 720));
    const ffmpeg = (await promisify(execFile)('which', ['ffmpeg'])).stdout.trim();
    await writeFile(
      join(directory, 'ffmpeg'),
      `#!/bin/sh
case "$*" in *' v4l2 '*) ;; *) exec '${ffmpeg}' "$@" ;; esac
device=$(echo "$*" | sed 's/.* -i \\([^ ]*\\).*/\\1/')
exec '${process.execPath}' -e 'require("net").connect(process.argv[1]).pipe(process.stdout)' "$device.socket"
`,
      { mode: 0o755 },
    );
    for (let source = 1; source <= count; source++) await cameras.#plugIn(source);
    cameras.#tick();
    return cameras;
  }

  /** What a box needs in its environment to open them. */
  get env(): Record<string, string> {
    return {
      PATH: `${this.#directory}:${process.env.PATH ?? ''}`,
      FFMPEG_BIN: join(this.#directory, 'ffmpeg'),
    };
  }

  device(source: number): string {
    return join(this.#directory, `video${source}`);
  }

  async dispose(): Promise<void> {
    clearTimeout(this.#timer);
    for (const socket of this.#open.keys()) socket.destroy();
    for (const server of this.#servers) server.close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  async #plugIn(source: number): Promise<void> {
    await writeFile(this.device(source), '');
    const server = createServer((socket) => {
      this.#open.set(socket, source);
      socket.on('error', () => undefined);
      socket.on('close', () => this.#open.delete(socket));
    });
    this.#servers.push(server);
    server.listen(`${this.device(source)}.socket`);
    await once(server, 'listening');
  }

  #tick(): void {
    const interval = 1000 / FPS;
    this.#next += interval;
    const now = performance.now();
    if (this.#next < now - 3 * interval) this.#next = now;
    this.#number++;
    for (const [socket, source] of this.#open) {
      if (socket.writableLength > MAX_BACKLOG_BYTES) continue;
      const picture = numbered(this.#base, this.#number, source, this.sizeBytes);
      socket.write(`--ffmpeg\r\nContent-type: image/jpeg\r\nContent-length: ${picture.length}\r\n\r\n`);
      socket.write(picture);
      socket.write('\r\n');
    }
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, this.#next - performance.now()));
  }
}
