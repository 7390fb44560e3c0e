import { produce } from 'immer';
import { type Command, type CommandResult, type CommandType, CrosspointError } from '../../contract/index.ts';
import { type Model } from '../store/model.ts';
import { channels } from './channels.ts';
import {
  type CommandContext,
  ENGINE_COMMANDS,
  type Handler,
  type Handlers,
  type ModelCommandType,
} from './context.ts';
import { groups } from './groups.ts';
import { inputs } from './inputs.ts';
import { outputs } from './outputs.ts';
import { routing } from './routing.ts';
import { scenes } from './scenes.ts';

export { type CommandContext } from './context.ts';

const HANDLERS: Handlers<ModelCommandType> = {
  ...routing,
  ...channels,
  ...groups,
  ...scenes,
  ...inputs,
  ...outputs,
};

export type EngineCommand = Extract<Command, { type: (typeof ENGINE_COMMANDS)[number] }>;
export type ModelCommand = Exclude<Command, EngineCommand>;
export const isEngineCommand = (command: Command): command is EngineCommand =>
  (ENGINE_COMMANDS as readonly CommandType[]).includes(command.type);

/**
 * Carry out a list of commands on the model: all of them or, when one is refused, none.
 * @throws CrosspointError of the first command that is refused, its `path` beginning with the command's place in the list
 */
export function applyCommands(
  model: Model,
  commands: readonly ModelCommand[],
  context: CommandContext,
): { model: Model; results: CommandResult[] } {
  const results: CommandResult[] = [];
  let current = model;
  for (const [index, command] of commands.entries()) {
    try {
      const handler = HANDLERS[command.type] as Handler<ModelCommand['type']>;
      current = produce(current, (draft) => {
        results.push(handler(draft, command, context) ?? {});
      });
    } catch (error) {
      if (!(error instanceof CrosspointError) || commands.length === 1) throw error;
      const path = error.path === undefined ? `[${index}]` : `[${index}].${error.path}`;
      throw new CrosspointError(error.code, error.message, {
        path,
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      });
    }
  }
  return { model: current, results };
}
