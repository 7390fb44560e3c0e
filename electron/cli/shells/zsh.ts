import { type CommandEntry, type ValueKind } from '../table.ts';
import { placesOf, quoted, valuedOptions } from './cases.ts';

function action(value: ValueKind): string {
  switch (value.kind) {
    case 'choices':
      return `compadd -- ${value.choices.map(quoted).join(' ')}`;
    case 'ids':
      return `_crosspoint_ids ${value.ids}`;
    case 'file':
      return '_files';
    case 'directory':
      return '_files -/';
    case 'text':
      return '_message value';
  }
}

/** `name:what it does`, as `_describe` takes it. */
const described = (name: string, description: string): string =>
  quoted(`${name.replaceAll(':', '\\:')}:${description}`);

/** A completion script for zsh; \`#compdef\` makes it one of the function path, too. */
export function zshCompletion(table: readonly CommandEntry[]): string {
  const parents = table.filter(({ subcommands }) => subcommands.length > 0);
  return `#compdef crosspoint
# zsh completion for crosspoint, made by "crosspoint completion zsh"

# Ids that the running engine knows; none when none runs.
_crosspoint_ids() {
  local -a ids
  ids=(\${(f)"$(\${words[1]} ids $1 $where 2>/dev/null)"})
  compadd -a ids
}

_crosspoint() {
  local at='' option='' word place=0
  local -a where offers
  for word in \${words[2,CURRENT-1]}; do
    if [[ -n $option ]]; then
      [[ $option == (--state-dir|--url) ]] && where+=($option $word)
      option=''
    elif [[ $word == (${valuedOptions(table).join('|')}) ]]; then
      option=$word
    elif [[ $word != -* ]]; then
      case "$at$word" in
        ${table
          .filter(({ path }) => path.length > 0)
          .map(({ path }) => `(${quoted(path.join(' '))})`)
          .join('|')}) at="$at$word " ;;
        *) (( place += 1 )) ;;
      esac
    fi
  done
  if [[ -n $option ]]; then
    place=$option
  elif [[ \${words[CURRENT]} == -* ]]; then
    case $at in
${table
  .map(
    ({ path, options }) =>
      `      (${quoted(path.map((part) => `${part} `).join(''))}) offers=(${[...options.map(({ long, description }) => described(long, description)), described('--help', 'tell more')].join(' ')}) ;;`,
  )
  .join('\n')}
    esac
    _describe option offers
    return
  fi
  case "$at$place" in
${parents
  .map(
    ({ path, subcommands }) =>
      `    (${quoted([...path, '0'].join(' '))}) offers=(${subcommands.map(({ name, description }) => described(name, description)).join(' ')}); _describe command offers ;;`,
  )
  .join('\n')}
${placesOf(table)
  .map(({ place, value }) => `    (${quoted(place)}) ${action(value)} ;;`)
  .join('\n')}
  esac
}

if [[ \${funcstack[1]} == _crosspoint ]]; then
  _crosspoint "$@"
else
  compdef _crosspoint crosspoint
fi
`;
}
