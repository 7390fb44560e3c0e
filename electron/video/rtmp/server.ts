import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type Logger } from '../../base/logger.ts';
import { CrosspointError, messageOf } from '../../contract/index.ts';
import { makeHello } from './handshake.ts';
import { DEFAULT_LIMITS, type RtmpLimits } from './limits.ts';
import { MediaEncoder } from './media-encoder.ts';
import { Outbox } from './outbox.ts';
import { ServerSession } from './session.ts';
import { type RtmpHandler, type RtmpServer, type RtmpServerAddress } from './types.ts';

export interface RtmpServerOptions {
  readonly handler: RtmpHandler;
  readonly log: Logger;
  readonly limits?: Partial<RtmpLimits>;
}

const CHECK_MS = 250;
const KEEP_ALIVE_MS = 10_000;

/** An RTMP server. What is published and played on it is up to the handler. */
export function createRtmpServer(options: RtmpServerOptions): RtmpServer {
  return new NetRtmpServer(options);
}

class NetRtmpServer implements RtmpServer {
  readonly #handler: RtmpHandler;
  readonly #log: Logger;
  readonly #limits: RtmpLimits;
  readonly #server: Server;
  readonly #sessions = new Map<Socket, ServerSession>();
  /** Nothing secret is in it: its random bytes only have to be echoed. So one does for all. */
  readonly #hello = makeHello();
  readonly #outbox = new Outbox();
  readonly #encoder = new MediaEncoder();
  readonly #timer: NodeJS.Timeout;
  #disposing: Promise<void> | undefined;

  constructor({ handler, log, limits }: RtmpServerOptions) {
    this.#handler = handler;
    this.#log = log;
    this.#limits = { ...DEFAULT_LIMITS, ...limits };
    this.#server = createServer(
      { noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS },
      (socket) => this.#accept(socket),
    );
    this.#timer = setInterval(() => this.#check(), CHECK_MS);
    this.#timer.unref();
  }

  get connections(): number {
    return this.#sessions.size;
  }

  listen(host: string, port: number): Promise<RtmpServerAddress> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      const onError = (error: NodeJS.ErrnoException): void => reject(listenError(error, host, port));
      server.once('error', onError);
      // As many may come at once, after a break of the network: one that the kernel has no room for comes a second later.
      server.listen({ host, port, backlog: this.#limits.maxConnections }, () => {
        server.off('error', onError);
        server.on('error', (error) => this.#log.error('RTMP server', { error }));
        const address = server.address() as AddressInfo;
        resolve({ host: address.address, port: address.port });
      });
    });
  }

  dispose(): Promise<void> {
    this.#disposing ??= new Promise((resolve) => {
      clearInterval(this.#timer);
      if (this.#server.listening) this.#server.close(() => resolve());
      else resolve();
      for (const session of [...this.#sessions.values()]) session.destroy('the server ends');
    });
    return this.#disposing;
  }

  #accept(socket: Socket): void {
    if (this.#disposing || this.#sessions.size >= this.#limits.maxConnections) {
      socket.on('error', () => undefined);
      socket.destroy();
      return;
    }
    const session = new ServerSession({
      socket,
      hello: this.#hello,
      limits: this.#limits,
      log: this.#log,
      handler: this.#handler,
      outbox: this.#outbox,
      encoder: this.#encoder,
    });
    this.#sessions.set(socket, session);
    socket.once('close', () => this.#sessions.delete(socket));
  }

  #check(): void {
    this.#encoder.forget();
    this.#outbox.forget();
    const now = performance.now();
    for (const session of [...this.#sessions.values()]) session.check(now);
  }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): CrosspointError {
  if (error.code === 'EADDRINUSE')
    return new CrosspointError('port-in-use', `Port ${port} of ${host} is in use by another program.`, {
      hint: 'Another Crosspoint or RTMP server may be running: end it, or give another port with --rtmp HOST:PORT.',
      cause: error,
    });
  if (error.code === 'EACCES')
    return new CrosspointError('forbidden', `Port ${port} of ${host} may not be opened.`, {
      hint: 'Ports below 1024 need privileges: give another one with --rtmp HOST:PORT.',
      cause: error,
    });
  return new CrosspointError('unavailable', `RTMP cannot listen on ${host}:${port}: ${messageOf(error)}.`, {
    cause: error,
  });
}
