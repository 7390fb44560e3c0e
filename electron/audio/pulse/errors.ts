import { CrosspointError, type ErrorCode } from '../../contract/index.ts';

/** PulseAudio's error codes in order: the index is the number on the wire. */
const NAMES = [
  'ok',
  'access',
  'command',
  'invalid',
  'exist',
  'no-entity',
  'connection-refused',
  'protocol',
  'timeout',
  'auth-key',
  'internal',
  'connection-terminated',
  'killed',
  'invalid-server',
  'module-init-failed',
  'bad-state',
  'no-data',
  'version',
  'too-large',
  'not-supported',
  'unknown',
  'no-extension',
  'obsolete',
  'not-implemented',
  'forked',
  'io',
  'busy',
] as const;

export type PulseErrorName = (typeof NAMES)[number];

const SENTENCES: Readonly<Record<PulseErrorName, string>> = {
  ok: 'the sound server reported no error',
  access: 'the sound server refuses access',
  command: 'the sound server does not know this command',
  invalid: 'the sound server calls an argument invalid',
  exist: 'this exists already in the sound server',
  'no-entity': 'the sound server has no such thing',
  'connection-refused': 'nobody answers there',
  protocol: 'the sound server does not keep to its protocol',
  timeout: 'the sound server did not answer in time',
  'auth-key': 'there is no key for the sound server',
  internal: 'the sound server had an internal error',
  'connection-terminated': 'the connection to the sound server was lost',
  killed: 'the sound server ended this stream',
  'invalid-server': 'this is not the address of a sound server',
  'module-init-failed': 'the sound server could not start this module',
  'bad-state': 'the sound server is in a state in which this is impossible',
  'no-data': 'the sound server has no data',
  version: 'the sound server is too old',
  'too-large': 'that is too large for the sound server',
  'not-supported': 'the sound server cannot do this',
  unknown: 'the sound server reported an unknown error',
  'no-extension': 'the sound server lacks this extension',
  obsolete: 'the sound server no longer has this function',
  'not-implemented': 'the sound server has not implemented this',
  forked: 'the sound server connection cannot be used here',
  io: 'the sound server had an input/output error',
  busy: 'the device is used by another program',
};

const codeOf = (name: PulseErrorName): ErrorCode => {
  if (name === 'timeout') return 'timeout';
  if (name === 'no-entity') return 'not-found';
  if (name === 'access' || name === 'auth-key') return 'forbidden';
  return 'unavailable';
};

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** What went wrong between us and the sound server. `pulse` is PulseAudio's own error. */
export class PulseError extends CrosspointError {
  readonly pulse: PulseErrorName;

  /** @param what one sentence; without it the sentence of the error itself */
  constructor(
    pulse: PulseErrorName,
    what?: string,
    details: { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(codeOf(pulse), what ?? sentence(SENTENCES[pulse]), details);
    this.name = 'PulseError';
    this.pulse = pulse;
  }

  /** An error that the server answered to `command`. */
  static fromWire(code: number, command: string): PulseError {
    const name = NAMES[code] ?? 'unknown';
    return new PulseError(name, sentence(`${SENTENCES[name]} (${command})`));
  }
}

export const isPulseError = (error: unknown, ...names: readonly PulseErrorName[]): error is PulseError =>
  error instanceof PulseError && (names.length === 0 || names.includes(error.pulse));
