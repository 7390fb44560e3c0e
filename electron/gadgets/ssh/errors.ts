import { CrosspointError, type ErrorCode, messageOf } from '../../contract/index.ts';

/** What kept us from the other side. Only `lost` and what is like it is worth another try. */
export type SshFailure =
  'refused' | 'unreachable' | 'unknown-host' | 'timeout' | 'login' | 'untrusted' | 'lost' | 'protocol';

const CODES: Readonly<Record<SshFailure, ErrorCode>> = {
  refused: 'unavailable',
  unreachable: 'unavailable',
  'unknown-host': 'unavailable',
  timeout: 'timeout',
  login: 'unauthorized',
  untrusted: 'untrusted',
  lost: 'unavailable',
  protocol: 'unavailable',
};

/** An SSH connection that failed, as a sentence for people. */
export class SshError extends CrosspointError {
  readonly failure: SshFailure;

  constructor(failure: SshFailure, message: string, hint?: string, cause?: unknown) {
    super(CODES[failure], message, { ...(hint === undefined ? {} : { hint }), cause });
    this.name = 'SshError';
    this.failure = failure;
  }
}

/** Another try may succeed: the Pi is away, or on its way up. */
export const isAbsence = (error: unknown): error is SshError =>
  error instanceof SshError && ['refused', 'unreachable', 'timeout', 'lost'].includes(error.failure);

export interface Place {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

const HINT_AWAY =
  'Is the Raspberry Pi on, in the same network, and is its address right? After its first start it needs a minute or two.';

/** @param connecting false: the connection was there already */
export function explain(error: unknown, { host, port, user }: Place, connecting: boolean): SshError {
  if (error instanceof SshError) return error;
  const { code, level } = error as { readonly code?: string; readonly level?: string };
  const at = port === 22 ? host : `${host}, port ${port}`;
  if (level === 'client-authentication')
    return new SshError(
      'login',
      `${at} does not let ${user} in.`,
      'Give the password of that user once more, or the file of a private key that it knows.',
      error,
    );
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check -- any code, or none
  switch (code) {
    case 'ECONNREFUSED':
      return new SshError(
        'refused',
        `${at} is there, but SSH is not.`,
        'Switch SSH on: raspi-config, Interface Options, SSH; or put an empty file "ssh" on the boot partition.',
        error,
      );
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EAI_NODATA':
      return new SshError('unknown-host', `There is no ${host} in this network.`, HINT_AWAY, error);
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'EHOSTDOWN':
    case 'EADDRNOTAVAIL':
      return new SshError('unreachable', `${at} cannot be reached.`, HINT_AWAY, error);
    case 'ETIMEDOUT':
      return new SshError('timeout', `${at} does not answer.`, HINT_AWAY, error);
  }
  if (level === 'client-timeout')
    return connecting
      ? new SshError('timeout', `${at} takes too long to answer.`, HINT_AWAY, error)
      : new SshError('lost', `The connection to ${at} is lost.`, HINT_AWAY, error);
  if (connecting && (code === 'ECONNRESET' || /before handshake|^closed$/.test(messageOf(error))))
    return new SshError('refused', `${at} is there, but its SSH server is not ready.`, HINT_AWAY, error);
  if (!connecting || code === 'ECONNRESET' || code === 'EPIPE')
    return new SshError('lost', `The connection to ${at} was lost.`, HINT_AWAY, error);
  return new SshError('protocol', `SSH with ${at} does not work: ${messageOf(error)}.`, undefined, error);
}
