import { type Child, type ChildRunner } from '../../base/child-process.ts';
import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { Backoff } from '../../base/time.ts';
import { type Ffmpeg } from '../ffmpeg.ts';
import { ffmpegSentence } from '../ffmpeg-errors.ts';
import { matroskaHeader, matroskaPicture } from '../matroska.ts';
import { type IngestStream } from './ingest-stream.ts';
import { type SoundTrack, soundTrackOf } from './sound-track.ts';
import { type TaggedAudio } from './tagged.ts';

export interface IngestSoundOptions {
  readonly name: string;
  readonly log: Logger;
  readonly children: ChildRunner;
  readonly ffmpeg: Ffmpeg | undefined;
}

/** More than this waiting for the decoder: it has no time, and the sound that is left out becomes silence. */
const MAX_WAITING_BYTES = 64 * 1024;
/** A publisher's clock that leaps further than this has been set anew. */
const MAX_LEAP_MS = 3000;
/** What a packet is taken to last when its clock leaps. */
const PACKET_MS = 21;

interface Run {
  readonly child: Child;
  readonly track: SoundTrack;
  readonly startMs: number;
}

/**
 * The sound of what is published under a key, as PCM: one decoder, only while somebody listens. It follows the
 * publisher's timestamps: what is missing is silence, so that sound does not run ahead of its picture.
 */
export class IngestSound implements Disposable {
  readonly #options: IngestSoundOptions;
  readonly #listeners = new Set<(pcm: Uint8Array) => void>();
  readonly #backoff = new Backoff({ firstMs: 100, maxMs: 5000, resetMs: 4000 });
  #stream: IngestStream | undefined;
  #listening: Disposable | undefined;
  #run: Run | undefined;
  #retry: NodeJS.Timeout | undefined;
  #lastInMs: number | undefined;
  #clockMs = 0;
  #complained = '';

  constructor(options: IngestSoundOptions) {
    this.#options = options;
  }

  /** Where the sound comes from; undefined: from nowhere, for now. */
  setStream(stream: IngestStream | undefined): void {
    if (stream === this.#stream) return;
    this.#stream = stream;
    if (this.#listeners.size > 0) this.#begin();
  }

  listen(onPcm: (pcm: Uint8Array) => void): Disposable {
    const listener = (pcm: Uint8Array): void => onPcm(pcm);
    this.#listeners.add(listener);
    if (this.#listeners.size === 1) this.#begin();
    return toDisposable(() => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) void this.#end();
    });
  }

  /** Somebody listens now. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  async dispose(): Promise<void> {
    this.#listeners.clear();
    await this.#end();
  }

  #begin(): void {
    void this.#end();
    const stream = this.#stream;
    if (!stream) return;
    this.#listening = stream.listen({
      onAudio: (audio) => this.#onAudio(audio),
      onEnd: () => void this.#stop(),
    });
    if (stream.audioHeader) this.#use(stream.audioHeader);
  }

  async #end(): Promise<void> {
    void this.#listening?.dispose();
    this.#listening = undefined;
    await this.#stop();
  }

  async #stop(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    const run = this.#run;
    this.#run = undefined;
    run?.child.stdin?.destroy();
    await run?.child.stop(300);
  }

  #onAudio(audio: TaggedAudio): void {
    if (audio.tag.kind === 'sequence-header') this.#use(audio);
    else if (audio.tag.kind === 'frame') {
      if (!this.#run) this.#use(this.#stream?.audioHeader ?? audio);
      this.#write(audio);
    }
  }

  /** Begin to decode what has this header; another one than so far needs another decoder. */
  #use(header: TaggedAudio): void {
    if (this.#retry !== undefined) return;
    const track = soundTrackOf(header);
    if (track === undefined) {
      this.#complain(
        `This kind of sound (${header.tag.codec}) cannot be decoded; let the publisher send AAC.`,
      );
      return;
    }
    if (this.#run?.track.key === track.key) return;
    void this.#stop();
    this.#start(track);
  }

  #start(track: SoundTrack): void {
    const { children, ffmpeg, name, log } = this.#options;
    if (!ffmpeg) return;
    const child = children.start({
      name: `ffmpeg ${name} (sound)`,
      command: ffmpeg.path,
      args: argsFor(track),
      stdin: 'pipe',
      stdout: 'pipe',
    });
    const run: Run = { child, track, startMs: performance.now() };
    this.#run = run;
    this.#lastInMs = undefined;
    this.#clockMs = 0;
    child.stdin?.on('error', () => undefined);
    child.stdin?.write(matroskaHeader(track));
    child.stdout?.on(
      'data',
      samplesOf((pcm) => {
        if (run !== this.#run) return;
        for (const listener of [...this.#listeners]) listener(pcm);
      }),
    );
    void child.exited.then(({ error }) => {
      if (run !== this.#run) return;
      this.#run = undefined;
      this.#complain(
        error ? `ffmpeg could not be started: ${error.message}.` : ffmpegSentence(child.stderrTail()),
      );
      this.#retry = setTimeout(
        () => {
          this.#retry = undefined;
        },
        this.#backoff.next(performance.now() - run.startMs),
      );
    });
    log.debug('sound decoder started', { pid: child.pid });
  }

  #write({ message, tag }: TaggedAudio): void {
    const stdin = this.#run?.child.stdin;
    if (!stdin || stdin.destroyed) return;
    const passed = message.timestampMs - (this.#lastInMs ?? message.timestampMs);
    this.#lastInMs = message.timestampMs;
    this.#clockMs += passed < 0 || passed > MAX_LEAP_MS ? PACKET_MS : passed;
    if (stdin.writableLength > MAX_WAITING_BYTES) return;
    stdin.cork();
    const packet = message.payload.subarray(tag.bodyOffset);
    for (const part of matroskaPicture(packet, { timestampMs: this.#clockMs, keyFrame: true }))
      stdin.write(part);
    stdin.uncork();
  }

  #complain(sentence: string): void {
    if (sentence === this.#complained) return;
    this.#complained = sentence;
    this.#options.log.warn('no sound', { name: this.#options.name, sentence });
  }
}

const BYTES_PER_SAMPLE = 4;

/** Whole stereo samples only: a pipe cuts where it likes. */
function samplesOf(onPcm: (pcm: Uint8Array) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0);
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const whole = bytes.length - (bytes.length % BYTES_PER_SAMPLE);
    rest = Buffer.from(bytes.subarray(whole));
    if (whole > 0) onPcm(bytes.subarray(0, whole));
  };
}

const FORMAT = 'aformat=sample_fmts=s16:channel_layouts=stereo';

/** Gaps and overlaps of more than 50 ms are filled and cut; less is the publisher's rounding. */
const argsFor = ({ mono }: SoundTrack): readonly string[] => [
  ...['-hide_banner', '-nostats', '-loglevel', 'warning', '-flags', 'low_delay', '-fflags', 'nobuffer'],
  ...['-probesize', '32', '-analyzeduration', '0', '-threads', '1', '-f', 'matroska', '-i', 'pipe:0', '-vn'],
  ...[
    '-af',
    `${mono ? 'pan=stereo|c0=c0|c1=c0,' : ''}aresample=48000:async=1:min_hard_comp=0.05:first_pts=0,${FORMAT}`,
  ],
  ...['-flush_packets', '1', '-f', 's16le', 'pipe:1'],
];
