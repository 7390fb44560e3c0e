/** Where the page lives. */
export const SCHEME = 'app';
export const HOST = 'crosspoint';
export const START_URL = `${SCHEME}://${HOST}/`;

/** The page loads its own files and nothing else; it reaches the engine over the bridge. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // The component library puts its styles into the page at run time.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Is it a page of ours? */
export function isOwnUrl(text: string): boolean {
  try {
    const url = new URL(text);
    return url.protocol === `${SCHEME}:` && url.host === HOST && url.username === '' && url.password === '';
  } catch {
    return false;
  }
}

/** What the page's code may make of its own data, beside what it loads from `app://`. */
const LOCAL_SCHEMES: ReadonlySet<string> = new Set(['blob:', 'data:', 'devtools:']);

/** May the page load it? A second line of defence behind the Content-Security-Policy. */
export function mayLoad(text: string): boolean {
  if (isOwnUrl(text)) return true;
  try {
    return LOCAL_SCHEMES.has(new URL(text).protocol);
  } catch {
    return false;
  }
}

/** Copying an address or a key into the clipboard is all that the page needs. */
const PERMISSIONS: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);
export const mayUse = (permission: string, url: string): boolean =>
  PERMISSIONS.has(permission) && isOwnUrl(url);
