import {
  type CommandInput,
  type CommandsResponse,
  CrosspointError,
  type ErrorBody,
  type State,
} from '../contract/index.ts';
import { findEngine } from '../engine/instance.ts';

export interface ClientFlags {
  readonly stateDir: string;
  readonly url?: string;
  readonly token?: string;
}

/** Talks to a running engine: the one of the state directory, or the one at `url`. */
export class Client {
  readonly #url: string;
  readonly #token: string | undefined;

  constructor({ stateDir, url, token }: ClientFlags) {
    const found = url === undefined ? findEngine(stateDir) : undefined;
    const address = url ?? found?.http;
    if (address === undefined)
      throw new CrosspointError('not-running', `No Crosspoint runs on ${stateDir}.`, {
        hint: 'Start it with "crosspoint serve", or name another one with --state-dir or --url.',
      });
    this.#url = address.replace(/\/+$/, '');
    this.#token = token ?? found?.token;
  }

  state(): Promise<State> {
    return this.#request<State>('GET', '/api/state');
  }

  commands(...commands: CommandInput[]): Promise<CommandsResponse> {
    return this.#request<CommandsResponse>('POST', '/api/commands', commands);
  }

  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const headers: Record<string, string> = {};
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (this.#token !== undefined) headers.authorization = `Bearer ${this.#token}`;
    let response: Response;
    try {
      response = await fetch(this.#url + path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (cause) {
      throw new CrosspointError('not-running', `No Crosspoint answers at ${this.#url}.`, {
        hint: 'Start it with "crosspoint serve".',
        cause,
      });
    }
    const answer = (await response.json()) as T | ErrorBody;
    if (response.ok) return answer as T;
    const { code, message, ...details } = (answer as ErrorBody).error;
    throw new CrosspointError(code, message, details);
  }
}
