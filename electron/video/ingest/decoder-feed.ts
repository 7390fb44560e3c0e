import { type Writable } from 'node:stream';
import { type Disposable } from '../../base/disposable.ts';
import { type DecoderInput } from './decoder-input.ts';
import { type IngestStream } from './ingest-stream.ts';
import { type TaggedVideo } from './tagged.ts';

/**
 * More than this waiting for the decoder, beside the pictures of the past: it cannot keep up, and the next key frame is
 * worth more.
 */
const MAX_WAITING_BYTES = 2 * 1024 * 1024;
/** A publisher's clock that leaps further than this has been set anew. */
const MAX_LEAP_MS = 5000;

/** How far the decoder's clock is ahead when it gets its first live picture: the length of the cached pictures. */
export const cachedMs = (stream: IngestStream): number => {
  const { gop } = stream;
  return Math.max(0, (gop.at(-1)?.message.timestampMs ?? 0) - (gop[0]?.message.timestampMs ?? 0));
};

/** Feeds a decoder's stdin with a stream's headers, the pictures since its last key frame, and then all that come. */
export class DecoderFeed implements Disposable {
  readonly #stdin: Writable;
  readonly #input: DecoderInput;
  readonly #listening: Disposable;
  #lastInMs: number | undefined;
  #clockMs = 0;
  readonly #maxWaitingBytes: number;
  #awaitKeyFrame: boolean;
  /** Pictures that were left out because the decoder did not keep up. */
  dropped = 0;

  constructor(stream: IngestStream, input: DecoderInput, stdin: Writable) {
    this.#stdin = stdin;
    this.#input = input;
    this.#write(input.head);
    if (stream.videoHeader) this.#write(input.headerParts(stream.videoHeader, 0));
    const { gop } = stream;
    this.#awaitKeyFrame = gop.length === 0;
    this.#maxWaitingBytes =
      MAX_WAITING_BYTES + gop.reduce((sum, { message }) => sum + message.payload.length, 0);
    stdin.cork();
    for (const video of gop) this.#write(input.pictureParts(video, this.#tick(video)));
    stdin.uncork();
    this.#listening = stream.listen({ onVideo: (video) => this.#onVideo(video) });
  }

  dispose(): void {
    void this.#listening.dispose();
  }

  #onVideo(video: TaggedVideo): void {
    const { kind, keyFrame } = video.tag;
    const timestampMs = this.#tick(video);
    if (kind === 'sequence-header') {
      this.#write(this.#input.headerParts(video, timestampMs));
      return;
    }
    if (kind !== 'frame') return;
    if (this.#stdin.writableLength > this.#maxWaitingBytes) this.#awaitKeyFrame = true;
    else if (keyFrame) this.#awaitKeyFrame = false;
    if (this.#awaitKeyFrame) this.dropped++;
    else this.#write(this.#input.pictureParts(video, timestampMs));
  }

  /** The decoder's clock: starts at zero and never leaps. */
  #tick({ message: { timestampMs } }: TaggedVideo): number {
    const passed = timestampMs - (this.#lastInMs ?? timestampMs);
    this.#lastInMs = timestampMs;
    this.#clockMs += passed < 0 || passed > MAX_LEAP_MS ? 33 : passed;
    return this.#clockMs;
  }

  #write(parts: readonly Uint8Array[]): void {
    if (this.#stdin.destroyed || this.#stdin.writableEnded) return;
    for (const part of parts) this.#stdin.write(part);
  }
}
