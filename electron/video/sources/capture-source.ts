import { type Disposable, DisposableStore, toDisposable } from '../../base/disposable.ts';
import { type Event } from '../../base/emitter.ts';
import { type DeviceStatus, type PictureSettings } from '../../contract/index.ts';
import { Frame } from '../frames/frame.ts';
import { type JpegHead, readJpegHead, withTables } from '../frames/jpeg.ts';
import { reducedLimitsOf, type Rendition } from '../frames/rendition.ts';
import { matroskaHeader, matroskaPicture } from '../matroska.ts';
import { EncodedSource, type EncodedSourceOptions, type SourceTools } from './encoded-source.ts';
import { encoderArgs, type EncoderPlan } from './encoder-args.ts';
import { type EncoderRun } from './encoder-run.ts';
import { isPlain, PLAIN_PICTURE } from './picture-filters.ts';
import { type PictureSource, type SourceCounters } from './picture-source.ts';

/** The picture as it comes out of the camera. Not a size: it has that of the camera. */
const NATIVE: Rendition = { width: 0, height: 0, fps: 0 };

/** Frames as they come in, of which this many over the cap are taken for chance. */
const WINDOW = 100;
const MAX_OVER_CAP = 2;

interface Follower {
  readonly rendition: Rendition;
  readonly onFrame: (frame: Frame) => void;
  lastMs: number;
  /** Set while the picture is converted for this one. */
  converting: Disposable | undefined;
  /** Converted pictures have begun: those from the camera are no longer for this one. */
  converted: boolean;
  /** The camera's pictures are too large for its link; and how many of the last were. */
  tooBig: boolean;
  seen: number;
  overCap: number;
}

/**
 * A camera that only one program can open. It is opened once; those who want exactly what it gives get its own JPEGs
 * untouched, and for all others a second ffmpeg converts them.
 */
export class CaptureSource implements PictureSource {
  readonly still = false;
  readonly #native: EncodedSource;
  readonly #converter: EncodedSource;
  readonly #limits: SourceTools['limits'];
  readonly #followers = new Set<Follower>();
  #capturing: Disposable | undefined;
  #size: { readonly width: number; readonly height: number } | undefined;
  #picture: PictureSettings = PLAIN_PICTURE;

