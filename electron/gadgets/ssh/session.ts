import { once } from 'node:events';
import { lookup } from 'node:dns/promises';
import { connect as connectTcp, type Socket } from 'node:net';
import { type AnyAuthMethod, Client, type ClientChannel } from 'ssh2';
import { type Disposable } from '../../base/disposable.ts';
import { CrosspointError } from '../../contract/index.ts';
import { explain, type Place, SshError } from './errors.ts';
import { fingerprintOf, type HostKey, hostKeyOf, signaturesFor } from './host-key.ts';
import { sh } from './quote.ts';

/** How to log in, in the order in which it is tried. */
export type Login =
  | { readonly kind: 'key'; readonly privateKey: Buffer | string }
  | { readonly kind: 'agent'; readonly socket: string }
  | { readonly kind: 'password'; readonly password: string };

export interface ConnectOptions extends Place {
  readonly logins: readonly Login[];
  /** Undefined: the first contact, any key is taken. */
  readonly pinned: HostKey | undefined;
  /** Where the name is; default: the system's resolver, IPv4 first. */
  readonly resolve?: ((host: string) => Promise<readonly string[]>) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** For the network's answer. Default 10 s. */
  readonly timeoutMs?: number;
}

export interface ExecOptions {
  readonly stdin?: Uint8Array | string;
  /** Default one minute; 0: as long as it takes. */
  readonly deadlineMs?: number;
  /** So much of each output is kept; beyond it the command is ended. Default 1 MiB. */
  readonly limitBytes?: number;
  readonly signal?: AbortSignal | undefined;
  /** Output as it comes, instead of keeping it. */
  readonly onStdout?: (text: string) => void;
  /** How much of `stdin` is on its way, 0…1. */
  readonly onSent?: (part: number) => void;
}

export interface ExecResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const KEEPALIVE_MS = 5_000;
/** A small computer that is just starting takes its time for keys and login; asking anew only makes it slower. */
const HANDSHAKE_MS = 40_000;
const LIMIT_BYTES = 1024 * 1024;
const CHUNK_BYTES = 32 * 1024;

/** The host key is another one than the pinned one. */
export class ChangedHostKey extends SshError {
  readonly offered: HostKey;

  constructor(place: Place, pinned: HostKey, offered: HostKey) {
    super(
      'untrusted',
      `${place.host} shows another host key than before: ${fingerprintOf(offered)} instead of ${fingerprintOf(pinned)}.`,
      'If its card was written anew or the Pi replaced, trust the new key. If not, somebody may be in between: find out first.',
    );
    this.offered = offered;
  }
}

async function addressesOf(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true });
  return found.sort((a, b) => a.family - b.family).map(({ address }) => address);
}

/** A name server cannot be called off: who stops does not wait for it. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** The first address that takes a TCP connection. */
async function openSocket({
  host,
  port,
  resolve,
  signal,
  timeoutMs = 10_000,
}: ConnectOptions): Promise<Socket> {
  const addresses = await unlessAborted((resolve ?? addressesOf)(host), signal);
  let failure: unknown = Object.assign(new Error('no address'), { code: 'ENOTFOUND' });
  for (const address of addresses.slice(0, 6)) {
    signal?.throwIfAborted();
    const socket = connectTcp({ host: address, port, noDelay: true });
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('timeout'), { code: 'ETIMEDOUT' })),
      timeoutMs,
    );
    try {
      await once(socket, 'connect', signal ? { signal } : {});
      return socket;
    } catch (error) {
      socket.destroy();
      signal?.throwIfAborted();
      failure = error;
    } finally {
      clearTimeout(timer);
    }
  }
  throw failure;
}

function methodsOf({ logins, user: username }: ConnectOptions): AnyAuthMethod[] {
  return logins.flatMap((login): AnyAuthMethod[] => {
    switch (login.kind) {
      case 'key':
        return [{ type: 'publickey', username, key: login.privateKey }];
      case 'agent':
        return [{ type: 'agent', username, agent: login.socket }];
      case 'password':
        return [
          { type: 'password', username, password: login.password },
          {
            type: 'keyboard-interactive',
            username,
            prompt: (_name, _instructions, _language, prompts, finish) =>
              finish(prompts.map(() => login.password)),
          },
        ];
    }
  });
}

