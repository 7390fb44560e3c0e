import { type Disposable } from '../base/disposable.ts';
import { messageOf, type ServerEvent } from '../contract/index.ts';
import { type EnginePort } from './port.ts';

/** The gadgets whose logs one client reads. */
export class LogWatch implements Disposable {
  readonly #engine: EnginePort;
  readonly #send: (event: ServerEvent) => void;
  readonly #following = new Map<string, Disposable>();

  constructor(engine: EnginePort, send: (event: ServerEvent) => void) {
    this.#engine = engine;
    this.#send = send;
  }

  /** Replaces the former wish; what is followed already goes on. */
  set(ids: readonly string[]): void {
    const wanted = new Set(ids);
    for (const [id, follow] of this.#following) {
      if (wanted.has(id)) continue;
      void follow.dispose();
      this.#following.delete(id);
    }
    for (const id of wanted) if (!this.#following.has(id)) this.#follow(id);
  }

  dispose(): void {
    this.set([]);
  }

  #follow(id: string): void {
    const end = (reason: string): void => this.#send({ type: 'log', gadget: id, lines: [], ended: reason });
    try {
      this.#following.set(
        id,
        this.#engine.followLog(id, (lines) => this.#send({ type: 'log', gadget: id, lines }), end),
      );
    } catch (error) {
      end(messageOf(error));
    }
  }
}
