import { type Disposable } from '../../base/disposable.ts';
import { DATA_AMF0, type MediaMessage, type Viewer, type ViewerListener } from '../rtmp/types.ts';
import { type MediaStream } from './media-stream.ts';
import { RelayClock } from './relay-clock.ts';
import { type TaggedAudio, type TaggedVideo } from './tagged.ts';

/** A viewer that is further behind gets nothing until it has caught up and a key frame comes. */
const MAX_BACKLOG_BYTES = 2 * 1024 * 1024;

/** How exactly a player's backlog has to be known, measured by `MAX_BACKLOG_BYTES`. */
export const PLAYER_ACK_WINDOW_BYTES = 384 * 1024;

/**
 * One player of a stream: gets what is sent on it, from the cached key frame on. It is held when the publisher goes, and
 * served again when one comes.
 */
export class LiveViewer implements ViewerListener {
  readonly #stream: MediaStream;
  readonly #viewer: Viewer;
  readonly #isMuted: () => boolean;
  readonly #clock = new RelayClock();
  readonly #listening: Disposable;
  #awaitKeyFrame = true;

  constructor(stream: MediaStream, viewer: Viewer, isMuted: () => boolean) {
    this.#stream = stream;
    this.#viewer = viewer;
    this.#isMuted = isMuted;
    this.#listening = stream.listen({
      onStart: () => this.#onStart(),
      onVideo: (video) => this.#onVideo(video),
      onAudio: (audio) => this.#onAudio(audio),
      onRemoved: () => this.#viewer.close('the stream key was removed or changed'),
    });
    this.#begin();
  }

  onEnd(): void {
    void this.#listening.dispose();
  }

  /** Headers and the pictures since the last key frame, which a player shows at once. */
  #begin(): void {
    const { metaData, videoHeader, audioHeader, gop } = this.#stream;
    if (this.#isMuted() || !this.#stream.online) return;
    const newestMs = gop.at(-1)?.message.timestampMs ?? 0;
    const startMs = newestMs - gop.length + 1;
    if (metaData) this.#send({ type: DATA_AMF0, timestampMs: startMs, payload: metaData });
    for (const header of [videoHeader, audioHeader])
      if (header) this.#send({ ...header.message, timestampMs: startMs });
    // A millisecond apart: the player is in the present when it has them.
    gop.forEach(({ message }, index) => this.#send({ ...message, timestampMs: startMs + index }));
    this.#awaitKeyFrame = gop.length === 0;
  }

  #onStart(): void {
    this.#clock.restart();
    this.#awaitKeyFrame = true;
  }

  #onVideo({ message, tag }: TaggedVideo): void {
    if (this.#isMuted()) {
      this.#awaitKeyFrame = true;
      return;
    }
    if (tag.kind !== 'frame') {
      this.#send(message);
      return;
    }
    if (this.#viewer.backlogBytes > MAX_BACKLOG_BYTES) this.#awaitKeyFrame = true;
    if (this.#awaitKeyFrame) {
      if (!tag.keyFrame || this.#viewer.backlogBytes > MAX_BACKLOG_BYTES / 2) return;
      this.#awaitKeyFrame = false;
      const { videoHeader, audioHeader } = this.#stream;
      for (const header of [videoHeader, audioHeader])
        if (header) this.#send({ ...header.message, timestampMs: message.timestampMs });
    }
    this.#send(message);
  }

  #onAudio({ message, tag }: TaggedAudio): void {
    if (this.#isMuted()) return;
    if (tag.kind === 'frame' && this.#viewer.backlogBytes > MAX_BACKLOG_BYTES / 2) return;
    this.#send(message);
  }

  #send(message: MediaMessage): void {
    const timestampMs = this.#clock.map(message.timestampMs);
    this.#viewer.send({ type: message.type, timestampMs, payload: message.payload });
  }
}
