import { type Disposable } from '../../base/disposable.ts';
import { type TaggedAudio, type TaggedVideo } from './tagged.ts';

/** Gets what is sent on a stream. */
export interface MediaListener {
  /** A publisher has begun; its headers and pictures follow. */
  onStart?(): void;
  onVideo?(video: TaggedVideo): void;
  onAudio?(audio: TaggedAudio): void;
  onEnd?(): void;
  /** The stream's name is no longer good. */
  onRemoved?(): void;
}

/** Coded video and audio that players can be given. */
export interface MediaStream {
  /** Is anything sent on it now? */
  readonly online: boolean;
  readonly videoHeader: TaggedVideo | undefined;
  readonly audioHeader: TaggedAudio | undefined;
  /** `onMetaData` as players expect it. */
  readonly metaData: Uint8Array | undefined;
  /** The pictures since the last key frame. */
  readonly gop: readonly TaggedVideo[];
  listen(listener: MediaListener): Disposable;
}
