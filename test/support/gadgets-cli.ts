import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const CLI = join(import.meta.dirname, '..', '..', 'out', 'cli.mjs');

/** Runs the command line with something on its standard input. */
export async function cliWith(
  input: string,
  args: readonly string[],
): Promise<{ code: number | null; stdout: string; stderr: string; ms: number }> {
  const startedMs = performance.now();
  const child = spawn(process.execPath, [CLI, ...args], { stdio: 'pipe' });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin.on('error', () => undefined).end(input);
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr, ms: performance.now() - startedMs };
}

/** A command that goes on until it is stopped, and what it has said so far. */
export function cliRunning(args: readonly string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said += text));
  return {
    said: () => said,
    stop: async () => {
      const closed = once(child, 'close');
      child.kill('SIGINT');
      await closed;
      return child.exitCode;
    },
  };
}
