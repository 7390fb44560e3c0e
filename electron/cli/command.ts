import { Option, type Command as Program } from 'commander';
import { type CommandInput } from '../contract/index.ts';
import { defaultStateDir } from '../engine/paths.ts';
import { Client, type ClientFlags } from './client.ts';

/** A token given so is in no list of processes. */
export const TOKEN_VARIABLE = 'CROSSPOINT_TOKEN';

export const print = (text: string): void => void process.stdout.write(`${text}\n`);
export const firstOf = (args: readonly string[]): string => args[0] ?? '';

export const stateDirOption = (description: string): Option =>
  new Option('--state-dir <dir>', description).default(defaultStateDir(), '$XDG_STATE_HOME/crosspoint');
export const jsonOption = (description = 'print the answer, or the error, as JSON'): Option =>
  new Option('--json', description);

/** A command that talks to a running engine. */
export const command = (parent: Program, usage: string, description: string): Program =>
  parent
    .command(usage)
    .description(description)
    .addOption(stateDirOption('of the engine to talk to'))
    .option('--url <url>', 'address of the engine, such as http://127.0.0.1:7788')
    .addOption(new Option('--token <token>', 'its token').env(TOKEN_VARIABLE))
    .addOption(jsonOption());

/** Sends what `make` makes of the arguments; prints what `say` makes of the result. */
export function sends(
  parent: Program,
  usage: string,
  description: string,
  make: (args: readonly string[], flags: Readonly<Record<string, unknown>>) => CommandInput,
  say: (result: Readonly<Record<string, unknown>>) => string | undefined = () => undefined,
): Program {
  const made = command(parent, usage, description);
  made.action(async () => {
    const flags = made.opts<ClientFlags & { json?: boolean }>();
    const response = await new Client(flags).commands(make(made.args, made.opts()));
    const text = flags.json === true ? JSON.stringify(response) : say(response.results[0] ?? {});
    if (text !== undefined) print(text);
  });
  return made;
}
