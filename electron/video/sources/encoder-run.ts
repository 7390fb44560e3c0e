import { setPriority } from 'node:os';
import { type Readable, type Writable } from 'node:stream';
import { type Child, type ChildExit, type ChildRunner } from '../../base/child-process.ts';
import { messageOf } from '../../contract/index.ts';
import { type Ffmpeg } from '../ffmpeg.ts';
import { ffmpegSentence, inputFormatIn } from '../ffmpeg-errors.ts';
import { type Frame } from '../frames/frame.ts';
import { MpjpegReader } from '../frames/mpjpeg-reader.ts';

export interface EncoderRunOptions {
  readonly children: ChildRunner;
  readonly ffmpeg: Ffmpeg;
  /** For logs: `cam:front`. */
  readonly name: string;
  readonly args: readonly string[];
  readonly stdin: boolean;
  /** What comes out: the first on stdout, the others on descriptors 3, 4 … */
  readonly keys: readonly string[];
  readonly onFrame: (run: EncoderRun, key: string, frame: Frame) => void;
  /** It has ended without having been stopped. `sentence` tells why. */
  readonly onEnd: (run: EncoderRun, sentence: string) => void;
}

/** One ffmpeg at work: one input, one or several streams of JPEGs. */
export class EncoderRun {
  readonly keys: ReadonlySet<string>;
  readonly startedMs = performance.now();
  readonly #child: Child;
  readonly #options: EncoderRunOptions;
  readonly #started = new Set<string>();
  #lastFrameMs: number | undefined;
  #stopped = false;

  constructor(options: EncoderRunOptions) {
    const { name, args, ffmpeg, keys, stdin } = options;
    this.#options = options;
    this.keys = new Set(keys);
    this.#child = options.children.start({
      name: `ffmpeg ${name}`,
      command: ffmpeg.path,
      args,
      stdin: stdin ? 'pipe' : 'ignore',
      stdout: 'pipe',
      extraOutputs: keys.length - 1,
    });
    yieldToOthers(this.#child.pid);
    const outputs = [this.#child.stdout, ...this.#child.extraOutputs];
    keys.forEach((key, index) => this.#read(outputs[index], key));
    this.#child.stdin?.on('error', () => undefined);
    void this.#child.exited.then((exit) => {
      if (!this.#stopped) options.onEnd(this, this.#why(exit));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get stdin(): Writable | null {
    return this.#child.stdin;
  }

  /** Milliseconds since the last picture, or since the start. */
  get silentMs(): number {
    return performance.now() - (this.#lastFrameMs ?? this.startedMs);
  }

  get hasFrames(): boolean {
    return this.#lastFrameMs !== undefined;
  }

  /** Has every output its first picture? */
  get complete(): boolean {
    return this.#started.size === this.keys.size;
  }

  hasStarted(key: string): boolean {
    return this.#started.has(key);
  }

  /** The input's size and rate, once ffmpeg has looked at it. */
  get inputFormat(): ReturnType<typeof inputFormatIn> {
    return inputFormatIn(this.#child.stderrTail());
  }

  /** Not a word from it any more; resolves when it has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#child.stdin?.destroy();
    await this.#child.stop(500);
  }

  /** It makes no sense any more: kill it and report its end. */
  abort(sentence: string): void {
    if (this.#stopped) return;
    void this.stop();
    this.#options.onEnd(this, sentence);
  }

  #read(output: Readable | null | undefined, key: string): void {
    const reader = new MpjpegReader((frame) => {
      if (this.#stopped) return;
      this.#started.add(key);
      this.#lastFrameMs = performance.now();
      this.#options.onFrame(this, key, frame);
    });
    output?.on('data', (chunk: Buffer) => {
      if (this.#stopped) return;
      try {
        reader.push(chunk);
      } catch (error) {
        this.abort(messageOf(error));
      }
    });
    output?.on('error', () => undefined);
  }

  #why({ error, signal }: ChildExit): string {
    if (error) return `ffmpeg could not be started: ${error.message}.`;
    if (signal !== null) return `ffmpeg was ended by ${signal}.`;
    return ffmpegSentence(
      this.#child.stderrTail(),
      this.hasFrames ? 'The stream has ended.' : 'ffmpeg ended unexpectedly.',
    );
  }
}

/** On a busy machine the engine, which passes pictures on, and the sound come first. */
function yieldToOthers(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, 5);
  } catch {
    // It has ended already, or the system does not let us.
  }
}
