import {
  type ModuleInfo,
  type ServerFlavour,
  type ServerInfo,
  type SinkInfo,
  type SinkInputInfo,
  type SourceInfo,
  type SourceOutputInfo,
} from '../pulse/index.ts';

/** What is in the sound server now, by the server's indices. */
export interface ServerSnapshot {
  readonly flavour: ServerFlavour;
  readonly server: ServerInfo;
  readonly sinks: ReadonlyMap<number, SinkInfo>;
  readonly sources: ReadonlyMap<number, SourceInfo>;
  readonly sinkInputs: ReadonlyMap<number, SinkInputInfo>;
  readonly sourceOutputs: ReadonlyMap<number, SourceOutputInfo>;
  readonly modules: ReadonlyMap<number, ModuleInfo>;
}
