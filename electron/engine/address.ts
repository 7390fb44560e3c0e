/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** `127.0.0.1:8080`, `[::]:8080`, or a port alone on loopback; port 0: any free one. Undefined: it is none of those. */
export function parseAddress(text: string): Address | undefined {
  const match = /^(?:(.*):)?(\d{1,5})$/.exec(text);
  const port = Number(match?.[2]);
  if (!match || port > 65_535) return undefined;
  const host = match[1]?.replace(/^\[(.*)\]$/, '$1') ?? '';
  return { host: host === '' ? '127.0.0.1' : host, port };
}
