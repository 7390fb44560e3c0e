import { CrosspointError } from '../../contract/index.ts';
import { type CommandEntry, type ValueKind } from '../table.ts';

/** Options that are followed by a value, wherever they stand. */
export function valuedOptions(table: readonly CommandEntry[]): readonly string[] {
  const valued = new Set<string>();
  const plain = new Set<string>();
  for (const { options } of table) for (const { long, value } of options) (value ? valued : plain).add(long);
  for (const long of valued)
    if (plain.has(long))
      // The scripts skip values without knowing the command.
      throw new CrosspointError('internal', `${long} takes a value in one command and none in another.`);
  return [...valued].sort();
}

/** What can stand somewhere: `scene recall 0` (first argument) or `scene recall --only`. */
export interface Place {
  readonly place: string;
  readonly value: ValueKind;
}

export const placesOf = (table: readonly CommandEntry[]): readonly Place[] =>
  table.flatMap(({ path, args, options }) => [
    ...args.map(({ value }, index) => ({ place: [...path, index].join(' '), value })),
    ...options.flatMap(({ long, value }) => (value ? [{ place: [...path, long].join(' '), value }] : [])),
  ]);

/** In single quotes: nothing in it means anything to a shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
