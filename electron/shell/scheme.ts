import { readFile } from 'node:fs/promises';
import { extname, join, normalize, sep } from 'node:path';
import { protocol, type Session } from 'electron';
import { type Logger } from '../base/logger.ts';
import { CrosspointError, messageOf } from '../contract/index.ts';
import { type EnginePort } from '../engine/port.ts';
import { pictureResponse } from './pictures.ts';
import { CONTENT_SECURITY_POLICY, isOwnUrl, SCHEME } from './policy.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
};

/** Must run before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true } },
  ]);
}

export interface SchemeOptions {
  readonly engine: EnginePort;
  /** What support needs, as a zip without secrets. */
  readonly diagnostics: () => Promise<Uint8Array>;
  /** The built renderer. */
  readonly rendererDir: string;
  readonly log: Logger;
}

/** Serve the page, the engine's pictures and the diagnostics for it, under `app://crosspoint/`. */
export function handleScheme(session: Session, options: SchemeOptions): void {
  session.protocol.handle(SCHEME, (request) => respond(request, options));
}

export async function respond(request: Request, options: SchemeOptions): Promise<Response> {
  const { rendererDir, log } = options;
  try {
    if (request.method !== 'GET' || !isOwnUrl(request.url))
      throw new CrosspointError(
        'not-found',
        `There is nothing for ${request.method} ${request.url.slice(0, 200)}.`,
      );
    const url = new URL(request.url);
    const response = url.pathname.startsWith('/api/')
      ? await apiResponse(options, url, request.signal)
      : await fileResponse(rendererDir, url.pathname);
    return secured(response);
  } catch (error) {
    const known = error instanceof CrosspointError ? error : undefined;
    if (!known) log.error('a page request failed', { url: request.url, error: messageOf(error) });
    return secured(
      Response.json(
        { error: known ?? { code: 'internal', message: 'Something went wrong inside Crosspoint.' } },
        { status: known?.status ?? 500 },
      ),
    );
  }
}

async function apiResponse(
  { engine, diagnostics }: SchemeOptions,
  url: URL,
  signal: AbortSignal,
): Promise<Response> {
  if (url.pathname !== '/api/diagnostics') return pictureResponse(engine, url, signal);
  return new Response(new Uint8Array(await diagnostics()), {
    headers: { 'content-type': 'application/zip', 'cache-control': 'no-store' },
  });
}

async function fileResponse(rendererDir: string, pathname: string): Promise<Response> {
  const missing = new CrosspointError('not-found', `There is nothing at ${pathname.slice(0, 200)}.`);
  const wanted = normalize(join(rendererDir, decode(pathname) ?? '/'));
  if (!`${wanted}${sep}`.startsWith(normalize(rendererDir + sep)) || wanted.includes('\0')) throw missing;
  const path = pathname === '/' ? join(rendererDir, 'index.html') : wanted;
  const type = TYPES[extname(path)];
  if (type === undefined) throw missing;
  try {
    return new Response(new Uint8Array(await readFile(path)), { headers: { 'content-type': type } });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') throw missing;
    throw error;
  }
}

function decode(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
}

function secured(response: Response): Response {
  response.headers.set('content-security-policy', CONTENT_SECURITY_POLICY);
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('referrer-policy', 'no-referrer');
  response.headers.set('cross-origin-opener-policy', 'same-origin');
  return response;
}
