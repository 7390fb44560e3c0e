import { createHash, timingSafeEqual } from 'node:crypto';
import { type IncomingMessage } from 'node:http';
import { CrosspointError } from '../contract/index.ts';

/** Subprotocol by which a browser, which cannot set headers on a WebSocket, hands over its token. */
export const TOKEN_PROTOCOL = 'crosspoint.token.';

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/i;
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const MAX_FAILURES = 10;
const FAILURE_WINDOW_MS = 60_000;

export interface GuardOptions {
  /** Undefined: the server is on loopback and needs none. */
  readonly token: string | undefined;
  readonly now?: () => number;
}

/**
 * Who may use the API. With a token: who knows it, compared in constant time; an address that guesses wrong ten times
 * in a minute is refused for the rest of it. Without: only requests that name a loopback host, so that a web page
 * cannot reach the API through a DNS name of its own. In both cases a browser must come from our own pages.
 */
export class Guard {
  readonly #token: Buffer | undefined;
  readonly #now: () => number;
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();

  constructor({ token, now = Date.now }: GuardOptions) {
    this.#token = token === undefined ? undefined : digest(token);
    this.#now = now;
  }

  /** @throws CrosspointError `forbidden`, `unauthorized`, `rate-limited` */
  check(request: IncomingMessage): void {
    const { host = '', origin } = request.headers;
    if (origin !== undefined && !sameHost(origin, host))
      throw new CrosspointError('forbidden', 'Pages of other sites cannot use this API.', {
        hint: 'Call it without an Origin, or from its own address.',
      });
    if (!this.#token) {
      if (!isLoopback(host.replace(/:\d+$/, '')))
        throw new CrosspointError('forbidden', 'Without a token only a loopback address may be used.', {
          hint: 'Use http://127.0.0.1 or start with --token.',
        });
      return;
    }
    const address = request.socket.remoteAddress ?? '';
    const failures = this.#recentFailures(address);
    if (failures >= MAX_FAILURES)
      throw new CrosspointError('rate-limited', 'Too many wrong tokens. Try again in a minute.');
    const given = tokenOf(request);
    if (given !== undefined && timingSafeEqual(digest(given), this.#token)) {
      this.#failures.delete(address);
      return;
    }
    if (given !== undefined) this.#noteFailure(address, failures);
    throw new CrosspointError(
      'unauthorized',
      given === undefined ? 'This address needs a token.' : 'The token is wrong.',
      {
        hint: 'Send it as "Authorization: Bearer TOKEN".',
      },
    );
  }

  #recentFailures(address: string): number {
    const entry = this.#failures.get(address);
    if (!entry) return 0;
    if (this.#now() - entry.sinceMs <= FAILURE_WINDOW_MS) return entry.count;
    this.#failures.delete(address);
    return 0;
  }

  #noteFailure(address: string, failures: number): void {
    if (this.#failures.size > 10_000) this.#failures.clear();
    const sinceMs = this.#failures.get(address)?.sinceMs ?? this.#now();
    this.#failures.set(address, { count: failures + 1, sinceMs });
  }
}

function tokenOf({ headers }: IncomingMessage): string | undefined {
  const bearer = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  return protocols.find((protocol) => protocol.startsWith(TOKEN_PROTOCOL))?.slice(TOKEN_PROTOCOL.length);
}

function sameHost(origin: string, host: string): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
