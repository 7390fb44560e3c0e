import { spawn } from 'node:child_process';
import { type Readable } from 'node:stream';
import { type Child, type ChildExit, type ChildRunner, type ChildSpec } from '../base/child-process.ts';
import { type Disposable } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';

const STDERR_TAIL_BYTES = 4096;
const DEFAULT_GRACE_MS = 1000;

export interface RunningChild {
  readonly name: string;
  readonly pid: number;
}

/** Starts the engine's child processes and ends them all when the engine ends. */
export class Supervisor implements ChildRunner, Disposable {
  readonly #log: Logger;
  readonly #children = new Map<Child, string>();
  #disposed = false;
  readonly #killAll = (): void => {
    for (const { pid } of this.#children.keys()) if (pid !== undefined) kill(pid, 'SIGKILL');
  };

  constructor(log: Logger) {
    this.#log = log;
    // The last resort: the process ends without a dispose.
    process.once('exit', this.#killAll);
  }

  get running(): readonly RunningChild[] {
    return [...this.#children].flatMap(([{ pid }, name]) => (pid === undefined ? [] : [{ name, pid }]));
  }

  start(spec: ChildSpec): Child {
    if (this.#disposed) return failedChild(new Error('the engine is stopping'));
    const extra = spec.extraOutputs ?? 0;
    const process_ = spawn(spec.command, [...spec.args], {
      env: spec.env ? { ...process.env, ...spec.env } : process.env,
      stdio: [spec.stdin ?? 'ignore', spec.stdout ?? 'ignore', 'pipe', ...Array<'pipe'>(extra).fill('pipe')],
      shell: false,
    });
    let tail = '';
    process_.stderr?.setEncoding('utf8').on('data', (text: string) => {
      tail = (tail + text).slice(-STDERR_TAIL_BYTES);
    });
    for (const stream of process_.stdio) stream?.on('error', () => undefined);
    const exited = new Promise<ChildExit>((resolve) => {
      process_.once('error', (error) => {
        // Not started at all: there will be no exit. After a start, an error is about a signal that failed.
        if (process_.pid === undefined) resolve({ code: null, signal: null, error });
      });
      // 'close' comes after the last output was read.
      process_.once('close', (code, signal) => resolve({ code, signal }));
    });
    const child: Child = {
      pid: process_.pid,
      stdin: process_.stdin,
      stdout: process_.stdout,
      extraOutputs: process_.stdio.slice(3) as unknown as Readable[],
      exited,
      stderrTail: () => tail,
      stop: async (graceMs = DEFAULT_GRACE_MS) => {
        if (process_.pid === undefined || process_.exitCode !== null || process_.signalCode !== null)
          return exited;
        process_.kill('SIGTERM');
        const timer = setTimeout(() => process_.kill('SIGKILL'), graceMs);
        try {
          return await exited;
        } finally {
          clearTimeout(timer);
        }
      },
    };
    this.#children.set(child, spec.name);
    this.#log.debug('child started', { name: spec.name, pid: child.pid });
    void exited.then(({ code, signal, error }) => {
      this.#children.delete(child);
      this.#log.debug('child ended', {
        name: spec.name,
        pid: child.pid,
        code,
        signal,
        error: error?.message,
      });
    });
    return child;
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await Promise.all([...this.#children.keys()].map((child) => child.stop()));
    process.removeListener('exit', this.#killAll);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended by itself.
  }
}

const failedChild = (error: Error): Child => ({
  pid: undefined,
  stdin: null,
  stdout: null,
  extraOutputs: [],
  exited: Promise.resolve({ code: null, signal: null, error }),
  stderrTail: () => '',
  stop: () => Promise.resolve({ code: null, signal: null, error }),
});
