import { existsSync } from 'node:fs';
import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import {
  type CameraSettings,
  type DeviceStatus,
  type FoundCamera,
  messageOf,
  type PictureSettings,
} from '../../contract/index.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition } from '../frames/rendition.ts';
import { type CameraFinder } from '../v4l2/camera-finder.ts';
import { chooseFormat, type ChosenFormat, ffmpegFormat, isJpeg } from '../v4l2/v4l2-format.ts';
import { CaptureSource } from './capture-source.ts';
import { type SourceTools } from './encoded-source.ts';
import { type PictureSource, type SourceCounters } from './picture-source.ts';

export type V4l2Settings = Extract<CameraSettings, { kind: 'v4l2' }>;

const OFFLINE: DeviceStatus = {
  state: 'offline',
  reason: 'The camera is not connected. Its picture comes back with it.',
};
/** How often the device is looked for, should nobody tell that it came or went. */
const LOOK_MS = 1000;

/** A camera of this machine. It comes and goes with its device file. */
export class V4l2Source implements PictureSource {
  readonly still = false;
  readonly #device: string;
  readonly #capture: CaptureSource;
  readonly #finder: CameraFinder | undefined;
  readonly #log: SourceTools['log'];
  readonly #changed = new Emitter<DeviceStatus>();
  readonly #owned = new DisposableStore();
  #present = true;
  #waiting = false;
  #controls: V4l2Settings['controls'];
  #controlProblem: string | undefined;
  #setting: Promise<void> = Promise.resolve();

  constructor(name: string, settings: V4l2Settings, tools: SourceTools) {
    this.#device = settings.device;
    this.#controls = settings.controls;
    this.#finder = tools.cameras;
    this.#log = tools.log;
    let attempt = 0;
    this.#capture = this.#owned.add(
      new CaptureSource(name, tools, ({ failure }) => {
        if (failure !== undefined && !TRANSIENT.test(failure)) attempt++;
        const formats = attemptsFor(settings, this.#finder?.find(settings.device)?.formats ?? []);
        // It forgets them when it is unplugged, and other programs change them.
        this.#set(this.#controls);
        return { args: v4l2Args(settings.device, formats[attempt % formats.length]) };
      }),
    );
    this.#owned.add(this.#capture.onStatus(() => this.#changed.fire(this.status)));
    if (this.#finder) this.#owned.add(this.#finder.onChange(() => this.#look()));
    const timer = setInterval(() => this.#look(), LOOK_MS);
    timer.unref();
    this.#owned.defer(() => clearInterval(timer));
    this.#look();
  }

  get status(): DeviceStatus {
    const status = this.#capture.status;
    if (status.state !== 'online' || this.#controlProblem === undefined) return status;
    return { ...status, reason: this.#controlProblem };
  }

  get onStatus(): Event<DeviceStatus> {
    return this.#changed.event;
  }

  get onConceal(): Event<void> {
    return this.#capture.onConceal;
  }

  get counters(): SourceCounters {
    return this.#capture.counters;
  }

  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable {
    return this.#capture.follow(rendition, onFrame);
  }

  /** Do not open it before that has come to its end: another one has it open, and a camera can be opened once. */
  waitFor(end: Promise<void>): void {
    this.#waiting = true;
    this.#update();
    void end.finally(() => {
      this.#waiting = false;
      this.#update();
    });
  }

  setMuted(muted: boolean): void {
    this.#capture.setMuted(muted);
  }

  setPicture(picture: PictureSettings): void {
    this.#capture.setPicture(picture);
  }

  /** Values of its controls: set at once while it is open, and whenever it is opened. One that is left out is reset. */
  setControls(controls: V4l2Settings['controls']): void {
    const old = this.#controls;
    this.#controls = controls;
    if (!this.#capture.running) return;
    const known = this.#finder?.find(this.#device)?.controls ?? [];
    const changed: Record<string, number> = {};
    for (const { name, default: usual } of known)
      if (name in old && !(name in controls)) changed[name] = usual;
    for (const [name, value] of Object.entries(controls)) if (old[name] !== value) changed[name] = value;
    this.#set(changed);
  }

  async dispose(): Promise<void> {
    await this.#owned.dispose();
    this.#changed.dispose();
  }

  /** One after the other: the last one wins. */
  #set(values: V4l2Settings['controls']): void {
    const finder = this.#finder;
    if (!finder || Object.keys(values).length === 0) return;
    this.#setting = this.#setting.then(async () => {
      try {
        await finder.setControls(this.#device, values);
        this.#tell(undefined);
      } catch (error) {
        this.#log.warn('controls were not set', { device: this.#device, reason: messageOf(error) });
        this.#tell(messageOf(error));
      }
    });
  }

  #tell(problem: string | undefined): void {
    if (problem === this.#controlProblem || this.#owned.disposed) return;
    this.#controlProblem = problem;
    this.#changed.fire(this.status);
  }

  #look(): void {
    const present = existsSync(this.#device);
    if (present === this.#present) return;
    this.#present = present;
    this.#update();
  }

  #update(): void {
    if (!this.#present) this.#capture.setUnavailable(OFFLINE);
    else this.#capture.setUnavailable(this.#waiting ? { state: 'online' } : undefined);
  }
}

/** Nothing that another format would help. */
const TRANSIENT = /in use|permission|not connected|ended by/i;

/** What to ask the camera for; the next one when it could not be opened so. */
export function attemptsFor(
  settings: Omit<V4l2Settings, 'device' | 'kind' | 'controls'>,
  formats: FoundCamera['formats'],
): readonly ChosenFormat[] {
  const chosen = chooseFormat(formats, settings);
  const anything: ChosenFormat = { ...chosen, pixelFormat: undefined };
  // Of a camera that nothing is known of, JPEGs are tried first.
  return [chosen.pixelFormat === undefined ? { ...chosen, pixelFormat: 'MJPG' } : chosen, anything];
}

/** The driver takes the nearest that it has to what it is asked for. */
export function v4l2Args(
  device: string,
  { pixelFormat, width, height, fps }: ChosenFormat = chooseFormat([], {}),
): string[] {
  const format = ffmpegFormat(pixelFormat);
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'info', '-nostdin'],
    ...['-f', 'v4l2', '-thread_queue_size', '4', ...(format === undefined ? [] : ['-input_format', format])],
    ...[
      '-video_size',
      `${width}x${height}`,
      '-framerate',
      String(fps),
      '-i',
      device,
      '-map',
      '0:v:0',
      '-c:v',
    ],
    ...(isJpeg(pixelFormat) ? ['copy'] : ['mjpeg', '-threads', '1', '-q:v', '3', '-pix_fmt', 'yuvj420p']),
    ...['-flush_packets', '1', '-f', 'mpjpeg', 'pipe:1'],
  ];
}
