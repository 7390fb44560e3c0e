import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { allowList } from '../../base/allow-list.ts';
import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { messageOf, type ServiceStatus } from '../../contract/index.ts';
import { type Endpoint } from '../daemon/sound-server.ts';
import { LISTENER_COOKIE, type ListenerWiring } from '../graph/names.ts';
import { formatAddress, readCookie, type ServerFlavour } from '../pulse/index.ts';
import { GadgetGate } from './gate.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0: any free one; it stays the same while the plane lives. */
  readonly port: number;
  /** Addresses and networks (`192.168.1.0/24`) that may connect; empty: all. Either way they need the cookie. */
  readonly allow?: readonly string[];
}

export interface GadgetAccessOptions {
  readonly listen: ListenOptions;
  readonly runtimeDir: string;
  readonly upstream: () => Endpoint | null;
  readonly log: Logger;
}

/**
 * Lets gadgets reach the sound server over TCP, with a cookie of their own. PulseAudio listens itself where it can do
 * what is asked, so that gadgets outlive the engine; before PipeWire, or with an address list, stands our gate.
 */
export class GadgetAccess implements Disposable {
  readonly #options: GadgetAccessOptions;
  readonly #cookiePath: string;
  #cookie: Uint8Array | null = null;
  #port: number;
  #gate: GadgetGate | null = null;
  #status: ServiceStatus = { state: 'starting' };

  /** @throws CrosspointError `bad-request` for a bad address list */
  constructor(options: GadgetAccessOptions) {
    allowList(options.listen.allow ?? []);
    this.#options = options;
    this.#port = options.listen.port;
    this.#cookiePath = resolve(join(options.runtimeDir, LISTENER_COOKIE));
  }

  /** To be awaited before anything else: the cookie (kept from run to run, gadgets have a copy) and the port. */
  async prepare(): Promise<void> {
    try {
      await this.#prepare();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.#status = {
      state: 'failed',
      reason: `Crosspoint could not listen for gadgets: ${messageOf(error)}`,
    };
  }

  async #prepare(): Promise<void> {
    await mkdir(this.#options.runtimeDir, { recursive: true, mode: 0o700 });
    this.#cookie = await readCookie(this.#cookiePath);
    if (!this.#cookie) {
      this.#cookie = randomBytes(256);
      await writeFile(this.#cookiePath, this.#cookie, { mode: 0o600 });
    }
    if (this.#port === 0) this.#port = await freePort(this.#options.listen.host);
  }

  get cookie(): Uint8Array | null {
    return this.#cookie;
  }

  get address(): string {
    return formatAddress({ kind: 'tcp', host: this.#options.listen.host, port: this.#port });
  }

  /** What the server itself shall listen on; null when the gate does it. */
  wiring(flavour: ServerFlavour): ListenerWiring | null {
    return this.#needsGate(flavour) || this.#port === 0
      ? null
      : { host: this.#options.listen.host, port: this.#port, cookie: this.#cookiePath };
  }

  #needsGate(flavour: ServerFlavour): boolean {
    return flavour === 'pipewire' || (this.#options.listen.allow ?? []).length > 0;
  }

  /** A server of this kind is there. */
  async onServer(flavour: ServerFlavour): Promise<void> {
    if (this.#port === 0) return;
    if (!this.#needsGate(flavour)) {
      await this.#closeGate();
      this.#status = { state: 'ready', address: this.address };
      return;
    }
    if (this.#gate || !this.#cookie) return;
    const { listen, upstream, log } = this.#options;
    const gate = new GadgetGate({
      host: listen.host,
      port: this.#port,
      allow: listen.allow ?? [],
      cookie: this.#cookie,
      upstream,
      log,
    });
    this.#gate = gate;
    try {
      await gate.listen();
      this.#status = { state: 'ready', address: this.address };
    } catch (error) {
      this.#gate = null;
      this.#fail(error);
    }
  }

  /** @param failure why the server's own listener could not be made */
  status(failure: string | undefined): ServiceStatus {
    return failure === undefined ? this.#status : { state: 'failed', reason: failure };
  }

  async #closeGate(): Promise<void> {
    const gate = this.#gate;
    this.#gate = null;
    await gate?.dispose();
  }

  dispose(): Promise<void> {
    return this.#closeGate();
  }
}

async function freePort(host: string): Promise<number> {
  const probe = createServer();
  const listening = once(probe, 'listening');
  probe.listen(0, host);
  await listening;
  const address = probe.address();
  const closed = once(probe, 'close');
  probe.close();
  await closed;
  return typeof address === 'object' && address ? address.port : 0;
}