  /** @param prepare starts an ffmpeg that writes the camera's pictures as JPEGs in its own size */
  constructor(name: string, tools: SourceTools, prepare: EncodedSourceOptions['prepare']) {
    this.#limits = tools.limits;
    this.#native = new EncodedSource({
      ...tools,
      name,
      prepare,
      limits: { ...tools.limits, hardBytes: Infinity },
    });
    this.#converter = new EncodedSource({
      ...tools,
      name: `${name} (converted)`,
      // It gives nothing when the camera does.
      watchdog: false,
      prepare: ({ ffmpeg, renditions, picture }) => ({
        args: encoderArgs(ffmpeg, CONVERT, renditions, tools.limits, picture),
        begin: (run) => this.#feed(run),
      }),
    });
  }

  get status(): DeviceStatus {
    return this.#native.status;
  }

  get onStatus(): Event<DeviceStatus> {
    return this.#native.onStatus;
  }

  get counters(): SourceCounters {
    return this.#native.counters;
  }

  /** Is the camera open? */
  get running(): boolean {
    return this.#native.running;
  }

  setUnavailable(status: DeviceStatus | undefined): void {
    this.#native.setUnavailable(status);
  }

  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable {
    const follower: Follower = {
      rendition,
      onFrame,
      lastMs: -Infinity,
      converting: undefined,
      converted: !isPlain(this.#picture),
      tooBig: false,
      seen: 0,
      overCap: 0,
    };
    this.#followers.add(follower);
    if (this.#size) this.#route(follower);
    this.#capturing ??= this.#native.follow(NATIVE, (frame) => this.#onNative(frame));
    return toDisposable(() => {
      this.#followers.delete(follower);
      void follower.converting?.dispose();
      if (this.#followers.size > 0) return;
      void this.#capturing?.dispose();
      this.#capturing = undefined;
    });
  }

  setMuted(muted: boolean): void {
    this.#native.setMuted(muted);
    this.#converter.setMuted(muted);
  }

  setPicture(picture: PictureSettings): void {
    const conceals = picture.blur && !this.#picture.blur;
    this.#picture = picture;
    // Before anything is told: what the camera itself gives is no longer for anybody.
    if (conceals) for (const follower of this.#followers) follower.converted = true;
    this.#converter.setPicture(picture);
    if (this.#size) for (const follower of this.#followers) this.#route(follower);
  }

  get onConceal(): Event<void> {
    return this.#converter.onConceal;
  }

  async dispose(): Promise<void> {
    await Promise.all([this.#native.dispose(), this.#converter.dispose()]);
  }

  #onNative(captured: Frame): void {
    const head = headOf(captured);
    if (!head) {
      this.counters.dropped++;
      return;
    }
    const frame = head.hasTables ? captured : new Frame(withTables(captured.pieces));
    const { width, height } = head;
    if (this.#size?.width !== width || this.#size.height !== height) {
      this.#size = { width, height };
      this.#native.setFormat({ width, height });
      for (const follower of this.#followers) {
        follower.tooBig = false;
        this.#route(follower);
      }
    }
    const now = performance.now();
    for (const follower of [...this.#followers]) {
      if (follower.converted || !this.#hasSize(follower.rendition)) continue;
      if (this.#weigh(follower, frame.sizeBytes)) this.counters.dropped++;
      else if (now - follower.lastMs >= 850 / follower.rendition.fps) {
        follower.lastMs = now;
        follower.onFrame(frame);
      }
    }
  }

  /** Pictures that do not fit the gadget's links are converted from then on. True: this one must not be sent. */
  #weigh(follower: Follower, sizeBytes: number): boolean {
    const { capBytes, hardBytes } = reducedLimitsOf(follower.rendition, this.#limits);
    if (!follower.tooBig) {
      if (++follower.seen % WINDOW === 0) follower.overCap = 0;
      if (sizeBytes > capBytes) follower.overCap++;
      if (sizeBytes > hardBytes || follower.overCap > MAX_OVER_CAP) {
        follower.tooBig = true;
        this.#route(follower);
      }
    }
    return sizeBytes > hardBytes;
  }

  #hasSize({ width, height }: Rendition): boolean {
    return this.#size?.width === width && this.#size.height === height;
  }

  #route(follower: Follower): void {
    const convert = follower.tooBig || !this.#hasSize(follower.rendition) || !isPlain(this.#picture);
    if (!convert) {
      void follower.converting?.dispose();
      follower.converting = undefined;
      follower.converted = false;
      return;
    }
    // The camera's own pictures go on, where they fit, until the first converted one.
    follower.converting ??= this.#converter.follow(follower.rendition, (frame) => {
      follower.converted = true;
      follower.onFrame(frame);
    });
  }

  /** Newest wins here too: a picture that finds the converter busy is left out. */
  #feed({ stdin }: EncoderRun): Disposable {
    const store = new DisposableStore();
    if (!stdin) return store;
    const startMs = performance.now();
    stdin.write(matroskaHeader({ codecId: 'V_MJPEG', ...this.#size }));
    store.add(
      this.#native.follow(NATIVE, ({ jpeg }) => {
        if (stdin.writableLength > 0 || stdin.destroyed) return;
        stdin.cork();
        for (const part of matroskaPicture(jpeg, {
          timestampMs: performance.now() - startMs,
          keyFrame: true,
        }))
          stdin.write(part);
        stdin.uncork();
      }),
    );
    return store;
  }
}

/** The first piece tells it, but for a picture that is cut early: then the whole does. */
const headOf = (frame: Frame): JpegHead | undefined =>
  readJpegHead(frame.pieces[0] ?? NOTHING) ?? readJpegHead(frame.jpeg);

const NOTHING = new Uint8Array(0);

const CONVERT: EncoderPlan = {
  input: [
    '-flags',
    'low_delay',
    '-probesize',
    '32',
    '-analyzeduration',
    '0',
    '-threads',
    '1',
    '-f',
    'matroska',
    '-i',
    'pipe:0',
  ],
};
