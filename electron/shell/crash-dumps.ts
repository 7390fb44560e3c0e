import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Were there crashes of the whole app, or of a process of it, since this was last asked? Crashpad leaves a minidump of
 * each; nothing of ours runs any more by then, so that it can only be told at the next start.
 * @param folder Electron's `crashDumps`
 * @param mark a file that remembers when it was last asked
 * @returns how many
 */
export function newCrashes(folder: string, mark: string): number {
  const last = timeOf(mark);
  const dumps = filesIn(folder).filter((file) => file.endsWith('.dmp') && timeOf(file) > last);
  mkdirSync(dirname(mark), { recursive: true });
  writeFileSync(mark, '');
  return dumps.length;
}

function filesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** ms; 0: there is no such file. */
const timeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
