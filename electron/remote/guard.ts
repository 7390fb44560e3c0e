import { createHash, timingSafeEqual } from 'node:crypto';
import { type IncomingHttpHeaders } from 'node:http';
import { type Logger } from '../base/logger.ts';
import { CrosspointError, ENCODED_TOKEN_PROTOCOL, TOKEN_PROTOCOL } from '../contract/index.ts';
import { networkOf } from './network-of.ts';

const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[?::1\]?)$/i;
export const isLoopback = (host: string): boolean => LOOPBACK.test(host);

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const MAX_FAILURES = 10;
export const FAILURE_WINDOW_MS = 60_000;
/** The oldest of more are forgotten. */
const MAX_REMEMBERED = 10_000;

export interface GuardOptions {
  /** Undefined: the server is on loopback and needs none. */
  readonly token: string | undefined;
  readonly log: Logger;
  readonly now?: () => number;
}

/** What of a request decides. */
interface Asking {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined };
}

/**
 * Who may use the API. With a token: who knows it, compared in constant time; an address (IPv6: its /64) that guesses
 * wrong ten times in a minute is refused for the rest of it. Without: only requests that name a loopback host, so that
 * a web page cannot reach the API through a DNS name of its own. In both cases a browser must come from our own pages.
 */
export class Guard {
  readonly #token: Buffer | undefined;
  readonly #log: Logger;
  readonly #now: () => number;
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();

  constructor({ token, log, now = Date.now }: GuardOptions) {
    this.#token = token === undefined ? undefined : digest(token);
    this.#log = log;
    this.#now = now;
  }

  /** @throws CrosspointError `forbidden`, `unauthorized`, `rate-limited` */
  check(request: Asking): void {
    const { host = '', origin } = request.headers;
    // Browsers send no Origin with pictures and scripts that a page embeds, but say there whose page it is.
    const site = request.headers['sec-fetch-site'] ?? 'none';
    if ((origin !== undefined && !sameHost(origin, host)) || (site !== 'same-origin' && site !== 'none'))
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
    const network = networkOf(request.socket.remoteAddress ?? '');
    const failures = this.#recentFailures(network);
    if (failures >= MAX_FAILURES)
      throw new CrosspointError('rate-limited', 'Too many wrong tokens. Try again in a minute.');
    const given = tokenOf(request.headers);
    if (given !== undefined && timingSafeEqual(digest(given), this.#token)) {
      this.#failures.delete(network);
      return;
    }
    if (given !== undefined) this.#noteFailure(network, failures);
    throw new CrosspointError(
      'unauthorized',
      given === undefined ? 'This address needs a token.' : 'The token is wrong.',
      {
        hint: 'Send it as "Authorization: Bearer TOKEN".',
      },
    );
  }

  #recentFailures(network: string): number {
    const entry = this.#failures.get(network);
    if (!entry) return 0;
    if (this.#now() - entry.sinceMs <= FAILURE_WINDOW_MS) return entry.count;
    this.#failures.delete(network);
    return 0;
  }

  #noteFailure(network: string, failures: number): void {
    const [oldest] = this.#failures.keys();
    if (this.#failures.size >= MAX_REMEMBERED && oldest !== undefined) this.#failures.delete(oldest);
    const sinceMs = this.#failures.get(network)?.sinceMs ?? this.#now();
    this.#failures.set(network, { count: failures + 1, sinceMs });
    if (failures === 0 || failures + 1 === MAX_FAILURES)
      this.#log.warn(failures === 0 ? 'wrong token' : 'too many wrong tokens: refused for a minute', {
        from: network,
      });
  }
}

function tokenOf(headers: IncomingHttpHeaders): string | undefined {
  const bearer = /^Bearer +(.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (bearer !== undefined) return bearer;
  const protocols = (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim());
  const after = (prefix: string): string | undefined =>
    protocols.find((protocol) => protocol.startsWith(prefix))?.slice(prefix.length);
  const encoded = after(ENCODED_TOKEN_PROTOCOL);
  return encoded === undefined ? after(TOKEN_PROTOCOL) : Buffer.from(encoded, 'base64url').toString();
}

function sameHost(origin: string, host: string): boolean {
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}
