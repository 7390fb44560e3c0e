import { existsSync } from 'node:fs';
import { type CameraSettings, type DeviceStatus, type PictureSettings } from '../../contract/index.ts';
import { type Disposable } from '../../base/disposable.ts';
import { type Event } from '../../base/emitter.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition } from '../frames/rendition.ts';
import { CaptureSource } from './capture-source.ts';
import { type SourceTools } from './encoded-source.ts';
import { type PictureSource, type SourceCounters } from './picture-source.ts';

export type V4l2Settings = Extract<CameraSettings, { kind: 'v4l2' }>;

const OFFLINE: DeviceStatus = {
  state: 'offline',
  reason: 'The camera is not connected. Its picture comes back with it.',
};
/** How often the device is looked for. */
const LOOK_MS = 1000;

/** A camera of this machine. It comes and goes with its device file. */
export class V4l2Source implements PictureSource {
  readonly still = false;
  readonly #device: string;
  readonly #capture: CaptureSource;
  readonly #timer: NodeJS.Timeout;
  #present = true;
  #controls: V4l2Settings['controls'];

  constructor(name: string, settings: V4l2Settings, tools: SourceTools) {
    this.#device = settings.device;
    this.#controls = settings.controls;
    // Cameras that cannot give JPEGs are asked for whatever they have.
    let jpeg = true;
    this.#capture = new CaptureSource(name, tools, ({ failure }) => {
      if (failure !== undefined && !TRANSIENT.test(failure)) jpeg = !jpeg;
      return { args: v4l2Args(settings, jpeg) };
    });
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#timer.unref();
    this.#look();
  }

  get status(): DeviceStatus {
    return this.#capture.status;
  }

  get onStatus(): Event<DeviceStatus> {
    return this.#capture.onStatus;
  }

  get counters(): SourceCounters {
    return this.#capture.counters;
  }

  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable {
    return this.#capture.follow(rendition, onFrame);
  }

  setMuted(muted: boolean): void {
    this.#capture.setMuted(muted);
  }

  get controls(): V4l2Settings['controls'] {
    return this.#controls;
  }

  /** Values of its controls, set at once when it runs. */
  setControls(controls: V4l2Settings['controls']): void {
    this.#controls = controls;
  }

  setPicture(picture: PictureSettings): void {
    this.#capture.setPicture(picture);
  }

  get onConceal(): Event<void> {
    return this.#capture.onConceal;
  }

  dispose(): Promise<void> {
    clearInterval(this.#timer);
    return this.#capture.dispose();
  }

  #look(): void {
    const present = existsSync(this.#device);
    if (present === this.#present) return;
    this.#present = present;
    this.#capture.setUnavailable(present ? undefined : OFFLINE);
  }
}

/** Nothing that another format would help. */
const TRANSIENT = /in use|permission|not connected|ended by/i;

/** Opens the camera in 1280x720 at 30 unless set otherwise; the driver takes the nearest that it has. */
export function v4l2Args(
  { device, width = 1280, height = 720, fps = 30 }: V4l2Settings,
  jpeg: boolean,
): string[] {
  return [
    ...['-hide_banner', '-nostats', '-loglevel', 'info', '-nostdin'],
    ...['-f', 'v4l2', '-thread_queue_size', '4', ...(jpeg ? ['-input_format', 'mjpeg'] : [])],
    ...['-video_size', `${width}x${height}`, '-framerate', String(fps), '-i', device],
    ...[
      '-map',
      '0:v:0',
      '-c:v',
      ...(jpeg ? ['copy'] : ['mjpeg', '-threads', '1', '-q:v', '3', '-pix_fmt', 'yuvj420p']),
    ],
    ...['-flush_packets', '1', '-f', 'mpjpeg', 'pipe:1'],
  ];
}
