import { type Properties } from './tagstruct.ts';

/** Which of the two servers it is: they undo quoting in module arguments differently. */
export type ServerFlavour = 'pulseaudio' | 'pipewire';

/** Values that both servers take as they are. Everything that we make up ourselves is of this kind. */
const PLAIN = /^[A-Za-z0-9._:-]+$/;

/** Values of arguments outside of property lists. */
const PLAIN_ARGUMENT = /^[A-Za-z0-9._:,;/-]+$/;

/** Quote for PulseAudio: it takes the outer quotes off as they are, and undoes backslashes in the list only. */
const quotePulseAudio = (value: string): string => `'${value.replace(/[\\'"]/g, '\\$&')}'`;

/**
 * What of a text goes to PipeWire: it does not undo escapes, so quotes and backslashes are replaced by look-alikes,
 * and what may end or open something is left out.
 */
function quotePipeWire(value: string): string {
  const looks: Readonly<Record<string, string>> = {
    "'": '’',
    '"': '”',
    '\\': '∖',
    '{': '(',
    '}': ')',
    '[': '(',
    ']': ')',
  };
  const safe = value.replace(/['"\\{}[\]]/g, (character) => looks[character] ?? '');
  return `'${safe}'`;
}

/** A text for people, without what neither people nor servers can use. */
const printable = (value: string): string => value.replace(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, ' ').slice(0, 200);

/** `key=value` pairs for an argument such as `sink_properties=`, quoted so that nothing can break out. */
export function quoteProperties(values: Properties, flavour: ServerFlavour): string {
  const quote = flavour === 'pulseaudio' ? quotePulseAudio : quotePipeWire;
  const pairs = Object.entries(values).map(([key, value]) =>
    PLAIN.test(value) ? `${key}='${value}'` : `${key}=${quote(printable(value))}`,
  );
  return `"${pairs.join(' ')}"`;
}

/** Some other text, such as a path or the name of somebody else's device. */
function quoteText(text: string, flavour: ServerFlavour): string {
  const breaks = flavour === 'pulseaudio' ? /[\p{Cc}]/u : /[\p{Cc}"\\]/u;
  if (breaks.test(text)) throw new TypeError(`${JSON.stringify(text)} cannot be a module argument`);
  return `"${text.replace(/[\\"]/g, '\\$&')}"`;
}

/**
 * The argument text of a module.
 * @throws TypeError for a value that cannot be put into it
 */
export function moduleArguments(
  values: Readonly<Record<string, string | number | boolean | Properties>>,
  flavour: ServerFlavour,
): string {
  return Object.entries(values)
    .map(([key, value]) => {
      if (typeof value === 'object') return `${key}=${quoteProperties(value, flavour)}`;
      const text = String(value);
      return `${key}=${PLAIN_ARGUMENT.test(text) ? text : quoteText(text, flavour)}`;
    })
    .join(' ');
}
