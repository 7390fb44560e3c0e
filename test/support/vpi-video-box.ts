import { silentLogger } from '../../electron/base/logger.ts';
import { createRtmpServer } from '../../electron/video/rtmp/server.ts';
import { type RtmpServer, type Viewer, VIDEO } from '../../electron/video/rtmp/types.ts';
import { ClockServer } from './vpi-clock.ts';
import { HOST_FROM_GUEST } from './vpi-guest.ts';
import { jpegOf, numbered } from './vpi-pictures.ts';

const TAG = Buffer.from([0x93, ...Buffer.from('mjpg')]);
const MAX_BACKLOG_BYTES = 300_000;

export type Report = Readonly<Record<string, unknown>>;

/**
 * Stands for the box's video: the project's RTMP server, and a camera that makes numbered pictures at a steady rate in the
 * size that the gadget asks for. Newest wins: a player that lags is skipped.
 */
export class VideoBox {
  readonly token = 'a-token';
  /** Which camera is routed. A change is a switch on the next picture. */
  source = 1;
  fps = 30;
  sizeBytes = 90_000;
  /** False: connected, but nothing is sent. */
  sending = true;
  readonly format = { width: 1280, height: 720, fps: 30 };
  formats: Report[] = [];
  tally: Report = {};
  stats: Report = {};
  /** When the tally was last heard. */
  tallyAt = 0;
  plays = 0;
  refused = 0;
  sent = 0;
  skipped = 0;

  readonly #pictures = new Map<string, Buffer>();
  readonly #viewers = new Set<Viewer>();
  #server: RtmpServer | undefined;
  #clock: ClockServer | undefined;
  #port = 0;
  #number = 0;
  #timer: NodeJS.Timeout | undefined;
  #next = 0;

  static async start(): Promise<VideoBox> {
    const box = new VideoBox();
    for (const [width, height] of [
      [1280, 720],
      [640, 480],
      [640, 360],
    ] as const)
      box.#pictures.set(`${width}x${height}`, await jpegOf(width, height));
    box.#clock = await ClockServer.start();
    await box.listen();
    return box;
  }

  /** (Again) on the same port. */
  async listen(): Promise<void> {
    this.#server = createRtmpServer({
      log: silentLogger,
      handler: {
        publish: () => ({ accept: false, code: 'NetStream.Publish.BadName', description: 'No.' }),
        play: (request) => {
          if (
            request.app !== 'gadget' ||
            request.name !== 'desk' ||
            request.query.get('token') !== this.token
          ) {
            this.refused++;
            return { accept: false, code: 'NetStream.Play.Failed', description: 'Wrong token.' };
          }
          return { accept: true, start: (viewer) => this.#start(viewer) };
        },
      },
    });
    this.#port = (await this.#server.listen('127.0.0.1', this.#port)).port;
    this.#next = performance.now();
    this.#tick();
  }

  /** As when the box's engine is killed: every connection ends, the port is closed. */
  async vanish(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#server?.dispose();
  }

  async dispose(): Promise<void> {
    await this.vanish();
    this.#clock?.dispose();
  }

  get viewers(): number {
    return this.#viewers.size;
  }

  get port(): number {
    return this.#port;
  }

  url(host: string = HOST_FROM_GUEST, token = this.token): string {
    return `rtmp://${host}:${this.#port}/gadget/desk?token=${token}`;
  }

  /** For uvc-client's -k. */
  get clock(): string {
    return this.#clock?.address ?? '';
  }

  #start(viewer: Viewer): { onCommand: (name: string, args: readonly unknown[]) => void; onEnd: () => void } {
    this.plays++;
    this.#viewers.add(viewer);
    return {
      onCommand: (name, args) => {
        const report = (args[0] ?? {}) as Report;
        if (name === 'crosspoint.format') {
          this.formats.push(report);
          Object.assign(this.format, report);
        } else if (name === 'crosspoint.tally') {
          this.tally = report;
          this.tallyAt = performance.now();
        } else if (name === 'crosspoint.stats') this.stats = report;
      },
      onEnd: () => this.#viewers.delete(viewer),
    };
  }

  #tick(): void {
    const interval = 1000 / this.fps;
    this.#next += interval;
    const now = performance.now();
    if (this.#next < now - 3 * interval) this.#next = now;
    if (this.sending && this.#viewers.size > 0) this.#send(now);
    this.#timer = setTimeout(() => this.#tick(), Math.max(0, this.#next - performance.now()));
  }

  #send(now: number): void {
    const base = this.#pictures.get(`${this.format.width}x${this.format.height}`);
    if (!base) return;
    const small = this.format.width < 1280;
    const picture = numbered(
      base,
      ++this.#number,
      this.source,
      small ? Math.min(this.sizeBytes, 40_000) : this.sizeBytes,
    );
    const message = {
      type: VIDEO,
      timestampMs: Math.round(now),
      payload: Buffer.concat([TAG, picture]),
    } as const;
    for (const viewer of this.#viewers) {
      if (viewer.backlogBytes > MAX_BACKLOG_BYTES) this.skipped++;
      else if (viewer.send(message)) this.sent++;
    }
  }
}
