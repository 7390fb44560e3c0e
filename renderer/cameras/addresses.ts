/**
 * The RTMP server's address as other machines reach it: an address which means "here" or "everywhere" becomes the
 * name under which this page was found.
 */
export function reachable(address: string, pageHost: string): string {
  const url = /^(rtmp:\/\/)(\[[^\]]+\]|[^:/]+)(.*)$/.exec(address);
  const [, scheme = '', host = '', rest = ''] = url ?? [];
  if (!url) return address;
  const everywhere = host === '0.0.0.0' || host === '[::]';
  return everywhere && pageHost !== '' ? `${scheme}${pageHost}${rest}` : address;
}

const trimmed = (address: string): string => address.replace(/\/+$/, '');

/** Where an encoder publishes to. */
export const ingestServer = (address: string): string => `${trimmed(address)}/live`;
export const ingestAddress = (address: string, key: string): string => `${ingestServer(address)}/${key}`;
/** What a gadget plays. */
export const gadgetAddress = (address: string, gadget: string, token: string): string =>
  `${trimmed(address)}/gadget/${gadget}?token=${encodeURIComponent(token)}`;
/** What a player or recorder opens: the destination `program:<slug>`. */
export const programAddress = (address: string, destination: string): string =>
  `${trimmed(address)}/program/${destination.replace(/^program:/, '')}`;
