import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a program says on stdout; undefined when it is not there or fails. */
export async function ask(program: string, ...args: string[]): Promise<string | undefined> {
  try {
    return (await run(program, args, { timeout: 5000 })).stdout;
  } catch {
    return undefined;
  }
}

export async function isInstalled(program: string): Promise<boolean> {
  try {
    await run(program, ['--version'], { timeout: 5000 });
    return true;
  } catch (error) {
    // It is there, and only does not know the question.
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}