/** One SSH connection to a Pi. */
export class SshSession implements Disposable {
  readonly place: Place;
  readonly hostKey: HostKey;
  /** Which of the logins did it; undefined: none was needed. */
  readonly login: Login | undefined;
  /** Settles when the connection has ended, however that was. */
  readonly ended: Promise<void>;
  readonly #client: Client;
  #failure: unknown;
  #open = true;

  private constructor(client: Client, place: Place, hostKey: HostKey, login: Login | undefined) {
    this.#client = client;
    this.place = place;
    this.hostKey = hostKey;
    this.login = login;
    client.on('error', (error) => {
      this.#failure ??= error;
    });
    this.ended = new Promise((resolve) => {
      client.once('close', () => {
        this.#open = false;
        resolve();
      });
    });
  }

  /** @throws SshError */
  static async connect(options: ConnectOptions): Promise<SshSession> {
    const { pinned, signal } = options;
    const place: Place = { host: options.host, port: options.port, user: options.user };
    const client = new Client();
    let offered: HostKey | undefined;
    let tried = -1;
    const methods = methodsOf(options);
    try {
      const sock = await openSocket(options);
      const onAbort = (): void => void client.destroy();
      signal?.addEventListener('abort', onAbort, { once: true });
      try {
        await new Promise<void>((resolve, reject) => {
          client.once('ready', resolve);
          client.once('error', reject);
          client.once('close', () => reject(new Error('closed')));
          client.connect({
            sock,
            username: place.user,
            readyTimeout: HANDSHAKE_MS,
            keepaliveInterval: KEEPALIVE_MS,
            keepaliveCountMax: 3,
            algorithms: { serverHostKey: signaturesFor(pinned) as never },
            hostVerifier: (blob: Buffer) => {
              offered = hostKeyOf(blob);
              return !pinned || pinned.key === offered.key;
            },
            // The types do not know that `false` ends the attempts.
            authHandler: ((
              _left: unknown,
              _partial: unknown,
              next: (method: AnyAuthMethod | false) => void,
            ) => {
              tried++;
              next(methods[tried] ?? false);
            }) as never,
          });
        });
      } finally {
        signal?.removeEventListener('abort', onAbort);
      }
    } catch (error) {
      client.on('error', () => undefined);
      client.destroy();
      signal?.throwIfAborted();
      if (pinned && offered && pinned.key !== offered.key) throw new ChangedHostKey(place, pinned, offered);
      throw explain(error, place, true);
    }
    if (!offered) throw new SshError('protocol', `${place.host} showed no host key.`);
    const used = methods[tried];
    const login = options.logins.find(
      ({ kind }) =>
        kind === (used?.type === 'publickey' ? 'key' : used?.type === 'agent' ? 'agent' : 'password'),
    );
    const byKey =
      used?.type === 'publickey'
        ? options.logins.find((candidate) => candidate.kind === 'key' && candidate.privateKey === used.key)
        : login;
    return new SshSession(client, place, offered, byKey);
  }

  get fingerprint(): string {
    return fingerprintOf(this.hostKey);
  }

  get open(): boolean {
    return this.#open;
  }

