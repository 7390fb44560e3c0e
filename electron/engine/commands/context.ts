import { type Draft } from 'immer';
import { type CommandOf, type CommandResult, type CommandType } from '../../contract/index.ts';
import { type Model } from '../store/model.ts';

export type ModelDraft = Draft<Model>;

export interface CommandContext {
  /** A new stream key or token: long, random, safe in addresses. */
  newSecret(): string;
  /** Is this microphone or speaker there now? */
  isOnline(id: string): boolean;
}

/** Carries out one checked command on the model, or throws a CrosspointError and changes nothing. */
export type Handler<T extends CommandType> = (
  model: ModelDraft,
  command: CommandOf<T>,
  context: CommandContext,
) => CommandResult | undefined;

/** The commands that change nothing but the model; the rest belongs to the engine itself. */
export type ModelCommandType = Exclude<CommandType, 'undo' | 'redo' | 'demo.start' | 'demo.stop'>;
export type Handlers<T extends ModelCommandType> = { readonly [K in T]: Handler<K> };
