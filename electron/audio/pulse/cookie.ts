import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { COOKIE_BYTES } from './constants.ts';
import { type Environment } from './address.ts';

/** A server on the same machine and of the same user knows us by our uid; any other wants the right cookie. */
export const NO_COOKIE: Uint8Array = new Uint8Array(COOKIE_BYTES);

export async function readCookie(path: string): Promise<Uint8Array | null> {
  try {
    const bytes = await readFile(path);
    return bytes.length === COOKIE_BYTES ? bytes : null;
  } catch {
    return null;
  }
}

/** The user's cookie (PULSE_COOKIE, ~/.config/pulse/cookie, ~/.pulse-cookie), or zeros when there is none. */
export async function userCookie(env: Environment): Promise<Uint8Array> {
  const config = env.XDG_CONFIG_HOME ?? (env.HOME === undefined ? undefined : join(env.HOME, '.config'));
  const candidates = [
    env.PULSE_COOKIE,
    config === undefined ? undefined : join(config, 'pulse/cookie'),
    env.HOME === undefined ? undefined : join(env.HOME, '.pulse-cookie'),
  ];
  for (const path of candidates) {
    const cookie = path ? await readCookie(path) : null;
    if (cookie) return cookie;
  }
  return NO_COOKIE;
}
