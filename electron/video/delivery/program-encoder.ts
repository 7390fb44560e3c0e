import { type Child, type ChildRunner } from '../../base/child-process.ts';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { Backoff } from '../../base/time.ts';
import { messageOf } from '../../contract/index.ts';
import { type Ffmpeg } from '../ffmpeg.ts';
import { ffmpegSentence } from '../ffmpeg-errors.ts';
import { type Frame } from '../frames/frame.ts';
import { DEFAULT_RENDITION } from '../frames/rendition.ts';
import { type TaggedVideo } from '../ingest/tagged.ts';
import { matroskaHeader, matroskaPicture } from '../matroska.ts';
import { parseVideoTag } from '../rtmp/ex-video.ts';
import { VIDEO } from '../rtmp/types.ts';
import { FlvReader } from './flv-reader.ts';
import { type OutputBus } from './output-bus.ts';

export interface ProgramEncoderOptions {
  readonly name: string;
  readonly log: Logger;
  readonly children: ChildRunner;
  readonly ffmpeg: Ffmpeg;
  readonly bus: OutputBus;
  /** Header, key frames and all that follows. A new header begins each time ffmpeg had to be restarted. */
  readonly onVideo: (video: TaggedVideo) => void;
  /** Why there is nothing; undefined: it works. */
  readonly onFailure: (sentence: string | undefined) => void;
}

/** Pictures that are late are bridged by the last one, so that the player's clock goes on. */
const LATEST_MS = 66;
const MAX_WAITING_BYTES = 512 * 1024;

/** Makes H.264 of what an output shows, slates too, as long as it is not disposed. */
export class ProgramEncoder implements Disposable {
  readonly #options: ProgramEncoderOptions;
  readonly #backoff = new Backoff({ firstMs: 100, maxMs: 5000, resetMs: 4000 });
  #child: Child | undefined;
  #feeding: Disposable | undefined;
  #retry: NodeJS.Timeout | undefined;
  #disposed = false;

  constructor(options: ProgramEncoderOptions) {
    this.#options = options;
    this.#start();
  }

  dispose(): void {
    this.#disposed = true;
    clearTimeout(this.#retry);
    void this.#feeding?.dispose();
    this.#child?.stdin?.destroy();
    void this.#child?.stop(500);
  }

  #start(): void {
    const { name, children, ffmpeg, onVideo, onFailure, log } = this.#options;
    const startMs = performance.now();
    const child = children.start({
      name: `ffmpeg ${name}`,
      command: ffmpeg.path,
      args: ARGS(ffmpeg),
      stdin: 'pipe',
      stdout: 'pipe',
    });
    this.#child = child;
    const reader = new FlvReader(({ type, timestampMs, body }) => {
      const tag = type === VIDEO ? parseVideoTag(body) : undefined;
      if (!tag || this.#disposed) return;
      if (tag.kind === 'frame') onFailure(undefined);
      onVideo({ message: { type: VIDEO, timestampMs, payload: body }, tag });
    });
    child.stdout?.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        log.error('the program encoder is of no use', { name, reason: messageOf(error) });
        void child.stop(0);
      }
    });
    child.stdin?.on('error', () => undefined);
    this.#feeding = this.#feed(child);
    void child.exited.then(({ error }) => {
      void this.#feeding?.dispose();
      if (this.#disposed) return;
      const sentence = error
        ? `ffmpeg could not be started: ${error.message}.`
        : ffmpegSentence(child.stderrTail());
      log.warn('the program encoder ended', { name, sentence });
      onFailure(sentence);
      this.#retry = setTimeout(() => this.#start(), this.#backoff.next(performance.now() - startMs));
    });
  }

  #feed({ stdin }: Child): Disposable {
    const store = new DisposableStore();
    if (!stdin) return store;
    const startMs = performance.now();
    let latest: Frame | undefined;
    let timer: NodeJS.Timeout | undefined;
    const write = (): void => {
      clearTimeout(timer);
      timer = setTimeout(write, LATEST_MS);
      if (!latest || stdin.destroyed || stdin.writableLength > MAX_WAITING_BYTES) return;
      stdin.cork();
      for (const part of matroskaPicture(latest.jpeg, {
        timestampMs: performance.now() - startMs,
        keyFrame: true,
      }))
        stdin.write(part);
      stdin.uncork();
    };
    stdin.write(matroskaHeader({ codecId: 'V_MJPEG', ...DEFAULT_RENDITION }));
    store.defer(() => clearTimeout(timer));
    store.add(
      this.#options.bus.follow(DEFAULT_RENDITION, (frame) => {
        latest = frame;
        write();
      }),
    );
    return store;
  }
}

/** Half a second between key frames: so long a player waits for its first picture at most. */
const ARGS = ({ hasFpsMode }: Ffmpeg): readonly string[] => [
  ...['-hide_banner', '-nostats', '-loglevel', 'warning', '-flags', 'low_delay', '-probesize', '32'],
  ...['-analyzeduration', '0', '-threads', '1', '-f', 'matroska', '-i', 'pipe:0', '-an'],
  ...[hasFpsMode ? '-fps_mode' : '-vsync', 'passthrough', '-pix_fmt', 'yuv420p', '-c:v', 'libx264'],
  ...['-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '15', '-sc_threshold', '0'],
  ...['-b:v', '4M', '-maxrate', '5M', '-bufsize', '2500k'],
  ...['-flush_packets', '1', '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'],
];
