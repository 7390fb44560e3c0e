import { createStore, type StoreApi } from 'zustand/vanilla';
import { CrosspointError, type CommandsResponse, type ErrorCode } from '../../electron/contract/index.ts';
import { type Commands, type EngineClient } from '../api/client.ts';

/** Why something that a person asked for was not done; stays where it was asked until it works or is dismissed. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
}

export interface CommandState {
  /** Commands on their way, by place. */
  readonly busy: Readonly<Record<string, number>>;
  /** By place: `cell:<source>|<destination>`, `channel:<id>`, `form:<name>`, `bar`, … */
  readonly refusals: Readonly<Record<string, Refusal>>;
}

export type CommandStore = StoreApi<CommandState>;

const without = <T>(record: Readonly<Record<string, T>>, key: string): Readonly<Record<string, T>> => {
  const { [key]: _gone, ...rest } = record;
  return rest;
};

export const refusalOf = (error: unknown): Refusal =>
  error instanceof CrosspointError
    ? { code: error.code, message: error.message, hint: error.hint }
    : { code: 'internal', message: error instanceof Error ? error.message : String(error), hint: undefined };

/** Sends commands and remembers, by the place where they were given, which are under way and which were refused. */
export class Commander {
  readonly store: CommandStore = createStore<CommandState>(() => ({ busy: {}, refusals: {} }));
  readonly #client: EngineClient;

  constructor(client: EngineClient) {
    this.#client = client;
  }

  /** @returns the answer, or null when it was refused: the reason is then kept at `place` */
  run(place: string, commands: Commands): Promise<CommandsResponse | null> {
    return this.attempt(place, () => this.#client.send(commands));
  }

  /** Something else that the engine is asked for, with its refusal kept like a command's. */
  async attempt<T>(place: string, ask: () => Promise<T>): Promise<T | null> {
    this.#count(place, 1);
    try {
      const answer = await ask();
      this.dismiss(place);
      return answer;
    } catch (error) {
      this.store.setState(({ refusals }) => ({ refusals: { ...refusals, [place]: refusalOf(error) } }));
      return null;
    } finally {
      this.#count(place, -1);
    }
  }

  dismiss(place: string): void {
    if (place in this.store.getState().refusals)
      this.store.setState(({ refusals }) => ({ refusals: without(refusals, place) }));
  }

  #count(place: string, step: 1 | -1): void {
    this.store.setState(({ busy }) => {
      const count = (busy[place] ?? 0) + step;
      return { busy: count <= 0 ? without(busy, place) : { ...busy, [place]: count } };
    });
  }
}

export const cellPlace = (source: string, destination: string): string => `cell:${source}|${destination}`;
export const channelPlace = (id: string): string => `channel:${id}`;
