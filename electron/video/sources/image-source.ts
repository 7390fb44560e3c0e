import { stat } from 'node:fs/promises';
import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { Emitter } from '../../base/emitter.ts';
import { type DeviceStatus, type PictureSettings } from '../../contract/index.ts';
import { type Frame } from '../frames/frame.ts';
import { limitsOf, type Rendition, renditionKey } from '../frames/rendition.ts';
import { type SourceTools } from './encoded-source.ts';
import { encoderArgs, type EncoderPlan } from './encoder-args.ts';
import { EncoderRun } from './encoder-run.ts';
import { PLAIN_PICTURE, samePicture } from './picture-filters.ts';
import { type PictureSource, type SourceCounters } from './picture-source.ts';

interface Copy {
  readonly rendition: Rendition;
  readonly followers: Set<(frame: Frame) => void>;
  frame: Frame | undefined;
}

/** How often a file that is being shown is looked at: it may have been replaced, or have appeared. */
const LOOK_MS = 2000;

/** A picture file. It is converted once for each rendition, and again when the file changes. */
export class ImageSource implements PictureSource {
  readonly still = true;
  readonly counters: SourceCounters = { frames: 0, bytes: 0, dropped: 0 };
  readonly #name: string;
  readonly #file: string;
  readonly #tools: SourceTools;
  readonly #changed = new Emitter<DeviceStatus>();
  readonly #concealed = new Emitter<void>();
  readonly #copies = new Map<string, Copy>();
  #status: DeviceStatus = { state: 'online' };
  /** Null: not looked at yet. */
  #seen: string | undefined | null = null;
  #run: EncoderRun | undefined;
  #timer: NodeJS.Timeout | undefined;
  #muted = false;
  #picture: PictureSettings = PLAIN_PICTURE;
  #disposed = false;

  constructor(name: string, file: string, tools: SourceTools) {
    this.#name = name;
    this.#file = file;
    this.#tools = tools;
    void this.#look();
  }

  get status(): DeviceStatus {
    return this.#status;
  }

  get onStatus(): Emitter<DeviceStatus>['event'] {
    return this.#changed.event;
  }

  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable {
    const key = renditionKey(rendition);
    const copy: Copy = this.#copies.get(key) ?? { rendition, followers: new Set(), frame: undefined };
    this.#copies.set(key, copy);
    const follower = (frame: Frame): void => onFrame(frame);
    copy.followers.add(follower);
    if (copy.frame && !this.#muted) onFrame(copy.frame);
    this.#timer ??= setInterval(() => void this.#look(), LOOK_MS);
    void this.#look();
    return toDisposable(() => {
      copy.followers.delete(follower);
      if ([...this.#copies.values()].every(({ followers }) => followers.size === 0)) this.#rest();
    });
  }

  setMuted(muted: boolean): void {
    this.#muted = muted;
    if (!muted) void this.#look();
  }

  setPicture(picture: PictureSettings): void {
    if (samePicture(picture, this.#picture)) return;
    const conceals = picture.blur && !this.#picture.blur;
    this.#picture = picture;
    for (const copy of this.#copies.values()) copy.frame = undefined;
    const run = this.#run;
    this.#run = undefined;
    if (conceals) this.#concealed.fire();
    void Promise.resolve(run?.stop()).then(() => this.#look());
  }

  get onConceal(): Emitter<void>['event'] {
    return this.#concealed.event;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#rest();
    this.#copies.clear();
    this.#changed.dispose();
    await this.#run?.stop();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async #look(): Promise<void> {
    const seen = await fingerprint(this.#file);
    if (this.#disposed) return;
    if (seen !== this.#seen) {
      this.#seen = seen;
      for (const copy of this.#copies.values()) copy.frame = undefined;
      this.#set(
        seen === undefined
          ? { state: 'error', reason: `The picture file ${this.#file} cannot be read.` }
          : { state: 'online' },
      );
    }
    if (seen !== undefined) this.#convert();
  }

  #convert(): void {
    const { ffmpeg, children, limits } = this.#tools;
    const wanted = [...this.#copies.values()].filter(({ frame, followers }) => !frame && followers.size > 0);
    if (!ffmpeg) this.#set({ state: 'error', reason: 'ffmpeg was not found on this machine.' });
    if (!ffmpeg || wanted.length === 0 || this.#run || this.#muted) return;
    const renditions = wanted.map(({ rendition }) => rendition);
    const plan: EncoderPlan = { input: ['-i', `file:${this.#file}`], single: true };
    this.#run = new EncoderRun({
      children,
      ffmpeg,
      name: this.#name,
      args: encoderArgs(ffmpeg, plan, renditions, limits, this.#picture),
      stdin: false,
      keys: renditions.map(renditionKey),
      onFrame: (_, key, frame) => this.#onFrame(key, frame),
      onEnd: (run, sentence) => this.#onEnd(run, sentence),
    });
  }

  #onFrame(key: string, frame: Frame): void {
    const copy = this.#copies.get(key);
    if (!copy || frame.sizeBytes > limitsOf(copy.rendition, this.#tools.limits).hardBytes) return;
    copy.frame = frame;
    this.counters.frames++;
    this.counters.bytes += frame.sizeBytes;
    if (!this.#muted) for (const follower of [...copy.followers]) follower(frame);
  }

  #onEnd(run: EncoderRun, sentence: string): void {
    this.#run = undefined;
    if (!run.hasFrames) this.#set({ state: 'error', reason: `The picture file cannot be used. ${sentence}` });
    else {
      const { width, height } = run.inputFormat ?? {};
      this.#set({
        state: 'online',
        ...(width === undefined || height === undefined ? {} : { width, height }),
      });
      // Somebody may have come meanwhile who wants another size.
      this.#convert();
    }
  }

  #set(status: DeviceStatus): void {
    if (
      status.state === this.#status.state &&
      status.reason === this.#status.reason &&
      status.width === this.#status.width
    )
      return;
    this.#status = status;
    if (!this.#disposed) this.#changed.fire(status);
  }
}

async function fingerprint(file: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(file);
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    return undefined;
  }
}
