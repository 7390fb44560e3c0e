import { type CommandEntry, type OptionEntry, usageOf } from './table.ts';

/** As it stands: nothing in it means anything to roff. Dashes are those that can be copied. */
const plain = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')
    .replaceAll('∞', '\\(if')
    .replaceAll('−', '\\(mi')
    .replaceAll('…', '...');

const bold = (text: string): string => `\\fB${plain(text)}\\fR`;
/** `route <source>` with what a person puts in set apart. */
const usage = (text: string): string =>
  text
    .split(/(<[^>]+>(?:\.\.\.)?|\[[^\]]+\])/)
    .map((part) => (/^[<[]/.test(part) ? `\\fI${plain(part)}\\fR` : part.trim() === '' ? part : bold(part)))
    .join('');

const NOTHING: ReadonlySet<string> = new Set();

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

function optionText({ long, placeholder, description, value, preset, variable }: OptionEntry): string {
  const more = [
    ...(value?.kind === 'choices' ? [`One of ${value.choices.join(', ')}.`] : []),
    ...(preset === undefined ? [] : [`Default: ${preset}.`]),
    ...(variable === undefined ? [] : [`The environment's ${variable} does the same.`]),
  ];
  return `.TP\n${usage(`${long} ${placeholder}`.trim())}\n${plain([sentence(description), ...more].join(' '))}`;
}

const entryText = (entry: CommandEntry, hidden: ReadonlySet<string>): string =>
  [
    `.SS ${usage(usageOf(entry))}`,
    plain(sentence(entry.description)),
    ...entry.options.filter(({ long }) => !hidden.has(long)).map(optionText),
  ].join('\n');

const EXAMPLES = [
  ['Try it without any hardware:', 'crosspoint serve --demo'],
  ['A camera onto the webcam of a gadget:', 'crosspoint route cam:front desk.webcam'],
  ['A microphone, a little quieter:', 'crosspoint route mic:desk office.mic --gain -6'],
  ['What is wrong now, for a script:', "crosspoint status --json | jq '.status.problems'"],
  ['Anything that the API can do:', `crosspoint send '{"type":"hold","id":"mic:desk","key":"talk"}'`],
] as const;

/** `crosspoint(1)` in the man macros, made of the command table. */
export function manPage(table: readonly CommandEntry[], version: string): string {
  const [program, ...commands] = table;
  const leaves = commands.filter(({ subcommands }) => subcommands.length === 0);
  // What nearly all commands have is said once.
  const shared = commands.find(({ path }) => path.join(' ') === 'status')?.options ?? [];
  const hidden = new Set(shared.map(({ long }) => long));
  return `${[
    '.\\" Made of the command table by "crosspoint man".',
    `.TH CROSSPOINT 1 "" "Crosspoint ${version}" "User Commands"`,
    '.SH NAME',
    'crosspoint \\- routes cameras, microphones and speakers to computers',
    '.SH SYNOPSIS',
    `${bold('crosspoint')} \\fIcommand\\fR [\\fIargument\\fR ...] [\\fIoption\\fR ...]`,
    '.SH DESCRIPTION',
    plain(program?.description ?? ''),
    plain('Each of those computers sees a webcam with a microphone and a speaker, in truth a Raspberry Pi'),
    plain(
      'in USB gadget mode. "serve" runs the engine; every other command talks to a running one. Names or',
    ),
    plain('ids are accepted everywhere.'),
    '.SH OPTIONS OF ALL COMMANDS THAT TALK TO AN ENGINE',
    ...shared.map(optionText),
    '.SH COMMANDS',
    ...leaves.map((entry) => entryText(entry, entry.path[0] === 'serve' ? NOTHING : hidden)),
    '.SH EXIT STATUS',
    '.TP\n0\nDone.',
    '.TP\n1\nFailed; standard error says why and what to do, as one line of JSON with \\fB\\-\\-json\\fR.',
    '.TP\n2\nWrong usage.',
    '.SH FILES',
    `.TP\n\\fI$XDG_STATE_HOME/crosspoint\\fR\n${plain('The routing, its secrets, and where the running engine is ($HOME/.local/state/crosspoint where XDG_STATE_HOME is not set).')}`,
    '.SH EXAMPLES',
    ...EXAMPLES.map(
      ([what, line], index) =>
        `${index === 0 ? '' : '.PP\n'}${what}\n.PP\n.RS 4\n.nf\n${plain(line)}\n.fi\n.RE`,
    ),
  ].join('\n')}\n`;
}
