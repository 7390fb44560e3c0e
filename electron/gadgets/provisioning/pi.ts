import { type Disposable } from '../../base/disposable.ts';
import { delay } from '../../base/time.ts';
import { CrosspointError } from '../../contract/index.ts';
import {
  type ExecOptions,
  type ExecResult,
  isAbsence,
  lastLine,
  sh,
  SshError,
  type SshSession,
} from '../ssh/index.ts';
import { type Facts, parseFacts, SURVEY } from './survey.ts';

export interface PiOptions {
  /** Opens a connection; called again when one was lost. */
  readonly connect: (signal: AbortSignal) => Promise<SshSession>;
  /** One that is open already. */
  readonly session?: SshSession | undefined;
  readonly password: string | undefined;
  readonly signal: AbortSignal;
}

const ENVIRONMENT =
  'PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin" LC_ALL=C DEBIAN_FRONTEND=noninteractive; export PATH LC_ALL DEBIAN_FRONTEND\n';

/** How long a Pi may take to come back, from a lost link or from a restart. */
const BACK_MS = 60_000;
const RESTART_MS = 300_000;
const RETRY_MS = 1_000;
/** A Pi takes half a minute for a restart: no need to knock at its door all the time. */
const RESTART_RETRY_MS = 2_000;

/** A command that hangs as the system goes down counts, too. */
const isAway = (error: unknown): boolean =>
  isAbsence(error) || (error instanceof CrosspointError && error.code === 'timeout');

/** A Raspberry Pi while something is done to it: one connection after another, and how to be root there. */
export class Pi implements Disposable {
  readonly #options: PiOptions;
  #session: SshSession | undefined;
  #facts: Facts | undefined;
  #changed = false;

  constructor(options: PiOptions) {
    this.#options = options;
    this.#session = options.session;
  }

  get signal(): AbortSignal {
    return this.#options.signal;
  }

  get hasPassword(): boolean {
    return this.#options.password !== undefined;
  }

  /** @throws SshError */
  async connect(): Promise<SshSession> {
    if (this.#session?.open !== true) {
      this.#session?.dispose();
      this.#session = await this.#options.connect(this.signal);
    }
    return this.#session;
  }

  /** From now on by this connection. */
  use(session: SshSession): void {
    this.#session?.dispose();
    this.#session = session;
  }

  /** Takes the connection out of its hands. */
  release(): SshSession | undefined {
    const session = this.#session;
    this.#session = undefined;
    return session;
  }

  /** Wait until it answers again after the link was lost. @throws SshError when it does not */
  async reconnect(withinMs = BACK_MS): Promise<void> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      try {
        await this.connect();
        return;
      } catch (error) {
        if (!isAbsence(error) || performance.now() > deadline) throw error;
        await delay(RETRY_MS, this.signal);
      }
    }
  }

  /** What is known of it; looked at once, and again after `look`. */
  async facts(): Promise<Facts> {
    return this.#facts ?? this.look();
  }

  async look(): Promise<Facts> {
    const { stdout } = await this.user(SURVEY);
    this.#changed = false;
    return (this.#facts = parseFacts(stdout));
  }

  /** What is known of it, looked at again when something was changed since. */
  freshFacts(): Promise<Facts> {
    return this.#changed ? this.look() : this.facts();
  }

  /** Run a script as the user that we are. A code other than 0 is no error here. */
  async user(script: string, options: ExecOptions = {}): Promise<ExecResult> {
    const session = await this.connect();
    return session.exec(ENVIRONMENT + script, { signal: this.signal, ...options });
  }

  /**
   * Run a script as root.
   * @throws CrosspointError `unauthorized` when we cannot be root there
   */
  async root(script: string, options: ExecOptions = {}): Promise<ExecResult> {
    const { sudo } = await this.facts();
    this.#changed = true;
    const whole = ENVIRONMENT + script;
    const { password } = this.#options;
    switch (sudo) {
      case 'root':
        return this.user(script, options);
      case 'free':
        return this.user(sh`exec sudo -n -- sh -c ${whole}`, options);
      case 'password': {
        if (password === undefined)
          throw new CrosspointError('unauthorized', 'This takes root, and sudo asks for a password there.', {
            hint: 'Give the password of that user again: it is used once and not kept.',
          });
        // -k: always asks, so that the first line never becomes input of the script.
        const stdin = Buffer.concat([Buffer.from(`${password}\n`), Buffer.from(options.stdin ?? '')]);
        return this.user(sh`exec sudo -k -S -p '' -- sh -c ${whole}`, { ...options, stdin });
      }
      case 'none':
        throw new CrosspointError('unauthorized', 'This takes root, and there is no sudo on the Pi.', {
          hint: 'Use the user root, or install sudo.',
        });
    }
  }

  /** Is the password sudo's? Asks once, so that a wrong one does not lock the account. */
  async sudoTakesPassword(): Promise<boolean> {
    const { password } = this.#options;
    const { code } = await this.user("sudo -k -S -p '' -- true", { stdin: `${password ?? ''}\n` });
    return code === 0;
  }

  /** As `root`, and a code other than 0 is an error. @param sentence what did not work */
  async must(
    script: string,
    sentence: string,
    options: ExecOptions & { readonly hint?: string } = {},
  ): Promise<string> {
    const { hint, ...rest } = options;
    const { code, stdout, stderr } = await this.root(script, rest);
    if (code === 0) return stdout;
    throw new CrosspointError('unavailable', `${sentence}: ${lastLine(stderr || stdout)}`, {
      hint: hint ?? 'The Pi said so. What it is about can be seen there, and the step be tried again.',
    });
  }

  /** Restart it and wait until it is back. */
  async restart(report: (sentence: string) => void): Promise<void> {
    const { bootId } = await this.facts();
    report('The Pi restarts.');
    // The answer may come or not: the connection ends with it.
    await this.root('systemctl reboot', { deadlineMs: 15_000 }).catch((error: unknown) => {
      this.signal.throwIfAborted();
      if (!isAway(error)) throw error;
    });
    const deadline = performance.now() + RESTART_MS;
    while (performance.now() < deadline) {
      await delay(RESTART_RETRY_MS, this.signal);
      try {
        const { stdout } = await this.user('cat /proc/sys/kernel/random/boot_id', { deadlineMs: 10_000 });
        if (stdout.trim() !== bootId) {
          this.#facts = undefined;
          return;
        }
      } catch (error) {
        this.signal.throwIfAborted();
        if (!isAway(error)) throw error;
        this.#session?.dispose();
        report('The Pi restarts: waiting until it is back.');
      }
    }
    throw new SshError(
      'timeout',
      `The Pi has not come back within ${RESTART_MS / 60_000} minutes after its restart.`,
      'Is its power supply strong enough? Pull the plug for ten seconds and try again.',
    );
  }

  dispose(): void {
    this.#session?.dispose();
    this.#session = undefined;
  }
}
