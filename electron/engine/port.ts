import { type Disposable } from '../base/disposable.ts';
import { type Event } from '../base/emitter.ts';
import {
  type Command,
  type CommandsResponse,
  type DestinationId,
  type Levels,
  type ServerEvent,
  type SourceId,
  type State,
} from '../contract/index.ts';

/** What the hosts (HTTP server, Electron shell) see of the engine. */
export interface EnginePort {
  readonly state: State;
  /** Patches of `state`, in order. */
  readonly onEvent: Event<ServerEvent>;
  execute(commands: readonly Command[], origin: string): Promise<CommandsResponse>;
  meter(ids: readonly (SourceId | DestinationId)[], onLevels: (levels: Levels) => void): Disposable;
  follow(
    id: SourceId | DestinationId,
    options: { readonly width?: number; readonly fps?: number },
    onJpeg: (jpeg: Uint8Array) => void,
  ): Disposable;
  /** Counters of every video source and output. */
  counters(): Readonly<
    Record<string, { readonly frames: number; readonly bytes: number; readonly dropped: number }>
  >;
}
