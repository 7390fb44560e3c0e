import { type AudioDesired, type AudioPlane, type AudioStatus } from '../../electron/audio/plane.ts';
import { Emitter } from '../../electron/base/emitter.ts';
import { toDisposable } from '../../electron/base/disposable.ts';
import { type Levels } from '../../electron/contract/index.ts';
import { type VideoDesired, type VideoPlane, type VideoStatus } from '../../electron/video/plane.ts';

/** Planes that only note what they are asked for and report what a test says: for tests of the engine alone. */
export class NotedAudio implements AudioPlane {
  readonly #events = new Emitter<AudioStatus>();
  readonly onStatus = this.#events.event;
  desired: AudioDesired | undefined;
  metered: readonly string[] = [];
  onLevels: ((levels: Levels) => void) | undefined;
  status: AudioStatus = {
    sound: { state: 'ready' },
    devices: null,
    crosspoints: {},
    gadgets: {},
    echo: {},
    ducking: false,
  };
  reset: readonly { readonly source: string; readonly destination: string }[] = [];

  apply(desired: AudioDesired): void {
    this.desired = desired;
  }
  report(status: Partial<AudioStatus>): void {
    this.status = { ...this.status, ...status };
    this.#events.fire(this.status);
  }
  resetLatency(crosspoints: NotedAudio['reset']): Promise<void> {
    this.reset = crosspoints;
    return Promise.resolve();
  }
  meter(ids: readonly string[], onLevels: (levels: Levels) => void) {
    this.metered = ids;
    this.onLevels = onLevels;
    return toDisposable(() => {
      this.metered = [];
    });
  }
  dispose(): void {
    this.#events.dispose();
  }
}

export class NotedVideo implements VideoPlane {
  readonly #events = new Emitter<VideoStatus>();
  readonly onStatus = this.#events.event;
  desired: VideoDesired | undefined;
  readonly followers = new Map<string, (jpeg: Uint8Array) => void>();
  status: VideoStatus = {
    sources: {},
    outputs: {},
    gadgets: {},
    rtmp: { state: 'ready' },
    ffmpeg: { state: 'ready' },
    cameras: [],
  };

  apply(desired: VideoDesired): void {
    this.desired = desired;
  }
  report(status: Partial<VideoStatus>): void {
    this.status = { ...this.status, ...status };
    this.#events.fire(this.status);
  }
  follow(id: string, _options: object, onJpeg: (jpeg: Uint8Array) => void) {
    this.followers.set(id, onJpeg);
    return toDisposable(() => void this.followers.delete(id));
  }
  listen() {
    return toDisposable(() => undefined);
  }
  counters() {
    return { 'cam:front': { frames: 3, bytes: 300, dropped: 1 } };
  }
  dispose(): void {
    this.#events.dispose();
  }
}
