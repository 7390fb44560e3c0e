import { createProgram } from '../../electron/cli/program.ts';
import { type CommandEntry, commandTable, type OptionEntry, usageOf } from '../../electron/cli/table.ts';

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
const cell = (text: string): string => text.replaceAll('|', '\\|');

function row({ long, placeholder, description, value, preset, variable }: OptionEntry): string {
  const more = [
    ...(value?.kind === 'choices' ? [`One of ${value.choices.join(', ')}.`] : []),
    ...(preset === undefined ? [] : [`Default: \`${preset}\`.`]),
    ...(variable === undefined ? [] : [`Or \`${variable}\` in the environment.`]),
  ];
  return `| \`${`${long} ${placeholder}`.trim()}\` | ${cell([sentence(description), ...more].join(' '))} |`;
}

const options = (entries: readonly OptionEntry[]): string[] =>
  entries.length === 0 ? [] : [['| option | |', '|---|---|', ...entries.map(row)].join('\n')];

/** `docs/command-line.md`: every command, made of the table that the command line itself is. */
export function commandLineReference(): string {
  const commands = commandTable(createProgram()).filter(({ subcommands }) => subcommands.length === 0);
  const shared = commands.find(({ path }) => path.join(' ') === 'status')?.options ?? [];
  const names = new Set(shared.map(({ long }) => long));
  const section = (entry: CommandEntry): string =>
    [
      `### \`crosspoint ${usageOf(entry)}\``,
      sentence(entry.description),
      ...options(
        entry.path[0] === 'serve' ? entry.options : entry.options.filter(({ long }) => !names.has(long)),
      ),
    ].join('\n\n');
  return `${[
    '# Command line',
    'Made of the command table (`electron/cli/`); a test keeps it true. `crosspoint man | man -l -` shows the same as a man page. In a checkout it is `npm run crosspoint -- …`.',
    'Names or ids are accepted everywhere. Exit codes: 0 done, 1 failed, 2 wrong usage. With `--json` the answer is one line of JSON on standard output, and what fails one line `{"error":{"code","message","hint"?}}` on standard error; `gadget logs` says a line for each line.',
    'Completion of commands, options, ids and scenes: `source <(crosspoint completion bash)` in `~/.bashrc`, `source <(crosspoint completion zsh)` after `compinit` in `~/.zshrc`, or `crosspoint completion fish > ~/.config/fish/completions/crosspoint.fish`.',
    '## Options of all commands that talk to an engine',
    ...options(shared),
    '## Commands',
    ...commands.map(section),
  ].join('\n\n')}\n`;
}
