import { type Disposable } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { type ClientMessage, encodePicture, messageOf, type ServerEvent } from '../contract/index.ts';
import { LogWatch } from './log-watch.ts';
import { type EnginePort } from './port.ts';

/** The other side of a feed. */
export interface FeedSink {
  event(event: ServerEvent): void;
  /** One picture as in `encodePicture`; the next one of the same id waits until `taken` is called. */
  picture(message: Uint8Array, taken: () => void): void;
}

const PICTURE_WIDTH = 320;
const PICTURE_FPS = 5;

type Wish = Pick<ClientMessage, 'meters' | 'pictures' | 'logs'>;
const NO_WISH: Wish = { meters: [], pictures: [], logs: [] };

/** What one page or client follows of the engine. Meters and pictures run only while it is visible and subscribed. */
export class Feed implements Disposable {
  readonly #engine: EnginePort;
  readonly #log: Logger;
  readonly #pictures = new Map<string, Disposable>();
  readonly #logs: LogWatch;
  #sink: FeedSink | undefined;
  #events: Disposable | undefined;
  #meters: Disposable | undefined;
  #meterIds = '[]';
  #wish = NO_WISH;
  #visible = true;

  constructor(engine: EnginePort, log: Logger) {
    this.#engine = engine;
    this.#logs = new LogWatch(engine, (event) => this.#sink?.event(event));
    this.#log = log;
  }

  /** First a snapshot, then what changes. Replaces the former subscription. */
  subscribe(sink: FeedSink): void {
    this.unsubscribe();
    this.#sink = sink;
    sink.event({ type: 'snapshot', revision: this.#engine.state.revision, state: this.#engine.state });
    if (this.#engine.log.length > 0) sink.event({ type: 'events', entries: this.#engine.log });
    this.#events = this.#engine.onEvent((event) => sink.event(event));
    this.#apply();
  }

  unsubscribe(): void {
    void this.#events?.dispose();
    this.#events = undefined;
    this.#sink = undefined;
    this.#apply();
  }

  /** Replaces the former wish, which outlives subscriptions. */
  watch({ meters, pictures, logs }: Wish): void {
    this.#wish = { meters, pictures, logs };
    this.#apply();
  }

  setVisible(visible: boolean): void {
    this.#visible = visible;
    this.#apply();
  }

  dispose(): void {
    this.#wish = NO_WISH;
    this.unsubscribe();
  }

  #apply(): void {
    const sink = this.#sink;
    const { meters, pictures, logs } = sink && this.#visible ? this.#wish : NO_WISH;
    this.#logs.set(logs);
    this.#follow(meters, sink);
    const wanted = new Set(pictures);
    for (const [id, picture] of this.#pictures) {
      if (wanted.has(id)) continue;
      void picture.dispose();
      this.#pictures.delete(id);
    }
    if (!sink) return;
    for (const id of wanted) {
      if (this.#pictures.has(id)) continue;
      try {
        this.#pictures.set(id, this.#followPicture(id, sink));
      } catch (error) {
        // Removed since the page asked; a patch tells it.
        this.#log.debug('no picture', { id, error: messageOf(error) });
      }
    }
  }

  #follow(ids: readonly string[], sink: FeedSink | undefined): void {
    const key = JSON.stringify(ids);
    if (key === this.#meterIds) return;
    this.#meterIds = key;
    void this.#meters?.dispose();
    // Ids that the engine does not have are left out by it.
    const known = ids as Parameters<EnginePort['meter']>[0];
    this.#meters =
      sink && ids.length > 0
        ? this.#engine.meter(known, (levels) => sink.event({ type: 'levels', levels }))
        : undefined;
  }

  #followPicture(id: string, sink: FeedSink): Disposable {
    let busy = false;
    const video = id as Parameters<EnginePort['follow']>[0];
    return this.#engine.follow(video, { width: PICTURE_WIDTH, fps: PICTURE_FPS }, (jpeg) => {
      if (busy) return;
      busy = true;
      sink.picture(encodePicture(id, jpeg), () => {
        busy = false;
      });
    });
  }
}
