import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Longest path of a Unix socket, with room for PulseAudio's own temporary names. */
const SOCKET_PATH_MAX = 100;

/** `<runtimeDir>/<name>`, or another folder for it where a socket in there would have too long a path for the kernel. */
export function socketDirectory(runtimeDir: string, name: string, socket: string): string {
  const natural = join(runtimeDir, name);
  if (join(natural, socket).length <= SOCKET_PATH_MAX) return natural;
  const digest = createHash('sha256').update(natural).digest('hex').slice(0, 16);
  return join(tmpdir(), `crosspoint-${name}-${digest}`);
}
