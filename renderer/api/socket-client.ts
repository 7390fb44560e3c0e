import {
  type CommandsResponse,
  ENCODED_TOKEN_PROTOCOL,
  type ServerEvent,
  TOKEN_PROTOCOL,
} from '../../electron/contract/index.ts';
import { ask } from './answers.ts';
import { retryDelayMs } from './backoff.ts';
import { type Commands, type EngineClient, type EngineListener, type WatchWish } from './client.ts';

const EVENT_TYPES: ReadonlySet<unknown> = new Set(['snapshot', 'patch', 'levels', 'log', 'events', 'alive']);
/** A socket which does not open within this time is given up. */
const OPEN_TIMEOUT_MS = 8000;
/** The engine says every second that it lives; a socket that is silent for longer leads nowhere, whatever it says. */
const SILENCE_MS = 4000;

/** A browser cannot set headers on a WebSocket: its token goes as a subprotocol, which takes few signs as they are. */
function tokenProtocol(token: string): string {
  if (/^[A-Za-z0-9._~-]+$/.test(token)) return TOKEN_PROTOCOL + token;
  const bytes = String.fromCharCode(...new TextEncoder().encode(token));
  return `${ENCODED_TOKEN_PROTOCOL}${btoa(bytes).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')}`;
}

export interface SocketClientOptions {
  /** Address of the UI, ending in a slash: `api/…` is relative to it. */
  readonly base: string;
  readonly token: string | null;
  readonly onToken?: (token: string) => void;
}

/** The engine over HTTP and WebSocket. */
export class SocketClient implements EngineClient {
  readonly #options: SocketClientOptions;
  #token: string | null;
  #listener: EngineListener | null = null;
  #socket: WebSocket | null = null;
  #wish: WatchWish = { meters: [], pictures: [], logs: [] };
  #attempt = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #disposed = false;

  constructor(options: SocketClientOptions) {
    this.#options = options;
    this.#token = options.token;
  }

  connect(listener: EngineListener): void {
    this.#listener = listener;
    this.#open();
  }

  resync(): void {
    this.#drop();
    this.#open();
  }

  setToken(token: string): void {
    this.#token = token;
    this.#options.onToken?.(token);
    this.#attempt = 0;
    this.resync();
  }

  async send(commands: Commands): Promise<CommandsResponse> {
    const response = await ask(this.#url('api/commands'), {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...this.#authorization() },
      body: JSON.stringify(commands),
    });
    return (await response.json()) as CommandsResponse;
  }

  watch(wish: WatchWish): void {
    this.#wish = wish;
    if (this.#socket?.readyState === WebSocket.OPEN) this.#sendWish();
  }

  pictureUrl(id: string): string | null {
    // Pictures with a token need a header, which an address cannot carry.
    return this.#token === null ? this.#url(`api/video/${encodeURIComponent(id)}.jpg`) : null;
  }

  async diagnostics(): Promise<Blob> {
    return (await ask(this.#url('api/diagnostics'), { headers: this.#authorization() })).blob();
  }

  dispose(): void {
    this.#disposed = true;
    this.#drop();
  }

  #url(path: string): string {
    return new URL(path, this.#options.base).href;
  }

  #authorization(): Record<string, string> {
    return this.#token === null ? {} : { Authorization: `Bearer ${this.#token}` };
  }

  #drop(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #open(): void {
    if (this.#disposed) return;
    this.#listener?.onConnection({ state: 'connecting' });
    const address = new URL('api/events?events=1&alive=1', this.#options.base);
    address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
    const socket = new WebSocket(address, this.#token === null ? [] : [tokenProtocol(this.#token)]);
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    let opened = false;
    let heardAt = 0;
    const giveUp = (): void => {
      clearTimeout(timer);
      clearInterval(watch);
      if (this.#socket !== socket) return;
      this.#socket = null;
      void this.#retry(opened);
    };
    const timer = setTimeout(() => socket.close(), OPEN_TIMEOUT_MS);
    socket.onopen = () => {
      clearTimeout(timer);
      opened = true;
      heardAt = Date.now();
      if (this.#socket === socket) this.#sendWish();
    };
    socket.onmessage = ({ data }: MessageEvent<unknown>) => {
      heardAt = Date.now();
      if (this.#socket === socket) this.#receive(data);
    };
    socket.onclose = giveUp;
    const watch = setInterval(() => {
      if (!opened || Date.now() - heardAt < SILENCE_MS) return;
      // A close that nobody answers takes minutes.
      giveUp();
      socket.close();
    }, 1000);
  }

  #receive(data: unknown): void {
    if (data instanceof ArrayBuffer) {
      this.#listener?.onPicture(new Uint8Array(data));
      return;
    }
    if (typeof data !== 'string') return;
    const event = JSON.parse(data) as ServerEvent;
    if (!EVENT_TYPES.has(event.type)) return;
    if (event.type === 'snapshot') {
      this.#attempt = 0;
      this.#listener?.onConnection({ state: 'open' });
    }
    this.#listener?.onEvent(event);
  }

  /** A browser does not say why a socket was refused: ask over HTTP. */
  async #refused(): Promise<boolean> {
    try {
      const response = await fetch(this.#url('api/state'), { headers: this.#authorization(), method: 'GET' });
      void response.body?.cancel();
      return response.status === 401 || response.status === 403;
    } catch {
      return false;
    }
  }

  async #retry(opened: boolean): Promise<void> {
    this.#attempt += 1;
    const delayMs = retryDelayMs(this.#attempt);
    this.#listener?.onConnection({ state: 'waiting', retryAt: Date.now() + delayMs });
    if (!opened && (await this.#refused())) {
      if (!this.#disposed && this.#socket === null) this.#listener?.onConnection({ state: 'refused' });
      return;
    }
    if (this.#disposed || this.#socket !== null) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#open(), delayMs);
  }

  #sendWish(): void {
    const { meters, pictures, logs } = this.#wish;
    this.#socket?.send(JSON.stringify({ type: 'watch', meters, pictures, logs }));
  }
}
