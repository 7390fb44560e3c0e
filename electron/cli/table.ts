import { type Argument, type Command as Program, type Option } from 'commander';
import { type IdKind } from './raw-commands.ts';

/** What a value is, for the shells. */
export type ValueKind =
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  | { readonly kind: 'ids'; readonly ids: IdKind }
  | { readonly kind: 'file' | 'directory' | 'text' };

export interface ArgumentEntry {
  readonly name: string;
  readonly required: boolean;
  readonly value: ValueKind;
}

export interface OptionEntry {
  readonly long: string;
  readonly description: string;
  /** `<dB>`, or empty when it takes no value. */
  readonly placeholder: string;
  readonly value: ValueKind | undefined;
  readonly preset: string | undefined;
  /** Environment variable that does the same. */
  readonly variable: string | undefined;
}

export interface CommandEntry {
  /** Without the program's own name: `['scene', 'recall']`; the program itself is `[]`. */
  readonly path: readonly string[];
  readonly description: string;
  readonly args: readonly ArgumentEntry[];
  readonly options: readonly OptionEntry[];
  readonly subcommands: readonly { readonly name: string; readonly description: string }[];
}

const text = { kind: 'text' } as const;

/** What the arguments of the commands name; everything else is a text. */
const IDS: Readonly<Record<string, IdKind>> = {
  'route source': 'sources',
  'route destination': 'destinations',
  'unroute source': 'sources',
  'unroute destination': 'destinations',
  'mute id': 'channels',
  'unmute id': 'channels',
  'gain id': 'audio',
  'rename id': 'channels',
  'lock destination': 'destinations',
  'unlock destination': 'destinations',
  'scene save name': 'scenes',
  'scene recall name': 'scenes',
  'scene delete name': 'scenes',
  'scene export name': 'scenes',
  'scene recall --only': 'destinations',
  'camera remove id': 'cameras',
  'ingest key id': 'ingests',
  'ingest remove id': 'ingests',
  'program remove id': 'programs',
};

function valueKind(path: readonly string[], name: string, placeholder: string): ValueKind {
  const ids =
    IDS[[...path, name].join(' ')] ?? (path[0] === 'gadget' && name === 'id' ? 'gadgets' : undefined);
  if (ids) return { kind: 'ids', ids };
  if (/<(file|path)>/.test(placeholder)) return { kind: 'file' };
  return placeholder.includes('<dir>') ? { kind: 'directory' } : text;
}

function argumentEntry(path: readonly string[], argument: Argument): ArgumentEntry {
  const name = argument.name();
  return {
    name,
    required: argument.required,
    value: argument.argChoices
      ? { kind: 'choices', choices: argument.argChoices }
      : valueKind(path, name, `<${name}>`),
  };
}

function optionEntry(path: readonly string[], option: Option): OptionEntry {
  const placeholder = /[<[].*$/.exec(option.flags)?.[0] ?? '';
  const preset = option.defaultValueDescription ?? presetText(option.defaultValue);
  return {
    long: option.long ?? '',
    description: option.description,
    placeholder,
    value:
      placeholder === ''
        ? undefined
        : option.argChoices
          ? { kind: 'choices', choices: option.argChoices }
          : valueKind(path, option.long ?? '', placeholder),
    preset,
    variable: option.envVar,
  };
}

function presetText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'object' && value !== null && 'host' in value && 'port' in value)
    return `${String(value.host)}:${String(value.port)}`;
  return undefined;
}

/** Every command of the program, in its order: what help, man page and completion are made of. */
export function commandTable(program: Program, path: readonly string[] = []): CommandEntry[] {
  const entry: CommandEntry = {
    path,
    description: program.description(),
    args: program.registeredArguments.map((argument) => argumentEntry(path, argument)),
    options: program.options
      .filter(({ long }) => long !== '--version')
      .map((option) => optionEntry(path, option)),
    subcommands: program.commands.map((sub) => ({ name: sub.name(), description: sub.description() })),
  };
  return [entry, ...program.commands.flatMap((sub) => commandTable(sub, [...path, sub.name()]))];
}

/** `route <source> <destination>` */
export const usageOf = ({ path, args }: CommandEntry): string =>
  [...path, ...args.map(({ name, required }) => (required ? `<${name}>` : `[${name}]`))].join(' ');
