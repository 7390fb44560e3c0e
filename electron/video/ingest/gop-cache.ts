import { type TaggedVideo } from './tagged.ts';

export interface GopLimits {
  readonly maxBytes: number;
  readonly maxMs: number;
}

export const DEFAULT_GOP_LIMITS: GopLimits = { maxBytes: 12 * 1024 * 1024, maxMs: 12_000 };

/** The video since the last key frame, so that a newcomer need not wait for the next one. Too long: forgotten. */
export class GopCache {
  readonly #limits: GopLimits;
  #frames: TaggedVideo[] = [];
  #sizeBytes = 0;

  constructor(limits: GopLimits = DEFAULT_GOP_LIMITS) {
    this.#limits = limits;
  }

  /** Key frame first; empty when there is none to start from. */
  get frames(): readonly TaggedVideo[] {
    return this.#frames;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  push(video: TaggedVideo): void {
    if (video.tag.kind !== 'frame') return;
    if (video.tag.keyFrame) this.clear();
    else if (this.#frames.length === 0) return;
    const spanMs = video.message.timestampMs - (this.#frames[0] ?? video).message.timestampMs;
    this.#sizeBytes += video.message.payload.length;
    if (this.#sizeBytes > this.#limits.maxBytes || spanMs > this.#limits.maxMs) this.clear();
    else this.#frames.push(kept(video));
  }

  clear(): void {
    this.#frames = [];
    this.#sizeBytes = 0;
  }
}

/** Messages are views into what was received; one that would keep much more than itself is copied. */
function kept({ message, tag }: TaggedVideo): TaggedVideo {
  const { payload } = message;
  return payload.buffer.byteLength <= 2 * payload.length
    ? { message, tag }
    : { message: { ...message, payload: Buffer.from(payload) }, tag };
}
