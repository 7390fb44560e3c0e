import { type Draft } from 'immer';
import { type CommandOf, type CommandResult, type CommandType } from '../../contract/index.ts';
import { type Model } from '../store/model.ts';

export type ModelDraft = Draft<Model>;

export interface CommandContext {
  /** A new stream key or token: long, random, safe in addresses. */
  newSecret(): string;
  /** Is this microphone or speaker there now? */
  isOnline(id: string): boolean;
  /** The way that sound would go round for ever, as ids in order; null: it does not. */
  findLoop(model: ModelDraft): readonly string[] | null;
}

/** Carries out one checked command on the model, or throws a CrosspointError and changes nothing. */
export type Handler<T extends CommandType> = (
  model: ModelDraft,
  command: CommandOf<T>,
  context: CommandContext,
) => CommandResult | undefined;

/** The commands that change nothing but the model; the rest belongs to the engine itself. */
export type ModelCommandType = Exclude<CommandType, (typeof ENGINE_COMMANDS)[number]>;

/** What the gadgets' plane does on command. */
export const GADGET_COMMANDS = [
  'gadget.provision',
  'gadget.update-software',
  'gadget.rollback',
  'gadget.uninstall',
  'gadget.reboot',
  'gadget.identify',
  'gadget.check',
  'gadget.trust',
] as const satisfies readonly CommandType[];

/** The commands of the engine itself: they do not change the model, or by another way. */
export const ENGINE_COMMANDS = [
  'undo',
  'redo',
  'demo.start',
  'demo.stop',
  'solo',
  'unsolo',
  'solo.clear',
  'hold',
  'release',
  'latency.reset',
  ...GADGET_COMMANDS,
] as const satisfies readonly CommandType[];
export type Handlers<T extends ModelCommandType> = { readonly [K in T]: Handler<K> };
