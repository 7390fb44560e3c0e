import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CommandsResponse, type State } from '../../electron/contract/index.ts';

const CLI = join(import.meta.dirname, '..', '..', 'out', 'cli.mjs');

/** What a test run that breaks off leaves behind ends with it. */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

export interface ServeOptions {
  readonly stateDir: string;
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** A program that runs it, by replacing itself, e.g. `['nice']`. */
  readonly within?: readonly string[];
  /** Another command line than the one that was built here. */
  readonly cli?: string;
}

/** A real `crosspoint serve`, in a process of its own, on free ports of 127.0.0.1. */
export class EngineProcess {
  readonly child: ChildProcess;
  readonly http: string;
  readonly rtmp: string;
  readonly pulse: string;
  /** With `--osc`. */
  readonly osc: string | undefined;
  readonly #options: ServeOptions;
  #log: () => string;

  private constructor(
    options: ServeOptions,
    child: ChildProcess,
    ready: { http: string; rtmp: string; pulse: string; osc?: string },
    log: () => string,
  ) {
    this.#options = options;
    this.child = child;
    this.http = ready.http;
    this.rtmp = ready.rtmp;
    this.pulse = ready.pulse;
    this.osc = ready.osc;
    this.#log = log;
  }

  /** @throws when it ends before it is ready, with what it said */
  static async start(options: ServeOptions): Promise<EngineProcess> {
    const { stateDir, args = [], env = {}, within = [], cli = CLI } = options;
    const serve = ['serve', '--state-dir', stateDir, '--http', '127.0.0.1:0', '--rtmp', '127.0.0.1:0'];
    const [program = '', ...rest] = [...within, process.execPath, cli, ...serve, ...args];
    const child = spawn(program, rest, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    running.add(child);
    child.once('close', () => running.delete(child));
    let log = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (log += text));
    const line = await Promise.race([
      once(createInterface(child.stdout), 'line').then(([text]) => String(text)),
      once(child, 'close').then(() => {
        throw new Error(`serve ended with ${child.exitCode ?? child.signalCode ?? ''}: ${log}`);
      }),
    ]);
    return new EngineProcess(
      options,
      child,
      JSON.parse(line) as { http: string; rtmp: string; pulse: string; osc?: string },
      () => log,
    );
  }

  /** A new one on the same state and the same addresses, when this one has ended. */
  restart(): Promise<EngineProcess> {
    const { args = [] } = this.#options;
    const addresses = ['--http', new URL(this.http).host, '--rtmp', this.rtmp.replace('rtmp://', '')];
    return EngineProcess.start({ ...this.#options, args: [...args, ...addresses] });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  get log(): string {
    return this.#log();
  }

  async state(): Promise<State> {
    return (await (await fetch(`${this.http}/api/state`)).json()) as State;
  }

  /** @throws when a command is refused */
  async run(...commands: unknown[]): Promise<CommandsResponse> {
    const response = await this.post(commands);
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as CommandsResponse;
  }

  post(body: unknown): Promise<Response> {
    return fetch(`${this.http}/api/commands`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  /** Resolves with the first state that fits. */
  async until(what: string, condition: (state: State) => boolean, limitMs = 10_000): Promise<State> {
    const deadline = performance.now() + limitMs;
    for (;;) {
      const state = await this.state();
      if (condition(state)) return state;
      if (performance.now() > deadline)
        throw new Error(`not within ${limitMs} ms: ${what}; ${JSON.stringify(state.status)}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  /** Ends it with a signal and tells how it ended and how long that took. */
  async stop(
    signal: NodeJS.Signals = 'SIGTERM',
  ): Promise<{ code: number | null; signal: NodeJS.Signals | null; ms: number }> {
    const startedMs = performance.now();
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const closed = once(this.child, 'close');
      this.child.kill(signal);
      await closed;
    }
    return { code: this.child.exitCode, signal: this.child.signalCode, ms: performance.now() - startedMs };
  }
}

/** A directory for a test, and how to be rid of it. */
export async function temporaryDirectory(
  name: string,
): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), `crosspoint-${name}-`));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Runs the command line against an engine. */
export async function cli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  await once(child, 'close');
  return { code: child.exitCode, stdout, stderr };
}

/** Names of the programs that a process has started and that still run. */
export function childrenOf(pid: number): string[] {
  const ids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(/\s+/);
  return ids.filter((id) => id !== '').map((id) => readFileSync(`/proc/${id}/comm`, 'utf8').trim());
}

/** Does the route's picture or sound flow? On a busy machine it may be a weak link's smaller pictures. */
export function flows({ status }: State, source: string, destination: string): boolean {
  const state = status.cells[`${source}|${destination}`]?.state;
  return state === 'live' || state === 'degraded';
}
