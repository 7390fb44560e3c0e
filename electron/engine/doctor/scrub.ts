/** What stands in the place of a secret. */
const GONE = '[removed]';

/** `rtsp://user:password@host/path?token=x`: who, where, but neither password nor parameters. */
const ADDRESS = /\b([a-z][a-z0-9+.-]{1,20}:\/\/)(?:[^\s/@"'<>]*@)?([^\s?#"'<>]*)(?:\?[^\s#"'<>]*)?/gi;
/** `token=…`, `"key": "…"`, `Authorization: Bearer …` and the like. */
const NAMED =
  /((?:["']?\b(?:token|key|secret|password|passwd|passphrase|cookie)["']?\s*[:=]\s*["']?)|(?:\bBearer\s+))([^\s"',;&}]+)/gi;
const PRIVATE_KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g;

/**
 * A text without secrets: neither those that are known, nor what looks like one.
 * @param secrets known ones, wherever they stand
 */
export function scrub(text: string, secrets: readonly string[]): string {
  let clean = text.replace(PRIVATE_KEY, GONE);
  // The longest first: one may be a part of another.
  for (const secret of [...secrets].filter(({ length }) => length >= 4).sort((a, b) => b.length - a.length))
    clean = clean.replaceAll(secret, GONE);
  return clean
    .replace(ADDRESS, (whole, scheme: string, rest: string) =>
      whole.length === scheme.length + rest.length ? whole : `${scheme}${rest} ${GONE}`,
    )
    .replace(NAMED, (_, name: string) => `${name}${GONE}`);
}
