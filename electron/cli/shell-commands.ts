import { Argument, type Command as Program } from 'commander';
import { VERSION } from '../version.ts';
import { manPage } from './man-page.ts';
import { bashCompletion } from './shells/bash.ts';
import { fishCompletion } from './shells/fish.ts';
import { zshCompletion } from './shells/zsh.ts';
import { type CommandEntry, commandTable } from './table.ts';

const SHELLS = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
} as const satisfies Readonly<Record<string, (table: readonly CommandEntry[]) => string>>;

/** What other programs read: completion and man page, both made of the command table. */
export function registerShellCommands(program: Program): void {
  program
    .command('completion')
    .description('print a completion script, for example for: source <(crosspoint completion bash)')
    .addArgument(new Argument('<shell>', 'which shell').choices(Object.keys(SHELLS)))
    .action((shell: keyof typeof SHELLS) => {
      process.stdout.write(SHELLS[shell](commandTable(program)));
    });
  program
    .command('man')
    .description('print the man page, for example for: crosspoint man | man -l -')
    .action(() => {
      process.stdout.write(manPage(commandTable(program), VERSION));
    });
}
