import { existsSync } from 'node:fs';
import { type Server } from 'node:http';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import fastifyWebsocket from '@fastify/websocket';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { type Disposable } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { CrosspointError, ENCODED_TOKEN_PROTOCOL, parseCommands, TOKEN_PROTOCOL } from '../contract/index.ts';
import { type EnginePort } from '../engine/port.ts';
import { letGo, serveEvents } from './events-socket.ts';
import { Guard, isLoopback } from './guard.ts';
import { DEFAULT_LIMITS, type RemoteLimits } from './limits.ts';
import { metricsText } from './metrics.ts';
import { networkOf } from './network-of.ts';
import { openApi } from './openapi.ts';
import { refuse, refuseOnSocket } from './refusals.ts';
import { videoRoutes } from './video-routes.ts';

export interface RemoteOptions {
  readonly engine: EnginePort;
  readonly log: Logger;
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly token: string | undefined;
  /** The built renderer; without it only the API is served. */
  readonly rendererDir: string | undefined;
  readonly version: string;
  /** What support needs, as a zip without secrets. */
  readonly diagnostics: () => Promise<Uint8Array>;
  readonly limits?: Partial<RemoteLimits>;
}

export interface Remote extends Disposable {
  /** `http://127.0.0.1:8080` */
  readonly url: string;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The component library puts its styles into the page at run time.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serve the API and the UI over HTTP.
 * @throws CrosspointError `bad-request` without a token beyond loopback; `port-in-use`
 */
export async function createRemote(options: RemoteOptions): Promise<Remote> {
  const { engine, host, port, token, version, log } = options;
  if (token === undefined && !isLoopback(host))
    throw new CrosspointError(
      'bad-request',
      `Serving on ${host} needs a token: other machines can reach it.`,
      { hint: 'Add --token TOKEN.' },
    );
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const app = fastify({
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: {
      maxHeaderSize: limits.maxHeaderBytes,
      headersTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, limits.requestTimeoutMs),
    },
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 250 },
    frameworkErrors: (error, _request, reply) => void refuse(error, reply),
    clientErrorHandler: refuseOnSocket,
  });
  boundConnections(app.server, limits);
  const guard = new Guard({ token, log });
  await app.register(fastifyWebsocket, {
    options: {
      maxPayload: limits.maxMessageBytes,
      handleProtocols: (protocols: Set<string>) =>
        [...protocols].find((p) => p.startsWith(TOKEN_PROTOCOL) || p.startsWith(ENCODED_TOKEN_PROTOCOL)) ??
        false,
    },
    preClose(this: FastifyInstance, done: () => void) {
      for (const client of this.websocketServer.clients)
        letGo(client, 1001, 'Crosspoint is stopping', limits.farewellMs);
      this.websocketServer.close(done);
    },
  });

  app.addHook('onRequest', async (request, reply) => {
    void reply.headers({
      'content-security-policy': POLICY,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    });
    const path = request.url.split('?', 1)[0] ?? '';
    if (path.startsWith('/api/') && path !== '/api/openapi.json') guard.check(request.raw);
  });
  app.setErrorHandler((error: FastifyError | CrosspointError, _request, reply) => {
    if (refuse(error, reply).code === 'internal')
      log.error('request failed', { error: error.stack ?? error.message });
  });
  app.setNotFoundHandler((request, reply) =>
    reply.status(404).send({
      error: new CrosspointError(
        'not-found',
        `There is nothing at ${request.method} ${request.url.slice(0, 200)}.`,
      ),
    }),
  );

  app.get('/healthz', () => ({ ok: true, version }));
  app.get('/api/state', () => engine.state);
  app.post('/api/commands', async (request) => engine.execute(parseCommands(request.body), 'api'));
  app.get('/api/openapi.json', () => openApi(version));
  app.get('/api/log', () => ({ entries: engine.log }));
  app.get('/api/diagnostics', async (_request, reply) =>
    reply
      .type('application/zip')
      .header('content-disposition', 'attachment; filename="crosspoint-diagnostics.zip"')
      .header('cache-control', 'no-store')
      .send(Buffer.from(await options.diagnostics())),
  );
  app.get('/api/metrics', (_request, reply) =>
    reply.type('text/plain; version=0.0.4').send(metricsText(engine, version)),
  );
  app.get<{ Querystring: { meters?: string; events?: string; alive?: string } }>(
    '/api/events',
    {
      websocket: true,
      preValidation: (_request, _reply, done) => {
        const full = app.websocketServer.clients.size >= limits.maxEventClients;
        done(
          full
            ? new CrosspointError('unavailable', 'Too many clients follow the events already.')
            : undefined,
        );
      },
    },
    (socket, request) => {
      const { meters, events, alive } = request.query;
      const wish = { allMeters: meters === '1', withEvents: events === '1', alive: alive === '1' };
      serveEvents(socket, engine, { ...wish, log, limits });
    },
  );
  videoRoutes(app, engine, limits);
  await serveRenderer(app, options.rendererDir);

  try {
    await app.listen({ host, port });
  } catch (error) {
    await app.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new CrosspointError('port-in-use', `The address ${host}:${port} is already in use.`, {
      hint: 'Another Crosspoint may run; or choose another port with --http.',
      cause: error,
    });
  }
  const address = app.server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  const shownHost = host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host;
  return { url: `http://${shownHost}:${boundPort}`, dispose: () => app.close() };
}

async function serveRenderer(app: FastifyInstance, directory: string | undefined): Promise<void> {
  if (directory !== undefined && existsSync(join(directory, 'index.html')))
    await app.register(fastifyStatic, { root: directory, cacheControl: false });
  else
    app.get('/', (_request, reply) =>
      reply
        .type('text/plain')
        .send('Crosspoint: the API is at /api/openapi.json. The pages are not built.\n'),
    );
}

/** So many connections at once, of which so many from one address; further ones are closed. */
function boundConnections(server: Server, limits: RemoteLimits): void {
  server.maxConnections = limits.maxConnections;
  const counts = new Map<string, number>();
  server.on('connection', (socket) => {
    const network = networkOf(socket.remoteAddress ?? '');
    const count = (counts.get(network) ?? 0) + 1;
    counts.set(network, count);
    socket.once('close', () => {
      const left = (counts.get(network) ?? 1) - 1;
      if (left > 0) counts.set(network, left);
      else counts.delete(network);
    });
    if (count > limits.maxConnectionsPerAddress) socket.destroy();
  });
}
