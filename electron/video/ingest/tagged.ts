import { type AudioTag, type VideoTag } from '../rtmp/ex-video.ts';
import { type MediaMessage } from '../rtmp/types.ts';

/** A message whose head was read once, for all who get it. */
export interface TaggedVideo {
  readonly message: MediaMessage;
  readonly tag: VideoTag;
}

export interface TaggedAudio {
  readonly message: MediaMessage;
  readonly tag: AudioTag;
}
