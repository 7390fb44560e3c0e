/**
 * Every way in which Crosspoint refuses or fails, with a stable code: scripts depend on the codes, people read
 * the message. A code is never renamed or reused.
 */
export const ERROR_CODES = {
  'bad-request': 400,
  'unknown-command': 400,
  'wrong-media': 400,
  'out-of-range': 400,
  'unknown-id': 404,
  'not-found': 404,
  'ambiguous-name': 409,
  'already-exists': 409,
  'in-use': 409,
  locked: 409,
  feedback: 409,
  untrusted: 409,
  'nothing-to-undo': 409,
  'nothing-to-redo': 409,
  unauthorized: 401,
  forbidden: 403,
  'rate-limited': 429,
  'too-large': 413,
  'state-broken': 500,
  'state-newer': 500,
  'state-locked': 500,
  'port-in-use': 500,
  'not-running': 500,
  unavailable: 503,
  timeout: 504,
  internal: 500,
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface ErrorDetails {
  /** Where in the input the trouble is, e.g. `[2].gain`. */
  readonly path?: string;
  /** What the person can do about it. */
  readonly hint?: string;
  readonly cause?: unknown;
}

/** An error which people may read: a stable code, one sentence, and what to do. */
export class CrosspointError extends Error {
  readonly code: ErrorCode;
  readonly path: string | undefined;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CrosspointError';
    this.code = code;
    this.path = details.path;
    this.hint = details.hint;
  }

  /** HTTP status that fits the code. */
  get status(): number {
    return ERROR_CODES[this.code];
  }

  toJSON(): ErrorBody['error'] {
    return {
      code: this.code,
      message: this.message,
      ...(this.path === undefined ? {} : { path: this.path }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}

export interface ErrorBody {
  readonly error: {
    readonly code: ErrorCode;
    readonly message: string;
    readonly path?: string;
    readonly hint?: string;
  };
}

/** The sentence of anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
