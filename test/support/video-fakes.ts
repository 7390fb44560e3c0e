import { type Disposable, toDisposable } from '../../electron/base/disposable.ts';
import { Emitter } from '../../electron/base/emitter.ts';
import { type DeviceStatus, type PictureSettings } from '../../electron/contract/index.ts';
import { type Frame, frameOf } from '../../electron/video/frames/frame.ts';
import { renditionKey, type Rendition } from '../../electron/video/frames/rendition.ts';
import {
  type MediaMessage,
  type OutgoingMedia,
  VIDEO,
  type Viewer,
} from '../../electron/video/rtmp/types.ts';
import { type PictureSource } from '../../electron/video/sources/picture-source.ts';

/** A picture that is told apart by its text. */
export const picture = (text: string): Frame => frameOf(Buffer.from(text));
export const textOf = ({ jpeg }: { readonly jpeg: Uint8Array }): string => Buffer.from(jpeg).toString();

/** A source that gives what the test tells it to. */
export class FakeSource implements PictureSource {
  readonly counters = { frames: 0, bytes: 0, dropped: 0 };
  readonly still: boolean;
  status: DeviceStatus = { state: 'online' };
  muted = false;
  picture: PictureSettings | undefined;
  readonly #concealed = new Emitter<void>();
  latest: Frame | undefined;
  readonly #changed = new Emitter<DeviceStatus>();
  readonly #followers = new Map<(frame: Frame) => void, string>();

  constructor({ still = false } = {}) {
    this.still = still;
  }

  get onStatus(): Emitter<DeviceStatus>['event'] {
    return this.#changed.event;
  }

  /** The renditions that are followed now. */
  get followed(): readonly string[] {
    return [...this.#followers.values()];
  }

  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable {
    const follower = (frame: Frame): void => onFrame(frame);
    this.#followers.set(follower, renditionKey(rendition));
    if (this.latest) follower(this.latest);
    return toDisposable(() => void this.#followers.delete(follower));
  }

  send(text: string): void {
    for (const follower of [...this.#followers.keys()]) follower(picture(text));
  }

  become(status: DeviceStatus): void {
    this.status = status;
    this.#changed.fire(status);
  }

  setMuted(muted: boolean): void {
    this.muted = muted;
  }

  setPicture(picture: PictureSettings): void {
    this.picture = picture;
  }

  get onConceal(): Emitter<void>['event'] {
    return this.#concealed.event;
  }

  conceal(): void {
    this.#concealed.fire();
  }

  dispose(): void {
    this.#followers.clear();
  }
}

/** A viewer on a link whose backlog the test sets. */
export class FakeViewer implements Viewer {
  readonly remoteAddress = '192.0.2.7';
  readonly sent: MediaMessage[] = [];
  /** How often something was sent at once. */
  writes = 0;
  backlogBytes = 0;
  closed: string | undefined;

  send(message: OutgoingMedia): boolean {
    const { type, timestampMs, payload } = message;
    if (payload instanceof Uint8Array) this.sent.push(message as MediaMessage);
    else this.sent.push({ type, timestampMs, payload: Buffer.concat(payload) });
    return true;
  }

  sendAll(messages: readonly MediaMessage[]): boolean {
    this.writes++;
    return messages.every((message) => this.send(message));
  }

  close(reason: string): void {
    this.closed = reason;
  }

  /** The pictures that were sent, as text. */
  get pictures(): string[] {
    return this.sent
      .filter(({ type }) => type === VIDEO)
      .map(({ payload }) => Buffer.from(payload.subarray(5)).toString());
  }
}
