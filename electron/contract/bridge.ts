import { type CommandsResponse } from './commands.ts';
import { type ErrorBody } from './errors.ts';
import { type ClientMessage, type ServerEvent } from './events.ts';

/** What a list of commands came to, in a form that survives the border between two processes. */
export type BridgeAnswer =
  | { readonly ok: true; readonly response: CommandsResponse }
  | { readonly ok: false; readonly error: ErrorBody['error'] };

/** What the preload script gives the renderer as `window.crosspoint`: the same engine without a socket. */
export interface Bridge {
  /** One command or a list; checked on the other side. Never rejects for a refused command. */
  send(commands: unknown): Promise<BridgeAnswer>;
  /**
   * Follow the engine: first a snapshot, then patches and levels; pictures as in `encodePicture`.
   * @returns ends the subscription
   */
  subscribe(onEvent: (event: ServerEvent) => void, onPicture: (message: Uint8Array) => void): () => void;
  /** Which meters and pictures are looked at; replaces the former wish. */
  watch(message: ClientMessage): void;
}
