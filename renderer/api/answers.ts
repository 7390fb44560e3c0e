import {
  CrosspointError,
  ERROR_CODES,
  type ErrorBody,
  type ErrorCode,
} from '../../electron/contract/index.ts';
import { S } from '../strings.ts';

const isErrorCode = (code: unknown): code is ErrorCode =>
  typeof code === 'string' && Object.hasOwn(ERROR_CODES, code);

/** The error in an answer of the engine. */
function errorOf(body: unknown, status: number): CrosspointError {
  const error = (body as Partial<ErrorBody> | null)?.error;
  if (!error) return new CrosspointError('internal', S.errors.http(status));
  return new CrosspointError(isErrorCode(error.code) ? error.code : 'internal', error.message, {
    ...(error.path === undefined ? {} : { path: error.path }),
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  });
}

/**
 * Ask the engine over HTTP.
 * @throws CrosspointError with the engine's code, or `not-running` when it does not answer
 */
export async function ask(url: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, init);
  } catch (cause) {
    throw new CrosspointError('not-running', S.errors.notRunning, { cause, hint: S.errors.notRunningHint });
  }
  if (response.ok) return response;
  throw errorOf(await response.json().catch(() => null), response.status);
}
