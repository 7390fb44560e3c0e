import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type Logger } from '../../base/logger.ts';
import { CrosspointError, messageOf } from '../../contract/index.ts';
import { type Environment, NO_COOKIE, PulseClient, readCookie, type ServerAddress } from '../pulse/index.ts';
import { DAEMON_CONF, START_SCRIPT } from './private-config.ts';
import { processStartTime, signalProcess } from './process-identity.ts';
import { socketDirectory } from './socket-directory.ts';

const START_TIMEOUT_MS = 5000;
const ANSWER_TIMEOUT_MS = 1500;

interface PidFile {
  readonly pid: number;
  readonly startTime: string;
}

/**
 * A PulseAudio of our own, for boxes where the user runs none. It is no child process: it outlives a crash of the
 * engine, so that the sound goes on and the next engine takes it over; with nobody connected for two minutes it ends.
 */
export class PrivateDaemon {
  readonly #directory: string;
  readonly #log: Logger;
  readonly #env: Environment;

  constructor({
    runtimeDir,
    log,
    env,
  }: {
    readonly runtimeDir: string;
    readonly log: Logger;
    readonly env: Environment;
  }) {
    this.#directory = socketDirectory(runtimeDir, 'sound', 'native');
    this.#log = log;
    this.#env = env;
  }

  get #address(): ServerAddress {
    return { kind: 'unix', path: join(this.#directory, 'native') };
  }

  get #cookiePath(): string {
    return join(this.#directory, 'config/pulse/cookie');
  }

  get #pidPath(): string {
    return join(this.#directory, 'daemon.json');
  }

  get #logPath(): string {
    return join(this.#directory, 'daemon.log');
  }

  async #running(): Promise<PidFile | null> {
    try {
      const file = JSON.parse(await readFile(this.#pidPath, 'utf8')) as Partial<PidFile>;
      if (typeof file.pid !== 'number' || typeof file.startTime !== 'string') return null;
      // A process id may be in use by somebody else by now; together with its start time it is not.
      return (await processStartTime(file.pid)) === file.startTime
        ? { pid: file.pid, startTime: file.startTime }
        : null;
    } catch {
      return null;
    }
  }

  /** Is one running, from now or from an earlier engine? */
  async isRunning(): Promise<boolean> {
    return (await this.#running()) !== null;
  }

  async endpoint(): Promise<{ readonly address: ServerAddress; readonly cookie: Uint8Array }> {
    return { address: this.#address, cookie: (await readCookie(this.#cookiePath)) ?? NO_COOKIE };
  }

  /** Starts a new one; one that runs but does not answer is ended. Resolves when it answers. */
  async start(): Promise<void> {
    await this.#kill('SIGKILL');
    await this.#prepare();
    const errors = await open(this.#logPath, 'w', 0o600);
    try {
      const child = spawn(
        'pulseaudio',
        ['-n', '-F', join(this.#directory, 'start.pa'), '--daemonize=no', '--use-pid-file=no'],
        {
          detached: true,
          stdio: ['ignore', 'ignore', errors.fd],
          cwd: '/',
          env: {
            ...this.#env,
            PULSE_RUNTIME_PATH: this.#directory,
            PULSE_STATE_PATH: join(this.#directory, 'state'),
            XDG_CONFIG_HOME: join(this.#directory, 'config'),
            PULSE_CONFIG: join(this.#directory, 'daemon.conf'),
            PULSE_SERVER: undefined,
          },
        },
      );
      child.unref();
      const ended = new Promise<string>((resolve) => {
        child.once('error', (error: NodeJS.ErrnoException) =>
          resolve(
            error.code === 'ENOENT' ? 'not-installed' : `PulseAudio could not be started: ${error.message}.`,
          ),
        );
        child.once('exit', (code, signal) =>
          resolve(`PulseAudio ended at once (${signal ?? `exit code ${code ?? '?'}`}).`),
        );
      });
      if (child.pid !== undefined) await this.#remember(child.pid);
      await this.#awaitAnswer(ended);
    } finally {
      await errors.close();
    }
  }

  async #awaitAnswer(ended: Promise<string>): Promise<void> {
    const outcome: { end?: string } = {};
    void ended.then((reason) => (outcome.end = reason));
    const until = performance.now() + START_TIMEOUT_MS;
    for (;;) {
      try {
        (await PulseClient.connect({ ...(await this.endpoint()), timeoutMs: ANSWER_TIMEOUT_MS })).dispose();
        this.#log.info('private sound server started');
        return;
      } catch (error) {
        const { end } = outcome;
        if (end === 'not-installed')
          throw new CrosspointError(
            'unavailable',
            'No sound server is running, and PulseAudio is not installed.',
            {
              hint: 'Install the package pulseaudio, or start PipeWire with pipewire-pulse.',
              cause: error,
            },
          );
        if (end !== undefined)
          throw new CrosspointError('unavailable', `${end} ${await this.#lastWords()}`.trim(), {
            cause: error,
          });
        if (performance.now() > until)
          throw new CrosspointError(
            'timeout',
            `PulseAudio was started but does not answer: ${messageOf(error)}`,
            { cause: error },
          );
        await wait(15);
      }
    }
  }

  async #prepare(): Promise<void> {
    await mkdir(join(this.#directory, 'config/pulse'), { recursive: true, mode: 0o700 });
    await mkdir(join(this.#directory, 'state'), { recursive: true, mode: 0o700 });
    const owner = await stat(this.#directory);
    if (process.getuid && owner.uid !== process.getuid())
      throw new CrosspointError('forbidden', `${this.#directory} belongs to another user.`);
    // The cookie stays the same for ever: gadgets have a copy.
    if (!(await readCookie(this.#cookiePath)))
      await writeFile(this.#cookiePath, randomBytes(256), { mode: 0o600 });
    await writeFile(join(this.#directory, 'daemon.conf'), DAEMON_CONF, { mode: 0o600 });
    await writeFile(join(this.#directory, 'start.pa'), START_SCRIPT, { mode: 0o600 });
    await rm(join(this.#directory, 'native'), { force: true });
  }

  async #remember(pid: number): Promise<void> {
    const startTime = await processStartTime(pid);
    if (startTime !== null)
      await writeFile(this.#pidPath, JSON.stringify({ pid, startTime } satisfies PidFile), { mode: 0o600 });
  }

  async #lastWords(): Promise<string> {
    const text = await readFile(this.#logPath, 'utf8').catch(() => '');
    return text.trim().split('\n').slice(-2).join(' ').slice(-400);
  }

  /** Ends it, however it came about. Resolves when it is gone. */
  async stop(): Promise<void> {
    await this.#kill('SIGTERM');
  }

  async #kill(signal: NodeJS.Signals): Promise<void> {
    const running = await this.#running();
    if (!running) return;
    signalProcess(running.pid, signal);
    const killAt = performance.now() + 800;
    const giveUpAt = killAt + 2000;
    while ((await processStartTime(running.pid)) === running.startTime && performance.now() < giveUpAt) {
      if (performance.now() > killAt) signalProcess(running.pid, 'SIGKILL');
      await wait(10);
    }
    await rm(this.#pidPath, { force: true });
  }
}
