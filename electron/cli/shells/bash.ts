import { type CommandEntry, type ValueKind } from '../table.ts';
import { placesOf, quoted, valuedOptions } from './cases.ts';

/** What fills `COMPREPLY`; `say` is the script's own. */
function action(value: ValueKind): string {
  switch (value.kind) {
    case 'choices':
      return `_crosspoint_offer ${value.choices.map(quoted).join(' ')}`;
    case 'ids':
      return `_crosspoint_offer_ids ${value.ids}`;
    case 'file':
      return '_crosspoint_offer_files -f';
    case 'directory':
      return '_crosspoint_offer_files -d';
    case 'text':
      return ':';
  }
}

/** A completion script for bash 4.2 and newer. It needs no other package. */
export function bashCompletion(table: readonly CommandEntry[]): string {
  const parents = table.filter(({ subcommands }) => subcommands.length > 0);
  return `# bash completion for crosspoint, made by "crosspoint completion bash"

# Offers those of the given words that begin as what stands before the cursor does. Bash takes ":" for the end of a
# word: what stands before the last one is on the line already.
_crosspoint_offer() {
  local word skip=''
  [[ $COMP_WORDBREAKS == *:* && $cur == *:* ]] && skip=\${cur%"\${cur##*:}"}
  for word in "$@"; do
    [[ $word == "$cur"* ]] || continue
    [[ $word == *[[:space:]\\'\\"\\\\\\$\\&\\;\\(\\)]* ]] && printf -v word %q "$word"
    COMPREPLY+=("\${word#"$skip"}")
  done
}

# Ids that the running engine knows; none when none runs.
_crosspoint_offer_ids() {
  local -a ids=()
  mapfile -t ids < <("\${words[0]}" ids "$1" "\${where[@]}" 2>/dev/null)
  _crosspoint_offer "\${ids[@]}"
}

_crosspoint_offer_files() {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen "$1" -- "$cur")
}

_crosspoint_takes_value() {
  case $1 in
    ${valuedOptions(table).join('|')}) return 0 ;;
  esac
  return 1
}

_crosspoint() {
  local line=\${COMP_LINE:0:COMP_POINT} cur='' path='' word option='' place=0
  local -a words=() where=()
  COMPREPLY=()
  read -ra words <<<"$line"
  if [[ $line != *[[:space:]] ]]; then
    cur=\${words[-1]}
    unset 'words[-1]'
  fi
  for word in "\${words[@]:1}"; do
    if [[ -n $option ]]; then
      [[ $option == --state-dir || $option == --url ]] && where+=("$option" "$word")
      option=''
    elif _crosspoint_takes_value "$word"; then
      option=$word
    elif [[ $word != -* ]]; then
      case "$path$word" in
        ${table
          .filter(({ path }) => path.length > 0)
          .map(({ path }) => quoted(path.join(' ')))
          .join('|')}) path="$path$word " ;;
        *) place=$((place + 1)) ;;
      esac
    fi
  done
  if [[ -n $option ]]; then
    place=$option
  elif [[ $cur == -* ]]; then
    case $path in
${table
  .map(
    ({ path, options }) =>
      `      ${quoted(path.map((part) => `${part} `).join(''))}) _crosspoint_offer ${[...options.map(({ long }) => long), '--help'].join(' ')} ;;`,
  )
  .join('\n')}
    esac
    return
  fi
  case "$path$place" in
${parents
  .map(
    ({ path, subcommands }) =>
      `    ${quoted([...path, '0'].join(' '))}) _crosspoint_offer ${subcommands.map(({ name }) => name).join(' ')} help ;;`,
  )
  .join('\n')}
${placesOf(table)
  .filter(({ value }) => value.kind !== 'text')
  .map(({ place, value }) => `    ${quoted(place)}) ${action(value)} ;;`)
  .join('\n')}
  esac
}

complete -F _crosspoint crosspoint
`;
}
