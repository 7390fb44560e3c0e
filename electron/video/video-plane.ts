import { type ChildRunner } from '../base/child-process.ts';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { Emitter, type Event } from '../base/emitter.ts';
import { type Logger } from '../base/logger.ts';
import { delay } from '../base/time.ts';
import {
  CrosspointError,
  type DestinationId,
  messageOf,
  type ServiceStatus,
  type SourceId,
} from '../contract/index.ts';
import { type Ffmpeg, findFfmpeg } from './ffmpeg.ts';
import { DEFAULT_FRAME_LIMITS, type FrameLimits, renditionFor } from './frames/rendition.ts';
import { RateLimit } from './frames/rate-limit.ts';
import { SlateBook } from './slates/slate-book.ts';
import { Slates } from './frames/slates.ts';
import { DEFAULT_TIMING, type SwitcherTiming } from './frames/switcher.ts';
import {
  type PictureOptions,
  type VideoCounters,
  type VideoDesired,
  type VideoPlane,
  type VideoStatus,
} from './plane.ts';
import { Registry } from './registry.ts';
import { CameraFinder, type CameraFinderOptions } from './v4l2/camera-finder.ts';
import { type SourceTools } from './sources/encoded-source.ts';
import { createRtmpServer } from './rtmp/server.ts';
import { type RtmpServer, type RtmpServerAddress } from './rtmp/types.ts';
import { StreamRouter } from './stream-router.ts';

const CAMERAS_MS = 1500;

export interface VideoPlaneOptions {
  readonly log: Logger;
  readonly children: ChildRunner;
  /** Where the RTMP server listens; port 0: any free one. */
  readonly rtmp: RtmpServerAddress;
  /** The folder with the slates: `assets/slates`. */
  readonly slatesDir: string;
  /** Finds ffmpeg. Default: the one installed with Crosspoint, else the system's. */
  readonly findFfmpeg?: () => Promise<Ffmpeg>;
  /** Where cameras of this machine are looked for. */
  readonly cameras?: Omit<CameraFinderOptions, 'log'>;
  readonly limits?: Partial<FrameLimits>;
  /** A source goes on for so long after the last one who followed it. Default 3000 ms. */
  readonly lingerMs?: number;
  /** A new source may take so long to its first picture before the slate comes. Default 3000 ms. */
  readonly firstPictureMs?: number;
}

export interface StartedVideoPlane extends VideoPlane {
  /**
   * Look for ffmpeg and listen for RTMP. Without ffmpeg the plane works on, and its status tells.
   * @throws CrosspointError `port-in-use`, `forbidden` or `unavailable` when it cannot listen
   */
  start(): Promise<RtmpServerAddress>;
}

/** The video plane. Call `start` once; `apply` may come before or after. @throws CrosspointError `not-found`: no slates */
export function createVideoPlane(options: VideoPlaneOptions): StartedVideoPlane {
  return new CrosspointVideo(options);
}

