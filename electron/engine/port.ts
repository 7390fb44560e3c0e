import { type Disposable } from '../base/disposable.ts';
import { type Event } from '../base/emitter.ts';
import {
  type Command,
  type CommandsResponse,
  type DestinationId,
  type Levels,
  type LogEntry,
  type ServerEvent,
  type SourceId,
  type State,
} from '../contract/index.ts';

/** What the hosts (HTTP server, Electron shell) see of the engine. */
export interface EnginePort {
  readonly state: State;
  /** Patches of `state`, in order. */
  readonly onEvent: Event<ServerEvent>;
  /** What happened lately, oldest first; what comes is an event. */
  readonly log: readonly LogEntry[];
  execute(commands: readonly Command[], origin: string): Promise<CommandsResponse>;
  meter(ids: readonly (SourceId | DestinationId)[], onLevels: (levels: Levels) => void): Disposable;
  follow(
    id: SourceId | DestinationId,
    options: { readonly width?: number; readonly fps?: number },
    onJpeg: (jpeg: Uint8Array) => void,
  ): Disposable;
  /**
   * The last lines of a gadget's log, then every new one.
   * @param onEnd why there will be no more
   * @throws CrosspointError `unknown-id`, `bad-request` for a gadget without a host
   */
  followLog(
    id: string,
    onLines: (lines: readonly string[]) => void,
    onEnd: (reason: string) => void,
  ): Disposable;
  /** Counters of every video source and output. */
  counters(): Readonly<
    Record<string, { readonly frames: number; readonly bytes: number; readonly dropped: number }>
  >;
}
