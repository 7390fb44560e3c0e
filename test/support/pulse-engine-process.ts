import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type AudioDesired, type AudioStatus } from '../../electron/audio/plane.ts';

export interface EngineProcess {
  readonly pid: number;
  until(what: string, is: (status: AudioStatus) => boolean, deadlineMs?: number): Promise<AudioStatus>;
  /** kill -9, or SIGTERM for a clean stop. Resolves with the exit code. */
  end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | null>;
}

/** The audio plane in a process of its own. */
export function startEngineProcess(
  options: { server: string; runtimeDir: string; desired: AudioDesired; mixerProgram?: string },
  env: NodeJS.ProcessEnv,
): EngineProcess {
  const script = fileURLToPath(new URL('pulse-engine.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(options)], {
    env: { ...env, PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  let latest: AudioStatus | null = null;
  const waiting = new Set<(status: AudioStatus) => void>();
  createInterface({ input: child.stdout! }).on('line', (line) => {
    latest = JSON.parse(line) as AudioStatus;
    for (const wake of [...waiting]) wake(latest);
  });
  return {
    pid: child.pid!,
    until: (what, is, deadlineMs = 15_000) =>
      new Promise((resolve, reject) => {
        const check = (status: AudioStatus): void => {
          if (!is(status)) return;
          clearTimeout(timer);
          waiting.delete(check);
          resolve(status);
        };
        const timer = setTimeout(() => {
          waiting.delete(check);
          reject(new Error(`${what}: not within ${deadlineMs} ms; status: ${JSON.stringify(latest)}`));
        }, deadlineMs);
        waiting.add(check);
        if (latest) check(latest);
      }),
    async end(signal) {
      process.removeListener('exit', killAtExit);
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const exited = once(child, 'exit');
      child.kill(signal);
      return ((await exited) as [number | null])[0];
    },
  };
}
