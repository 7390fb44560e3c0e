import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { CrosspointError, messageOf } from '../contract/index.ts';

/**
 * Make a private directory (0700) and what is missing above it. Not by `mkdir`'s own recursion: that never ends where
 * the file system says that there is no such directory although its parent is there, as in /proc.
 * @throws CrosspointError `unavailable`, saying which directory cannot be made and why
 */
export async function makeDirectory(path: string): Promise<void> {
  if (await isDirectory(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeDirectory(parent);
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else may have been quicker.
    if (await isDirectory(path)) return;
    throw new CrosspointError('unavailable', `The directory ${path} cannot be made: ${messageOf(error)}.`, {
      hint: 'Choose one that can be written, for example with --state-dir.',
      cause: error,
    });
  }
}

async function isDirectory(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
