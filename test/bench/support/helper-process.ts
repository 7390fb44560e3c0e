import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { ENGINE_FLAGS } from '../../../build/engine-flags.mjs';
import { bundled } from './bundled.ts';

/**
 * A program beside the measurement, in the directory of its source, with the engine's flags; it says one line of JSON when it is ready and one for
 * each that it is told.
 */
export class HelperProcess {
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string, undefined>;

  /** @param script relative to `base`, the caller's `import.meta.url` */
  constructor(base: string, script: string, ...args: readonly string[]) {
    const file = fileURLToPath(new URL(script, base));
    const child = spawn(process.execPath, [...ENGINE_FLAGS, bundled(file), ...args], {
      ...{ cwd: path.dirname(file), stdio: ['pipe', 'pipe', 'inherit'] },
    });
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  async next<T>(): Promise<T> {
    const line = await this.#lines.next();
    if (line.done === true) throw new Error('A helper has ended.');
    return JSON.parse(line.value) as T;
  }

  ask<T>(question: unknown = ''): Promise<T> {
    this.#child.stdin?.write(question === '' ? '\n' : `${JSON.stringify(question)}\n`);
    return this.next<T>();
  }

  async stop(): Promise<void> {
    const exited = this.#child.exitCode === null ? once(this.#child, 'exit') : undefined;
    this.#child.stdin?.end();
    await exited;
  }
}
