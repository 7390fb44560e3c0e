import { type CellKey } from '../../contract/index.ts';
import { type Level } from './levels.ts';
import {
  type ModuleInfo,
  type ServerFlavour,
  type ServerInfo,
  type SinkInfo,
  type SinkInputInfo,
  type SourceInfo,
  type SourceOutputInfo,
} from '../pulse/index.ts';

/** A path of our own mixer. */
export interface MixerPath {
  /** Above all indices of a sound server. */
  readonly id: number;
  readonly key: CellKey;
  readonly from: string;
  readonly to: string;
  readonly latencyMs: number;
  readonly delayMs: number;
  /** Both its ends have a stream. */
  readonly live: boolean;
  /** As we set it. */
  readonly level: Level;
}

/** What is in the sound server now, by the server's indices. */
export interface ServerSnapshot {
  readonly flavour: ServerFlavour;
  readonly server: ServerInfo;
  readonly sinks: ReadonlyMap<number, SinkInfo>;
  readonly sources: ReadonlyMap<number, SourceInfo>;
  readonly sinkInputs: ReadonlyMap<number, SinkInputInfo>;
  readonly sourceOutputs: ReadonlyMap<number, SourceOutputInfo>;
  readonly modules: ReadonlyMap<number, ModuleInfo>;
  /** By id. */
  readonly mixerPaths: ReadonlyMap<number, MixerPath>;
}
