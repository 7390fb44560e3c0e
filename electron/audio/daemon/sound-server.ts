import { type Disposable } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import { type Logger } from '../../base/logger.ts';
import { Backoff, delay, isAborted } from '../../base/time.ts';
import { CrosspointError, messageOf, type ServiceStatus } from '../../contract/index.ts';
import {
  type Environment,
  formatAddress,
  isPulseError,
  parseAddresses,
  PulseClient,
  PulseError,
  type ServerAddress,
  userAddresses,
  userCookie,
} from '../pulse/index.ts';
import { PrivateDaemon } from './private-daemon.ts';

/** The user's server gets this long to come back before a private one takes its place. */
const USER_RETURN_MS = 10_000;
const CONNECT_TIMEOUT_MS = 3000;
/** So often a private server's place is offered back to the user's own; it must answer twice in a row. */
const LOOK_FOR_USER_MS = 3000;
const USER_ANSWERS = 2;
/** After so long without a quiet moment, whether it is still there is looked at again. */
const QUIET_WAIT_MS = 10_000;

const USER_IS_BACK =
  'Your own sound server is there again. Crosspoint moves to it with all routes as soon as nobody speaks; to move now, restart Crosspoint.';

/** What it takes to connect to a server. */
export interface Endpoint {
  readonly address: ServerAddress;
  readonly cookie: Uint8Array;
}

interface Connection {
  readonly client: PulseClient;
  readonly private: boolean;
  readonly endpoint: Endpoint;
}

export interface SoundServerOptions {
  /** `auto`: the user's own, or else a private one; `private`: that at once; otherwise an address as in PULSE_SERVER. */
  readonly server: string;
  /** Where a private one lives. */
  readonly runtimeDir: string;
  readonly env: Environment;
  readonly log: Logger;
  /** Resolves when a change of servers would cut off nobody. */
  readonly untilQuiet: (signal: AbortSignal) => Promise<void>;
  /** How often to look for the user's own while a private one stands in. Default 3 s. */
  readonly lookForUserMs?: number | undefined;
}

/** Finds the sound server, starts one if need be, and comes back to it whenever it goes. */
export class SoundServer implements Disposable {
  readonly #log: Logger;
  readonly #env: Environment;
  readonly #daemon: PrivateDaemon;
  readonly #addresses: () => readonly ServerAddress[];
  readonly #choice: 'auto' | 'private' | 'named';
  readonly #abort = new AbortController();
  readonly #status = new Emitter<ServiceStatus>();
  readonly #onConnect: (client: PulseClient, endpoint: Endpoint) => Promise<void>;
  readonly #untilQuiet: (signal: AbortSignal) => Promise<void>;
  readonly #lookForUserMs: number;
  #current: ServiceStatus = { state: 'starting' };
  #userLostAt: number | null = null;
  #endpoint: Endpoint | null = null;
  #loop: Promise<void> | null = null;

  readonly onStatus: Event<ServiceStatus> = this.#status.event;

  /**
   * @param onConnect called for each new connection; its promise settles when the connection is no longer of use
   *   (the server is lost or stuck), and then the next one is made
   * @throws PulseError `invalid-server`
   */
  constructor(
    options: SoundServerOptions,
    onConnect: (client: PulseClient, endpoint: Endpoint) => Promise<void>,
  ) {
    this.#log = options.log;
    this.#env = options.env;
    this.#onConnect = onConnect;
    this.#untilQuiet = options.untilQuiet;
    this.#lookForUserMs = options.lookForUserMs ?? LOOK_FOR_USER_MS;
    this.#daemon = new PrivateDaemon(options);
    const { server } = options;
    this.#choice = server === 'auto' || server === 'private' ? server : 'named';
    const addresses = this.#choice === 'named' ? parseAddresses(server) : [];
    this.#addresses = () =>
      this.#choice === 'auto' ? userAddresses(options.env, process.getuid?.() ?? 0) : addresses;
  }

