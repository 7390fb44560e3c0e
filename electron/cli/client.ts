import {
  type CommandInput,
  type CommandsResponse,
  CrosspointError,
  type ErrorBody,
  type LogEntry,
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

  /** Where changes are told, by WebSocket. */
  get eventsUrl(): string {
    return `${this.#url.replace(/^http/, 'ws')}/api/events`;
  }

  get headers(): Readonly<Record<string, string>> {
    return this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` };
  }

  state(): Promise<State> {
    return this.#request<State>('GET', '/api/state');
  }

  log(): Promise<{ readonly entries: readonly LogEntry[] }> {
    return this.#request('GET', '/api/log');
  }

  commands(...commands: CommandInput[]): Promise<CommandsResponse> {
    return this.#request<CommandsResponse>('POST', '/api/commands', commands);
  }

  /** What a path of the API answers, as it is. */
  async text(path: string): Promise<string> {
    const response = await this.#fetch('GET', path);
    if (!response.ok) throw new CrosspointError('unavailable', `${path} answered ${response.status}.`);
    return response.text();
  }

  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await this.#fetch(method, path, body);
    const answer = (await response.json()) as T | ErrorBody;
    if (response.ok) return answer as T;
    const { code, message, ...details } = (answer as ErrorBody).error;
    throw new CrosspointError(code, message, details);
  }

  async #fetch(method: string, path: string, body?: unknown): Promise<Response> {
    const headers: Record<string, string> = { ...this.headers };
    if (body !== undefined) headers['content-type'] = 'application/json';
    try {
      return await fetch(this.#url + path, {
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
  }
}
