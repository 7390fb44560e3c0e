import { type Disposable } from '../../base/disposable.ts';
import { DATA_AMF0, type MediaMessage, type Viewer, type ViewerListener } from '../rtmp/types.ts';
import { type MediaStream } from './media-stream.ts';
import { RelayClock } from './relay-clock.ts';
import { type TaggedAudio, type TaggedVideo } from './tagged.ts';

/** A player that is further behind gets nothing until it has caught up and a key frame comes. */
const MAX_BACKLOG_BYTES = 2 * 1024 * 1024;

/**
 * How exactly a player's backlog has to be known, measured by `MAX_BACKLOG_BYTES`: each acknowledgement costs more than
 * sending a frame.
 */
export const PLAYER_ACK_WINDOW_BYTES = 768 * 1024;

/** It has caught up: what is behind may be no more than an acknowledgement that has not come yet. */
const CAUGHT_UP_BYTES = MAX_BACKLOG_BYTES - PLAYER_ACK_WINDOW_BYTES;

interface Player {
  readonly viewer: Viewer;
  awaitKeyFrame: boolean;
}

/**
 * All players of a stream: they get what is sent on it, each from the cached key frame on. They are held when the
 * publisher goes, and served again when one comes. All are on one clock, so that a message is the same bytes for all.
 */
export class LiveRelay {
  readonly #stream: MediaStream;
  readonly #isMuted: () => boolean;
  readonly #players = new Set<Player>();
  #clock = new RelayClock();
  #listening: Disposable | undefined;

  constructor(stream: MediaStream, isMuted: () => boolean) {
    this.#stream = stream;
    this.#isMuted = isMuted;
  }

  /** One more player: headers and the pictures since the last key frame, which it shows at once, then what comes. */
  add(viewer: Viewer): ViewerListener {
    const player: Player = { viewer, awaitKeyFrame: true };
    if (this.#players.size === 0) this.#begin();
    this.#players.add(player);
    if (this.#stream.online && !this.#isMuted()) this.#open(player);
    return {
      onEnd: () => {
        this.#players.delete(player);
        if (this.#players.size > 0) return;
        void this.#listening?.dispose();
        this.#listening = undefined;
      },
    };
  }

  /** The first player's time begins at zero. */
  #begin(): void {
    const { gop } = this.#stream;
    const newest = gop.at(-1);
    this.#clock = new RelayClock(Math.max(0, gop.length - 1));
    if (newest) this.#clock.map(newest.message.timestampMs);
    this.#listening = this.#stream.listen({
      onStart: () => this.#onStart(),
      onVideo: (video) => this.#onVideo(video),
      onAudio: (audio) => this.#onAudio(audio),
      onRemoved: () => {
        for (const { viewer } of this.#players) viewer.close('the stream key was removed or changed');
      },
    });
  }

  #open(player: Player): void {
    const { metaData, gop } = this.#stream;
    // A millisecond apart: the player is in the present when it has them.
    const startMs = Math.max(0, this.#clock.lastMs - gop.length + 1);
    if (metaData) player.viewer.send({ type: DATA_AMF0, timestampMs: startMs, payload: metaData });
    this.#sendHeaders(player, startMs);
    gop.forEach(({ message }, index) => player.viewer.send({ ...message, timestampMs: startMs + index }));
    player.awaitKeyFrame = gop.length === 0;
  }

  #onStart(): void {
    this.#clock.restart();
    this.#awaitKeyFrame();
  }

  #awaitKeyFrame(): void {
    for (const player of this.#players) player.awaitKeyFrame = true;
  }

  #onVideo({ message, tag }: TaggedVideo): void {
    if (this.#isMuted()) {
      this.#awaitKeyFrame();
      return;
    }
    const mapped = this.#mapped(message);
    const isFrame = tag.kind === 'frame';
    for (const player of this.#players)
      if (!isFrame || this.#isReady(player, tag.keyFrame, mapped.timestampMs)) player.viewer.send(mapped);
  }

  /** May it have this picture? One that is behind begins again at a key frame. */
  #isReady(player: Player, keyFrame: boolean, timestampMs: number): boolean {
    const { backlogBytes } = player.viewer;
    if (backlogBytes > MAX_BACKLOG_BYTES) player.awaitKeyFrame = true;
    if (!player.awaitKeyFrame) return true;
    if (!keyFrame || backlogBytes > CAUGHT_UP_BYTES) return false;
    player.awaitKeyFrame = false;
    this.#sendHeaders(player, timestampMs);
    return true;
  }

  #onAudio({ message, tag }: TaggedAudio): void {
    if (this.#isMuted()) return;
    const mapped = this.#mapped(message);
    for (const { viewer } of this.#players)
      if (tag.kind !== 'frame' || viewer.backlogBytes <= CAUGHT_UP_BYTES) viewer.send(mapped);
  }

  #sendHeaders({ viewer }: Player, timestampMs: number): void {
    const { videoHeader, audioHeader } = this.#stream;
    for (const header of [videoHeader, audioHeader])
      if (header) viewer.send({ ...header.message, timestampMs });
  }

  #mapped({ type, timestampMs, payload }: MediaMessage): MediaMessage {
    return { type, timestampMs: this.#clock.map(timestampMs), payload };
  }
}