  get status(): ServiceStatus {
    return this.#current;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    const backoff = new Backoff({ firstMs: 30, maxMs: 1000, resetMs: 3000 });
    if (this.#choice === 'named') await this.#daemon.stop();
    while (!isAborted(signal)) {
      const began = performance.now();
      try {
        await this.#serve(await this.#connect());
      } catch (error) {
        if (isAborted(signal)) return;
        this.#set({ state: 'failed', reason: messageOf(error) + (hintOf(error) ?? '') });
      }
      await delay(backoff.next(performance.now() - began), signal).catch(() => undefined);
    }
  }

  async #serve({ client, private: isPrivate, endpoint }: Connection): Promise<void> {
    const { signal } = this.#abort;
    const stop = (): void => client.dispose();
    signal.addEventListener('abort', stop, { once: true });
    const standIn = new AbortController();
    try {
      if (isAborted(signal)) return;
      const { name, version } = await client.serverInfo();
      this.#endpoint = endpoint;
      this.#set({
        state: 'ready',
        version: describeServer(name, version),
        address: formatAddress(client.address),
        private: isPrivate,
      });
      const userIsBack = isPrivate && this.#choice === 'auto' ? this.#untilUserIsBack(standIn.signal) : null;
      const outcome = { moves: false };
      void userIsBack?.then(
        () => {
          outcome.moves = true;
          client.dispose();
        },
        () => undefined, // the stand-in has ended first
      );
      await this.#onConnect(client, endpoint);
      standIn.abort();
      if (outcome.moves) {
        this.#log.info('moving to the user’s own sound server');
        this.#set({ state: 'starting', reason: 'Crosspoint moves to your own sound server.' });
        await this.#daemon.stop();
        return;
      }
      if (!isPrivate) this.#userLostAt = performance.now();
      if (isAborted(signal)) return;
      this.#log.warn('sound server lost', { address: formatAddress(client.address) });
      this.#set({
        state: 'starting',
        reason: 'The sound server went away; Crosspoint waits for it to come back.',
      });
    } finally {
      standIn.abort();
      signal.removeEventListener('abort', stop);
      client.dispose();
    }
  }

  /** Resolves when the user's own server answers and nobody would be cut off. @throws when the signal is aborted */
  async #untilUserIsBack(signal: AbortSignal): Promise<void> {
    const ready = this.#current;
    for (let answers = 0; ;) {
      await delay(this.#lookForUserMs, signal);
      answers = (await this.#userAnswers()) ? answers + 1 : 0;
      signal.throwIfAborted();
      if (answers < USER_ANSWERS) {
        if (this.#current.reason !== undefined) this.#set(ready);
        continue;
      }
      if (this.#current.reason === undefined) this.#set({ ...ready, reason: USER_IS_BACK });
      try {
        await this.#untilQuiet(AbortSignal.any([signal, AbortSignal.timeout(QUIET_WAIT_MS)]));
      } catch {
        signal.throwIfAborted();
        continue;
      }
      if (await this.#userAnswers()) return;
      answers = 0;
    }
  }

  async #userAnswers(): Promise<boolean> {
    try {
      const { client } = await this.#connectUser();
      client.dispose();
      return true;
    } catch {
      return false;
    }
  }

  async #connect(): Promise<Connection> {
    if (this.#choice === 'named') return this.#connectUser();
    if (await this.#daemon.isRunning()) {
      try {
        return await this.#connectPrivate();
      } catch (error) {
        this.#log.warn('the private sound server does not answer', { error: messageOf(error) });
        await this.#daemon.start();
        return this.#connectPrivate();
      }
    }
    if (this.#choice === 'auto') {
      const found = await this.#connectUserIfThere();
      if (found) return found;
    }
    await this.#daemon.start();
    return this.#connectPrivate();
  }

  /** The user's server; undefined when a private one may take its place. */
  async #connectUserIfThere(): Promise<Connection | undefined> {
    try {
      return await this.#connectUser();
    } catch (error) {
      // Whoever answers and refuses is the user's server: a second one would fight it for the devices.
      if (!isPulseError(error, 'connection-refused')) throw error;
      if (this.#userLostAt !== null && performance.now() - this.#userLostAt < USER_RETURN_MS) throw error;
      return undefined;
    }
  }

  async #connectPrivate(): Promise<Connection> {
    const endpoint = await this.#daemon.endpoint();
    return {
      client: await PulseClient.connect({ ...endpoint, timeoutMs: CONNECT_TIMEOUT_MS }),
      private: true,
      endpoint,
    };
  }

  async #connectUser(): Promise<Connection> {
    const cookie = await userCookie(this.#env);
    let failure: unknown = new CrosspointError('unavailable', 'There is no sound server.');
    for (const address of this.#addresses()) {
      const endpoint = { address, cookie };
      try {
        const client = await PulseClient.connect({ ...endpoint, timeoutMs: CONNECT_TIMEOUT_MS });
        return { client, private: false, endpoint };
      } catch (error) {
        // A refusal says more than nobody being there.
        if (!isPulseError(failure) || failure.pulse === 'connection-refused') failure = error;
      }
    }
    throw failure;
  }

  /**
   * A further connection to the server that is in use.
   * @throws PulseError `connection-terminated` while there is none
   */
  async connect(): Promise<PulseClient> {
    const { endpoint } = this;
    if (!endpoint) throw new PulseError('connection-terminated', 'There is no sound server now.');
    return PulseClient.connect({ ...endpoint, timeoutMs: CONNECT_TIMEOUT_MS });
  }

  /** The server that is in use; null while there is none. */
  get endpoint(): Endpoint | null {
    return this.#current.state === 'ready' ? this.#endpoint : null;
  }

  #set(status: ServiceStatus): void {
    this.#current = status;
    this.#status.fire(status);
  }

  /** Lets go of the server; a private one ends. */
  async dispose(): Promise<void> {
    this.#abort.abort();
    // Whoever is still connecting or starting must not hold up the end.
    await Promise.race([this.#loop, delay(1000)]);
    if (this.#choice !== 'named') await this.#daemon.stop();
    this.#status.dispose();
  }
}

/** "PulseAudio 16.1", "PipeWire 0.3.65". */
function describeServer(name: string, version: string): string {
  const pipewire = /PipeWire ([\d.]+)/.exec(name)?.[1];
  return pipewire === undefined
    ? `${name === 'pulseaudio' ? 'PulseAudio' : name} ${version}`
    : `PipeWire ${pipewire}`;
}

const hintOf = (error: unknown): string | undefined =>
  error instanceof CrosspointError && error.hint !== undefined ? ` ${error.hint}` : undefined;
