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

/** With fewer players it is not worth that sound comes later. */
const MANY_PLAYERS = 8;
/** Pictures that come at 25 a second or more: sound that comes between them goes with the next one. */
const FLOW_MS = 40;

interface Player {
  readonly viewer: Viewer;
  awaitKeyFrame: boolean;
}

/**
 * All players of a stream: they get what is sent on it, each from the cached key frame on. They are held when the
 * publisher goes, and served again when one comes. All are on one clock, so that a message is the same bytes for all.
 * With many of them sound goes with the picture that follows: each write is a system call, and they are what a relay costs.
 */
export class LiveRelay {
  readonly #stream: MediaStream;
  readonly #isMuted: () => boolean;
  readonly #players = new Set<Player>();
  #clock = new RelayClock();
  #listening: Disposable | undefined;
  /** Sound that waits for the next picture. */
  #sound: MediaMessage[] = [];
  /** When the last picture came. */
  #pictureMs = -Infinity;

  constructor(stream: MediaStream, isMuted: () => boolean) {
    this.#stream = stream;
    this.#isMuted = isMuted;
  }

  /** One more player: headers and the pictures since the last key frame, which it shows at once, then what comes. */
  add(viewer: Viewer): ViewerListener {
    const player: Player = { viewer, awaitKeyFrame: true };
    if (this.#players.size === 0) this.#begin();
    this.#sendSound();
    this.#players.add(player);
    if (this.#stream.online && !this.#isMuted()) this.#open(player);
    return {
      onEnd: () => {
        this.#players.delete(player);
        if (this.#players.size > 0) return;
        void this.#listening?.dispose();
        this.#listening = undefined;
        this.#sound = [];
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
      onEnd: () => this.#sendSound(),
      onRemoved: () => {
        for (const { viewer } of this.#players) viewer.close('the stream key was removed or changed');
      },
    });
  }

  #open(player: Player): void {
    const { metaData, gop } = this.#stream;
    // A millisecond apart: the player is in the present when it has them.
    const startMs = Math.max(0, this.#clock.lastMs - gop.length + 1);
    const data: MediaMessage[] = metaData
      ? [{ type: DATA_AMF0, timestampMs: startMs, payload: metaData }]
      : [];
    const pictures = gop.map(({ message }, index) => ({ ...message, timestampMs: startMs + index }));
    player.viewer.sendAll([...data, ...this.#headers(startMs), ...pictures]);
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
      this.#sound = [];
      this.#awaitKeyFrame();
      return;
    }
    const video = this.#mapped(message);
    if (tag.kind !== 'frame') {
      this.#sendHeader(video);
      return;
    }
    const sound = this.#takeSound();
    const both = [...sound, video];
    this.#pictureMs = performance.now();
    for (const player of this.#players)
      if (this.#keepsUp(player)) player.viewer.sendAll(both);
      else {
        sendSound(player, sound);
        if (tag.keyFrame && player.viewer.backlogBytes <= CAUGHT_UP_BYTES) this.#beginAgain(player, video);
      }
  }

  /** May it have any picture? One that is behind begins again at a key frame. */
  #keepsUp(player: Player): boolean {
    if (player.viewer.backlogBytes > MAX_BACKLOG_BYTES) player.awaitKeyFrame = true;
    return !player.awaitKeyFrame;
  }

  #beginAgain(player: Player, keyFrame: MediaMessage): void {
    player.awaitKeyFrame = false;
    player.viewer.sendAll([...this.#headers(keyFrame.timestampMs), keyFrame]);
  }

  #onAudio({ message, tag }: TaggedAudio): void {
    if (this.#isMuted()) {
      this.#sound = [];
      return;
    }
    const audio = this.#mapped(message);
    if (tag.kind !== 'frame') {
      this.#sendHeader(audio);
      return;
    }
    this.#sound.push(audio);
    const pictureIsNear = performance.now() - this.#pictureMs < FLOW_MS;
    if (this.#players.size < MANY_PLAYERS || !pictureIsNear) this.#sendSound();
  }

  /** Nobody may miss it, however far behind. */
  #sendHeader(header: MediaMessage): void {
    this.#sendSound();
    const alone = [header];
    for (const { viewer } of this.#players) viewer.sendAll(alone);
  }

  #sendSound(): void {
    const sound = this.#takeSound();
    for (const player of this.#players) sendSound(player, sound);
  }

  #takeSound(): readonly MediaMessage[] {
    const sound = this.#sound;
    this.#sound = [];
    return sound;
  }

  #headers(timestampMs: number): MediaMessage[] {
    const { videoHeader, audioHeader } = this.#stream;
    return [videoHeader, audioHeader].flatMap((header) =>
      header ? [{ ...header.message, timestampMs }] : [],
    );
  }

  #mapped({ type, timestampMs, payload }: MediaMessage): MediaMessage {
    return { type, timestampMs: this.#clock.map(timestampMs), payload };
  }
}

function sendSound({ viewer }: Player, sound: readonly MediaMessage[]): void {
  if (sound.length > 0 && viewer.backlogBytes <= CAUGHT_UP_BYTES) viewer.sendAll(sound);
}
