import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where secrets are kept, below the state directory. */
const FILES = ['state.json', 'state.json.bak', 'state.journal', 'engine.json'];
const SECRET = /"(?:secret|token)"\s*:\s*"((?:[^"\\]|\\.)+)"/g;

/**
 * Every secret in the files of the state directory: stream keys, tokens. Files that are not there, or are damaged, hold
 * what can be found in them. Synchronous: a process that is about to end has no time for anything else.
 */
export const secretsIn = (stateDir: string): readonly string[] =>
  FILES.flatMap((name) =>
    [...textOf(join(stateDir, name)).matchAll(SECRET)].map(([, quoted = '']) => unquoted(quoted)),
  );

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function unquoted(quoted: string): string {
  try {
    return JSON.parse(`"${quoted}"`) as string;
  } catch {
    return quoted;
  }
}
