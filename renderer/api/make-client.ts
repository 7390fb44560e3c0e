import { BridgeClient } from './bridge-client.ts';
import { type EngineClient } from './client.ts';
import { SocketClient } from './socket-client.ts';
import { keepToken, takeToken } from './token.ts';

/** The bridge where the shell gives one, else the address that this page came from. */
export function makeClient(window: Window): EngineClient {
  if (window.crosspoint) return new BridgeClient(window.crosspoint);
  return new SocketClient({
    base: new URL('.', window.location.href).href,
    token: takeToken(window.location, window.history, window.sessionStorage),
    onToken: (token) => keepToken(window.sessionStorage, token),
  });
}
