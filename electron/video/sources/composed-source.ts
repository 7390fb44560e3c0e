import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { type Event } from '../../base/emitter.ts';
import { type CameraSettings, type DeviceStatus, type PictureSettings } from '../../contract/index.ts';
import { OutputBus, type OutputBusOptions } from '../delivery/output-bus.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition } from '../frames/rendition.ts';
import { type SwitcherTarget } from '../frames/switcher.ts';
import { matroskaHeader, matroskaPicture } from '../matroska.ts';
import { composition } from './composition.ts';
import { EncodedSource, type SourceTools } from './encoded-source.ts';
import { encoderArgs } from './encoder-args.ts';
import { type EncoderRun } from './encoder-run.ts';
import { type PictureSource, type SourceCounters } from './picture-source.ts';

export type ComposedSettings = Extract<CameraSettings, { kind: 'composed' }>;

/** With no new picture for so long the last ones are composed again: what it gives is never taken for silent. */
const HEARTBEAT_MS = 90;
/** The small picture sets the pace when the large one has been still for so long. */
const MAIN_STILL_MS = 60;

/**
 * Two sources in one picture. Each is followed as an output follows its source: without a picture there is its slate in
 * its place. One ffmpeg gets them in pairs, so neither waits for the other.
 */
export class ComposedSource implements PictureSource {
  readonly still = false;
  readonly #settings: ComposedSettings;
  readonly #main: OutputBus;
  readonly #inset: OutputBus;
  readonly #encoded: EncodedSource;
  readonly #owned = new DisposableStore();

  constructor(
    name: string,
    settings: ComposedSettings,
    tools: SourceTools,
    bus: Omit<OutputBusOptions, 'onStatus'>,
  ) {
    this.#settings = settings;
    this.#main = this.#owned.add(new OutputBus({ ...bus, onStatus: () => undefined }));
    this.#inset = this.#owned.add(new OutputBus({ ...bus, onStatus: () => undefined }));
    this.#encoded = this.#owned.add(
      new EncodedSource({
        ...tools,
        name,
        prepare: ({ ffmpeg, renditions, picture }) => {
          const { main, inset, chains } = composition(settings, renditions);
          return {
            args: encoderArgs(ffmpeg, { input: INPUT, chains }, renditions, tools.limits, picture),
            begin: (run) => this.#feed(run, main, inset),
          };
        },
      }),
    );
    // A picture in which somebody was seen who may not be seen any more.
    for (const member of [this.#main, this.#inset])
      this.#owned.add(member.onConceal(() => this.#encoded.conceal()));
  }

  get status(): DeviceStatus {
    return this.#encoded.status;
  }

  get onStatus(): Event<DeviceStatus> {
    return this.#encoded.onStatus;
  }

  get onConceal(): Event<void> {
    return this.#encoded.onConceal;
  }

  get counters(): SourceCounters {
    return this.#encoded.counters;
  }

  /** Its sources as they are now. */
  setMembers(targetOf: (id: string) => SwitcherTarget): void {
    this.#main.set(targetOf(this.#settings.main));
    this.#inset.set(targetOf(this.#settings.inset));
  }

  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable {
    return this.#encoded.follow(rendition, onFrame);
  }

  setMuted(muted: boolean): void {
    this.#encoded.setMuted(muted);
  }

  setPicture(picture: PictureSettings): void {
    this.#encoded.setPicture(picture);
  }

  dispose(): Promise<void> {
    return this.#owned.dispose();
  }

  #feed({ stdin }: EncoderRun, mainSize: Rendition, insetSize: Rendition): Disposable {
    const store = new DisposableStore();
    if (!stdin) return store;
    const startMs = performance.now();
    const intervalMs = 1000 / mainSize.fps;
    let main: Frame | undefined;
    let inset: Frame | undefined;
    let mainMs = -Infinity;
    let index = -1;
    let heartbeat: NodeJS.Timeout | undefined;
    const write = (): void => {
      if (!main || !inset || store.disposed) return;
      clearTimeout(heartbeat);
      heartbeat = setTimeout(write, HEARTBEAT_MS);
      // Newest wins here too.
      if (stdin.writableLength > 0 || stdin.destroyed) return;
      // In whole intervals: pictures that come a little early are not taken for too many.
      index = Math.max(index + 1, Math.round((performance.now() - startMs) / intervalMs));
      const timestampMs = index * intervalMs;
      stdin.cork();
      for (const [track, { jpeg }] of [main, inset].entries())
        for (const part of matroskaPicture(jpeg, { timestampMs, keyFrame: true, track: track + 1 }))
          stdin.write(part);
      stdin.uncork();
    };
    stdin.write(matroskaHeader({ codecId: 'V_MJPEG', ...mainSize }, { codecId: 'V_MJPEG', ...insetSize }));
    store.defer(() => clearTimeout(heartbeat));
    // A slate that is there for a moment only would be seen twice: patience.
    store.add(
      this.#main.follow(
        mainSize,
        (frame) => {
          main = frame;
          mainMs = performance.now();
          write();
        },
        { patient: true },
      ),
    );
    store.add(
      this.#inset.follow(
        insetSize,
        (frame) => {
          inset = frame;
          if (heartbeat === undefined || performance.now() - mainMs > MAIN_STILL_MS) write();
        },
        { patient: true },
      ),
    );
    return store;
  }
}

const INPUT = [
  ...['-flags', 'low_delay', '-probesize', '32', '-analyzeduration', '0', '-threads', '1'],
  ...['-f', 'matroska', '-i', 'pipe:0'],
];
