import { join } from 'node:path';
import { PulseError } from './errors.ts';

export const DEFAULT_TCP_PORT = 4713;

export type ServerAddress =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number };

export const formatAddress = (address: ServerAddress): string =>
  address.kind === 'unix'
    ? `unix:${address.path}`
    : `tcp:${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`;

function parseTcp(text: string): ServerAddress {
  const match = /^(?:\[([0-9A-Fa-f:.%]+)\]|([^[\]:/\s]+))(?::(\d{1,5}))?$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = match?.[3] === undefined ? DEFAULT_TCP_PORT : Number(match[3]);
  if (host === undefined || port < 1 || port > 65535)
    throw new PulseError('invalid-server', `${JSON.stringify(text)} is not the address of a sound server.`, {
      hint: 'Addresses look like unix:/run/user/1000/pulse/native or tcp:host:4713.',
    });
  return { kind: 'tcp', host, port };
}

function parseOne(text: string): ServerAddress {
  if (text.startsWith('/')) return { kind: 'unix', path: text };
  const colon = text.indexOf(':');
  const scheme = text.slice(0, colon);
  const rest = text.slice(colon + 1);
  switch (scheme) {
    case 'unix':
      if (rest.startsWith('/')) return { kind: 'unix', path: rest };
      throw new PulseError(
        'invalid-server',
        `${JSON.stringify(text)} is not the address of a sound server: the path must be absolute.`,
      );
    case 'tcp':
    case 'tcp4':
    case 'tcp6':
      return parseTcp(rest);
    default:
      return parseTcp(text);
  }
}

/**
 * Server addresses as in PULSE_SERVER: one or more, parted by spaces, each with an optional `{machine id}` before it
 * (which is not compared: what does not answer is skipped anyway).
 * @throws PulseError `invalid-server`
 */
export function parseAddresses(text: string): ServerAddress[] {
  const parts = text
    .trim()
    .split(/\s+/)
    .map((part) => part.replace(/^\{[^}]*\}/, ''));
  if (parts.length === 0 || parts.includes(''))
    throw new PulseError('invalid-server', `${JSON.stringify(text)} is not the address of a sound server.`);
  return parts.map(parseOne);
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the user's own sound server may be, likeliest first. */
export function userAddresses(env: Environment, uid: number): ServerAddress[] {
  if (env.PULSE_SERVER) return parseAddresses(env.PULSE_SERVER);
  const paths = [
    env.PULSE_RUNTIME_PATH && join(env.PULSE_RUNTIME_PATH, 'native'),
    env.XDG_RUNTIME_DIR ? join(env.XDG_RUNTIME_DIR, 'pulse/native') : `/run/user/${uid}/pulse/native`,
  ];
  return paths.flatMap((path) => (path ? [{ kind: 'unix' as const, path }] : []));
}
