import { type CommandEntry, type ValueKind } from '../table.ts';
import { valuedOptions } from './cases.ts';

/** In single quotes fish knows two escapes only. */
const quoted = (text: string): string => `'${text.replace(/[\\']/g, (character) => `\\${character}`)}'`;

/** How the values are found; undefined: anything goes. */
function offers(value: ValueKind): string | undefined {
  switch (value.kind) {
    case 'choices':
      return `-xa ${quoted(value.choices.join(' '))}`;
    case 'ids':
      return `-xa ${quoted(`(__crosspoint_ids ${value.ids})`)}`;
    case 'file':
      return '-rF';
    case 'directory':
      return `-xa '(__fish_complete_directories)'`;
    case 'text':
      return undefined;
  }
}

/** A completion script for fish 3. */
export function fishCompletion(table: readonly CommandEntry[]): string {
  const lines = table.flatMap(({ path, args, options, subcommands }) => {
    const at = (place: string): string => `complete -c crosspoint -n ${quoted(`__crosspoint_at ${place}`)}`;
    const here = path.join(' ');
    return [
      ...subcommands.map(
        ({ name, description }) => `${at(`${here} 0`.trim())} -a ${name} -d ${quoted(description)}`,
      ),
      ...args.flatMap(({ value }, index) => {
        const found = offers(value);
        return found === undefined ? [] : [`${at(`${here} ${index}`.trim())} ${found}`];
      }),
      ...options.map(({ long, description, value }) => {
        const found = value ? (offers(value) ?? '-x') : '';
        return `${at(`${here} any`.trim())} -l ${long.slice(2)} ${found} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# fish completion for crosspoint, made by "crosspoint completion fish"

# Is the cursor at this command ("scene recall") and at its argument of this number, or "any"?
function __crosspoint_at
    set -l path
    set -l place 0
    set -l option
    for word in (commandline -opc)[2..-1]
        if test -n "$option"
            set option
        else if contains -- $word ${valuedOptions(table).join(' ')}
            set option $word
        else if not string match -q -- '-*' $word
            if contains -- (string join ' ' $path $word) ${table
              .filter(({ path }) => path.length > 0)
              .map(({ path }) => quoted(path.join(' ')))
              .join(' ')}
                set path $path $word
            else
                set place (math $place + 1)
            end
        end
    end
    set -l wanted $argv[-1]
    test "$path" = "$argv[1..-2]"; or return 1
    test "$wanted" = any; or test "$wanted" = $place
end

# Ids that the running engine knows; none when none runs.
function __crosspoint_ids
    set -l words (commandline -opc)
    set -l where
    for index in (seq 2 (count $words))
        if contains -- $words[$index] --state-dir --url
            set where $where $words[$index] $words[(math $index + 1)]
        end
    end
    $words[1] ids $argv[1] $where 2>/dev/null
end

complete -c crosspoint -f
complete -c crosspoint -l help -d 'tell more'
${lines.join('\n')}
`;
}
