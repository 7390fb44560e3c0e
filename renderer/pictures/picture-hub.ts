import { decodePicture } from '../../electron/contract/index.ts';

export interface PictureView {
  /** A new picture. It is the hub's: draw it at once, do not keep it. */
  draw(bitmap: ImageBitmap): void;
}

export type Decode = (jpeg: Uint8Array) => Promise<ImageBitmap>;

export const browserDecode: Decode = (jpeg) =>
  createImageBitmap(new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' }));

interface Track {
  readonly views: Set<PictureView>;
  last: ImageBitmap | null;
  decoding: boolean;
  /** Came while another was decoded: only the newest waits. */
  waiting: Uint8Array | null;
}

/** Pictures on their way from the engine to canvases, past React: each is decoded once, however often it is shown. */
export class PictureHub {
  readonly #decode: Decode;
  readonly #tracks = new Map<string, Track>();
  readonly #liveListeners = new Set<() => void>();
  #live = false;

  constructor(decode: Decode) {
    this.#decode = decode;
  }

  /** Do pictures come now? When not, what is shown is old. */
  get live(): boolean {
    return this.#live;
  }

  setLive(live: boolean): void {
    if (this.#live === live) return;
    this.#live = live;
    for (const listener of this.#liveListeners) listener();
  }

  readonly onLive = (listener: () => void): (() => void) => {
    this.#liveListeners.add(listener);
    return () => this.#liveListeners.delete(listener);
  };

  /** A binary message of the engine. */
  take(message: Uint8Array): void {
    const { id, jpeg } = decodePicture(message);
    const track = this.#tracks.get(id);
    if (!track) return;
    if (track.decoding) track.waiting = jpeg;
    else void this.#show(track, jpeg);
  }

  /** @returns ends it */
  view(id: string, view: PictureView): () => void {
    let track = this.#tracks.get(id);
    if (!track)
      this.#tracks.set(id, (track = { views: new Set(), last: null, decoding: false, waiting: null }));
    const mine = track;
    mine.views.add(view);
    if (mine.last) view.draw(mine.last);
    return () => {
      mine.views.delete(view);
      if (mine.views.size > 0) return;
      if (this.#tracks.get(id) === mine) this.#tracks.delete(id);
      mine.last?.close();
      mine.last = null;
    };
  }

  async #show(track: Track, jpeg: Uint8Array): Promise<void> {
    track.decoding = true;
    try {
      const bitmap = await this.#decode(jpeg);
      track.last?.close();
      track.last = track.views.size > 0 ? bitmap : null;
      if (track.views.size === 0) bitmap.close();
      for (const view of track.views) view.draw(bitmap);
    } catch {
      // A picture that cannot be decoded is left out; the next one comes soon.
    } finally {
      track.decoding = false;
    }
    const next = track.waiting;
    track.waiting = null;
    if (next) await this.#show(track, next);
  }
}
