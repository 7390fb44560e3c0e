import { type CommandInput, type CommandsResponse, type ServerEvent } from '../../electron/contract/index.ts';

/** How it stands between this window and the engine. */
export type Connection =
  | { readonly state: 'connecting' }
  | { readonly state: 'open' }
  /** Not connected; tried again by itself at `retryAt` (ms since the epoch). */
  | { readonly state: 'waiting'; readonly retryAt: number }
  /** The engine answers, but wants a token that this window does not have. */
  | { readonly state: 'refused' };

export interface EngineListener {
  onEvent(event: ServerEvent): void;
  /** A binary message, see `decodePicture` of the contract. */
  onPicture(message: Uint8Array): void;
  onConnection(connection: Connection): void;
}

export interface WatchWish {
  /** Ids of audio sources and destinations. */
  readonly meters: readonly string[];
  /** Ids of video sources and destinations. */
  readonly pictures: readonly string[];
  /** Ids of gadgets. */
  readonly logs: readonly string[];
}

export type Commands = CommandInput | readonly CommandInput[];

/** The engine as the renderer sees it, whatever lies between. */
export interface EngineClient {
  /** Start following the engine; called once. Reconnects by itself until it is disposed. */
  connect(listener: EngineListener): void;
  /** Throw away what is known and ask for a new snapshot. */
  resync(): void;
  /**
   * All or nothing.
   * @throws CrosspointError with the engine's code, or `not-running` when it does not answer
   */
  send(commands: Commands): Promise<CommandsResponse>;
  /** What is looked at now; kept over reconnects. */
  watch(wish: WatchWish): void;
  /** Address of the newest full picture (JPEG); null where pictures come over the bridge only. */
  pictureUrl(id: string): string | null;
  /**
   * What support needs, as a zip without secrets.
   * @throws CrosspointError like `send`
   */
  diagnostics(): Promise<Blob>;
  /** Use another token from now on. */
  setToken(token: string): void;
  dispose(): void;
}
