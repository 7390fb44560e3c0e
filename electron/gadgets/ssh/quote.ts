import { CrosspointError } from '../../contract/index.ts';

/**
 * One argument for a POSIX shell, whatever is in it. Nothing that comes from outside reaches a remote shell otherwise.
 * @throws CrosspointError `bad-request` for a NUL, which no argument can hold
 */
export function quote(argument: string | number): string {
  const text = String(argument);
  if (text.includes('\0')) throw new CrosspointError('bad-request', 'A NUL cannot go to a shell.');
  return `'${text.replace(/'/g, `'\\''`)}'`;
}

/** A shell script in which every `${value}` is one quoted argument. */
export const sh = (parts: TemplateStringsArray, ...values: readonly (string | number)[]): string =>
  parts.raw.reduce((text, part, index) => text + quote(values[index - 1] ?? '') + part);
