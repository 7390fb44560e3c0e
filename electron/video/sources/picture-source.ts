import { type Disposable } from '../../base/disposable.ts';
import { type Event } from '../../base/emitter.ts';
import { type DeviceStatus, type PictureSettings } from '../../contract/index.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition } from '../frames/rendition.ts';

/** Anything that gives pictures. It works only while somebody follows it. */
export interface PictureSource extends Disposable {
  readonly status: DeviceStatus;
  readonly onStatus: Event<DeviceStatus>;
  /** A still picture: that no new one comes is no trouble. */
  readonly still: boolean;
  readonly counters: SourceCounters;
  /**
   * Get the pictures in this rendition from now on. A picture that is there already comes at once, during the call.
   * A picture is the newest one there is; nothing is kept for the one who is slow.
   */
  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable;
  /** Privacy: let go of the camera at once and give nothing until it is false again. */
  setMuted(muted: boolean): void;
  /** How the picture is changed. The pictures made so far go on until the new ones come, except when it is blurred. */
  setPicture(picture: PictureSettings): void;
  /** What it gave until now must not be seen any more: it is blurred from now on. */
  readonly onConceal: Event<void>;
}

export interface SourceCounters {
  frames: number;
  bytes: number;
  dropped: number;
}
