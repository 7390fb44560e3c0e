import { homedir } from 'node:os';
import { join } from 'node:path';

/** Of `crosspoint serve`, unless told otherwise. */
export const DEFAULT_HTTP_PORT = 7788;
export const DEFAULT_RTMP_PORT = 1935;

type Environment = Readonly<Record<string, string | undefined>>;

/** Where state is kept by default: XDG Base Directory Specification, `$XDG_STATE_HOME/crosspoint`. */
export function defaultStateDir(environment: Environment = process.env): string {
  const base = environment.XDG_STATE_HOME;
  return join(base?.startsWith('/') ? base : join(homedir(), '.local', 'state'), 'crosspoint');
}