class CrosspointVideo implements StartedVideoPlane {
  readonly #options: VideoPlaneOptions;
  readonly #log: Logger;
  readonly #slates: Slates;
  readonly #changed: Emitter<VideoStatus>;
  readonly #disposables = new DisposableStore();
  #registry: Registry | undefined;
  #server: RtmpServer | undefined;
  readonly #timing: SwitcherTiming;
  readonly #cameras: CameraFinder;
  #slateBook: SlateBook | undefined;
  #desired: VideoDesired = {
    sources: [],
    gadgets: [],
    outputs: [],
    slates: { afterMs: DEFAULT_TIMING.slateAfterMs, noSignal: null, muted: null },
  };
  #rtmp: ServiceStatus = { state: 'starting' };
  #ffmpeg: ServiceStatus = { state: 'starting' };
  #status: VideoStatus;
  #announced = false;
  #disposed = false;

  constructor(options: VideoPlaneOptions) {
    this.#options = options;
    this.#log = options.log;
    this.#slates = Slates.load(options.slatesDir);
    this.#cameras = this.#disposables.add(
      new CameraFinder({ ...options.cameras, log: options.log.child('cameras') }),
    );
    const { firstPictureMs } = options;
    this.#timing = { ...DEFAULT_TIMING, ...(firstPictureMs === undefined ? {} : { firstPictureMs }) };
    this.#changed = new Emitter((error) =>
      this.#log.error('a listener of the video status failed', { error }),
    );
    this.#status = this.#collect();
  }

  get status(): VideoStatus {
    return this.#status;
  }

  get onStatus(): Event<VideoStatus> {
    return this.#changed.event;
  }

  async start(): Promise<RtmpServerAddress> {
    const { children, limits, lingerMs, rtmp } = this.#options;
    this.#disposables.add(this.#cameras.onChange(() => this.#announce()));
    const [ffmpeg] = await Promise.all([
      this.#find(),
      // A camera that hangs must not keep everything else from working.
      Promise.race([this.#cameras.start(), delay(CAMERAS_MS)]),
    ]);
    const tools: SourceTools = {
      log: this.#log,
      children,
      ffmpeg,
      cameras: this.#cameras,
      limits: { ...DEFAULT_FRAME_LIMITS, ...limits },
      ...(lingerMs === undefined ? {} : { lingerMs }),
    };
    const slates = this.#disposables.add(new SlateBook(this.#slates, tools));
    this.#slateBook = slates;
    this.#disposables.add(slates.onProblems(() => this.#announce()));
    const registry = new Registry({
      tools,
      bus: { slates, timing: this.#timing },
      onChange: () => this.#announce(),
    });
    this.#registry = this.#disposables.add(registry);
    this.#apply(this.#desired);
    const log = this.#log.child('rtmp');
    this.#server = this.#disposables.add(createRtmpServer({ handler: new StreamRouter(registry, log), log }));
    try {
      const address = await this.#server.listen(rtmp.host, rtmp.port);
      const host = address.host.includes(':') ? `[${address.host}]` : address.host;
      this.#rtmp = { state: 'ready', address: `rtmp://${host}:${address.port}` };
      return address;
    } catch (error) {
      this.#rtmp = { state: 'failed', reason: messageOf(error) };
      throw error;
    } finally {
      this.#announce();
    }
  }

  apply(desired: VideoDesired): void {
    this.#desired = desired;
    this.#apply(desired);
    this.#status = this.#collect();
  }

  #apply(desired: VideoDesired): void {
    this.#timing.slateAfterMs = desired.slates.afterMs;
    this.#slateBook?.use(desired.slates);
    this.#registry?.apply(desired);
  }

  follow(
    id: SourceId | DestinationId,
    options: PictureOptions,
    onJpeg: (jpeg: Uint8Array) => void,
  ): Disposable {
    const bus = this.#registry?.busOf(id);
    if (!bus) throw new CrosspointError('unknown-id', `There is no picture of "${id}".`);
    const rendition = renditionFor(options);
    const limit = new RateLimit<Uint8Array>(Math.min(options.fps ?? rendition.fps, rendition.fps), onJpeg);
    const store = new DisposableStore();
    store.add(limit);
    store.add(bus.follow(rendition, ({ jpeg }) => limit.push(jpeg), { patient: true }));
    return store;
  }

  listen(ingest: SourceId, onPcm: (pcm: Uint8Array) => void): Disposable {
    const sound = this.#registry?.sound(ingest);
    if (!sound) throw new CrosspointError('unknown-id', `There is no ingest "${ingest}".`);
    return sound.listen(onPcm);
  }

  counters(): Readonly<Record<string, VideoCounters>> {
    return this.#registry?.counters() ?? {};
  }

  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    await this.#disposables.dispose();
    this.#changed.dispose();
  }

  async #find(): Promise<Ffmpeg | undefined> {
    try {
      const ffmpeg = await (this.#options.findFfmpeg ?? findFfmpeg)();
      this.#ffmpeg = { state: 'ready', version: `ffmpeg ${ffmpeg.version}`, address: ffmpeg.path };
      return ffmpeg;
    } catch (error) {
      this.#ffmpeg = { state: 'failed', reason: messageOf(error) };
      this.#log.error('no usable ffmpeg', { reason: messageOf(error) });
      return undefined;
    }
  }

  /** Reports come in bursts: one status for each turn of the event loop. */
  #announce(): void {
    if (this.#announced || this.#disposed) return;
    this.#announced = true;
    setImmediate(() => {
      this.#announced = false;
      if (this.#disposed) return;
      this.#status = this.#collect();
      this.#changed.fire(this.#status);
    });
  }

  #collect(): VideoStatus {
    const { sources = {}, outputs = {}, gadgets = {} } = this.#registry?.status() ?? {};
    return {
      sources,
      outputs,
      gadgets,
      rtmp: this.#rtmp,
      ffmpeg: this.#ffmpeg,
      cameras: this.#cameras.cameras,
      slateProblems: this.#slateBook?.problems ?? [],
    };
  }
}
