import { type StreamRequest } from './types.ts';

/** Percent-decoding that leaves alone what is not well formed. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Path and query of anything between `live`, `/live/x?y=z` and a quoted `"rtmp://host:1935/live"`. */
function split(text: string): { readonly path: string; readonly query: string } {
  const trimmed = text.trim().replace(/^["']+|["']+$/g, '');
  const withoutHost = trimmed.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '');
  const mark = withoutHost.indexOf('?');
  return mark < 0
    ? { path: withoutHost, query: '' }
    : { path: withoutHost.slice(0, mark), query: withoutHost.slice(mark + 1) };
}

const segments = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

/**
 * What a peer means by `app` and `tcUrl` of its connect and the name in its publish or play. Encoders put the parts of
 * `rtmp://host/app/name?query` into them in every way, so they are joined and cut again: the first segment is the app,
 * the others are the name; queries are joined, those of the name win.
 */
export function parseStreamName(
  app: string | undefined,
  tcUrl: string | undefined,
  name: string,
): Pick<StreamRequest, 'app' | 'name' | 'query'> {
  const url = split(tcUrl ?? '');
  const fromApp = split(app ?? '');
  const fromName = split(name);
  const base = segments(fromApp.path);
  const all = [...(base.length > 0 ? base : segments(url.path)), ...segments(fromName.path)].map(decode);
  const query = new URLSearchParams(url.query);
  for (const text of [fromApp.query, fromName.query])
    for (const [key, value] of new URLSearchParams(text)) query.set(key, value);
  return { app: all[0] ?? '', name: all.slice(1).join('/'), query };
}
