import { CrosspointError, type Bridge, type CommandsResponse } from '../../electron/contract/index.ts';
import { ask } from './answers.ts';
import { type Commands, type EngineClient, type EngineListener, type WatchWish } from './client.ts';

/** The engine in the same application: over the bridge that the preload script exposes. */
export class BridgeClient implements EngineClient {
  readonly #bridge: Bridge;
  #listener: EngineListener | null = null;
  #unsubscribe: (() => void) | null = null;

  constructor(bridge: Bridge) {
    this.#bridge = bridge;
  }

  connect(listener: EngineListener): void {
    this.#listener = listener;
    this.resync();
  }

  resync(): void {
    const listener = this.#listener;
    if (!listener) return;
    this.#unsubscribe?.();
    listener.onConnection({ state: 'connecting' });
    this.#unsubscribe = this.#bridge.subscribe(
      (event) => {
        if (event.type === 'snapshot') listener.onConnection({ state: 'open' });
        listener.onEvent(event);
      },
      (message) => listener.onPicture(message),
    );
  }

  async send(commands: Commands): Promise<CommandsResponse> {
    const answer = await this.#bridge.send(commands);
    if (answer.ok) return answer.response;
    const { code, message, path, hint } = answer.error;
    throw new CrosspointError(code, message, {
      ...(path === undefined ? {} : { path }),
      ...(hint === undefined ? {} : { hint }),
    });
  }

  watch(wish: WatchWish): void {
    this.#bridge.watch({
      type: 'watch',
      meters: [...wish.meters],
      pictures: [...wish.pictures],
      logs: [...wish.logs],
    });
  }

  pictureUrl(): string | null {
    return null;
  }

  /** The shell serves it beside the page. */
  async diagnostics(): Promise<Blob> {
    return (await ask('/api/diagnostics', {})).blob();
  }

  setToken(): void {
    // The bridge needs none.
  }

  dispose(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }
}
