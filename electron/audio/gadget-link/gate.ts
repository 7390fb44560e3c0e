import { timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { type BlockList, connect, createServer, type Server, type Socket } from 'node:net';
import { allowList, isAllowed } from '../../base/allow-list.ts';
import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { unmapped } from '../../base/unmapped.ts';
import { type Endpoint } from '../daemon/sound-server.ts';
import { greetingFrame, readGreeting, refusalFrame } from '../pulse/index.ts';

const CONNECTIONS_MAX = 64;
const GREETING_MS = 5000;

export interface GateOptions {
  readonly host: string;
  readonly port: number;
  /** Addresses and networks (`192.168.1.0/24`) that may connect; empty: all. They need the cookie as well. */
  readonly allow: readonly string[];
  readonly cookie: Uint8Array;
  /** Where the sound server is now; null: nowhere. */
  readonly upstream: () => Endpoint | null;
  readonly log: Logger;
}

/**
 * A door for gadgets before a sound server that has none of its own, or none that looks at cookies (PipeWire) or at
 * both cookie and address (PulseAudio takes either). It reads the greeting, then passes everything through.
 */
export class GadgetGate implements Disposable {
  readonly #options: GateOptions;
  readonly #allowed: BlockList | null;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: GateOptions) {
    this.#options = options;
    this.#allowed = allowList(options.allow);
    this.#server = createServer({ noDelay: true }, (socket) => this.#onConnection(socket));
    this.#server.maxConnections = CONNECTIONS_MAX;
  }

  /** @throws the error of the operating system, e.g. EADDRINUSE */
  async listen(): Promise<void> {
    const { host, port } = this.#options;
    const listening = once(this.#server, 'listening');
    this.#server.listen(port, host);
    await listening;
    this.#server.on('error', (error) => this.#options.log.warn('gadget gate', { error: error.message }));
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #onConnection(socket: Socket): void {
    this.#track(socket);
    const remote = unmapped(socket.remoteAddress ?? '');
    if (this.#allowed && !isAllowed(this.#allowed, remote)) {
      this.#options.log.warn('gadget gate: address refused', { remote });
      socket.destroy();
      return;
    }
    const timer = setTimeout(() => socket.destroy(), GREETING_MS);
    socket.once('close', () => clearTimeout(timer));
    let received = Buffer.alloc(0);
    const onData = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const greeting = readGreeting(received);
      if (greeting === 'incomplete') return;
      socket.removeListener('data', onData);
      clearTimeout(timer);
      if (greeting === 'garbage') {
        socket.destroy();
      } else if (!timingSafeEqual(greeting.cookie, this.#options.cookie)) {
        this.#options.log.warn('gadget gate: wrong cookie', { remote });
        socket.end(refusalFrame(greeting.tag));
      } else this.#pass(socket, greeting.version, greeting.tag, received.subarray(greeting.bytes));
    };
    socket.on('data', onData);
  }

  #pass(socket: Socket, version: number, tag: number, rest: Buffer): void {
    const endpoint = this.#options.upstream();
    if (!endpoint) {
      socket.destroy();
      return;
    }
    const { address, cookie } = endpoint;
    socket.pause();
    const upstream =
      address.kind === 'unix'
        ? connect({ path: address.path })
        : connect({ host: address.host, port: address.port, noDelay: true });
    this.#track(upstream);
    // Both ends live and die together, at once: half a connection helps nobody.
    socket.once('close', () => upstream.destroy());
    upstream.once('close', () => socket.destroy());
    upstream.once('connect', () => {
      upstream.write(greetingFrame(tag, version, cookie));
      upstream.write(rest);
      socket.pipe(upstream);
      upstream.pipe(socket);
    });
  }

  async dispose(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }
}