  /**
   * Run a script by the Pi's `sh`. A code other than 0 is no error here.
   * @throws SshError `lost` when the connection ends before the command; CrosspointError `timeout`, `too-large`
   */
  async exec(script: string, options: ExecOptions = {}): Promise<ExecResult> {
    const { deadlineMs = 60_000, limitBytes = LIMIT_BYTES, signal, onStdout } = options;
    signal?.throwIfAborted();
    let code: number | undefined;
    const channel = await this.#openChannel(sh`exec sh -c ${script}`, (exit) => {
      code = exit;
    });
    return new Promise<ExecResult>((resolve, reject) => {
      let stdout = '';
      let stderr = '';
      let refusal: unknown;
      const give = (error: unknown): void => {
        if (refusal !== undefined) return;
        refusal = error;
        channel.close();
        // The other side may be gone without a word.
        settle();
      };
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', onAbort);
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
        if (refusal !== undefined) reject(refusal);
        else if (code === undefined) reject(explain(this.#failure ?? new Error('closed'), this.place, false));
        else resolve({ code, stdout, stderr });
      };
      const onAbort = (): void => give(signal?.reason);
      const timer =
        deadlineMs === 0
          ? undefined
          : setTimeout(
              () =>
                give(
                  new CrosspointError(
                    'timeout',
                    `The Pi was not done within ${Math.round(deadlineMs / 1000)} s.`,
                  ),
                ),
              deadlineMs,
            );
      signal?.addEventListener('abort', onAbort, { once: true });
      channel.setEncoding('utf8').on('data', (text: string) => {
        if (onStdout) onStdout(text);
        else if ((stdout += text).length > limitBytes)
          give(new CrosspointError('too-large', 'The Pi says more than it should.'));
      });
      channel.stderr.setEncoding('utf8').on('data', (text: string) => {
        if ((stderr += text).length > limitBytes)
          give(new CrosspointError('too-large', 'The Pi complains without end.'));
      });
      channel.on('error', () => undefined);
      channel.on('close', settle);
      void feed(channel, options.stdin, options.onSent);
    });
  }

  /**
   * Write a file, all of it or none: under another name first.
   * @throws as `exec`; CrosspointError `unavailable` when the Pi cannot write it
   */
  async upload(
    path: string,
    content: Uint8Array | string,
    options: Pick<ExecOptions, 'signal' | 'onSent'> & { readonly mode?: string } = {},
  ): Promise<void> {
    const script = sh`umask 077; f=${path}; n="$f.new.$$"; trap 'rm -f "$n"' EXIT; cat > "$n" && chmod ${options.mode ?? '600'} "$n" && mv -f "$n" "$f"`;
    const { code, stderr } = await this.exec(script, { ...options, stdin: content, deadlineMs: 600_000 });
    if (code !== 0)
      throw new CrosspointError('unavailable', `The Pi cannot write ${path}: ${lastLine(stderr)}`, {
        hint: 'Is its card full or read-only?',
      });
  }

  dispose(): void {
    this.#open = false;
    this.#client.on('error', () => undefined);
    this.#client.end();
    // A dead link does not answer to a polite end.
    const timer = setTimeout(() => this.#client.destroy(), 500);
    timer.unref();
    void this.ended.then(() => clearTimeout(timer));
  }

  /** @param onExit called with the exit code, which may have come together with the channel */
  #openChannel(command: string, onExit: (code: number) => void): Promise<ClientChannel> {
    return new Promise((resolve, reject) => {
      const fail = (error: unknown): void => reject(explain(error, this.place, false));
      if (!this.#open) {
        fail(this.#failure ?? new Error('closed'));
        return;
      }
      const onClose = (): void => fail(this.#failure ?? new Error('closed'));
      this.#client.once('close', onClose);
      try {
        this.#client.exec(command, (error, channel) => {
          this.#client.removeListener('close', onClose);
          if (error) {
            fail(error);
            return;
          }
          channel.on('exit', (exit: number | null, name?: string) => {
            onExit(exit ?? (name === undefined ? 255 : 128));
          });
          resolve(channel);
        });
      } catch (error) {
        fail(error);
      }
    });
  }
}

/** Piece by piece, so that what is told of the progress is true. Ends early when the other side stops listening. */
async function feed(
  channel: ClientChannel,
  content: Uint8Array | string | undefined,
  onSent?: (part: number) => void,
): Promise<void> {
  const bytes = Buffer.from(content ?? '');
  for (let at = 0; at < bytes.length && channel.writable; at += CHUNK_BYTES) {
    const written = channel.write(bytes.subarray(at, at + CHUNK_BYTES));
    if (!written) await Promise.race([once(channel, 'drain'), once(channel, 'close')]).catch(() => undefined);
    onSent?.(Math.min(1, (at + CHUNK_BYTES) / bytes.length));
  }
  if (channel.writable) channel.end();
}

/** What a program said last: mostly why it failed. */
export function lastLine(text: string): string {
  const line = text.trim().split('\n').at(-1)?.trim().slice(0, 300) ?? '';
  return line === '' ? 'no reason is given' : line;
}
