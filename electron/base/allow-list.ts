import { BlockList, isIP } from 'node:net';
import { CrosspointError } from '../contract/index.ts';
import { unmapped } from './unmapped.ts';

/**
 * Addresses and networks (`192.168.1.20`, `192.168.1.0/24`); null for an empty list, which everybody may stand for.
 * @throws CrosspointError `bad-request` for what is neither an address nor a network
 */
export function allowList(entries: readonly string[]): BlockList | null {
  if (entries.length === 0) return null;
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    const prefix = bits === undefined ? null : Number(bits);
    const prefixMax = family === 'ipv6' ? 128 : 32;
    if (
      isIP(address) === 0 ||
      (prefix !== null && !(Number.isInteger(prefix) && prefix >= 0 && prefix <= prefixMax))
    )
      throw new CrosspointError(
        'bad-request',
        `${JSON.stringify(entry)} is neither an address nor a network.`,
        {
          hint: 'Write 192.168.1.20 or 192.168.1.0/24.',
        },
      );
    if (prefix === null) list.addAddress(address, family);
    else list.addSubnet(address, prefix, family);
  }
  return list;
}

/** @param address as Node gives it, also `::ffff:192.168.1.2` */
export function isAllowed(list: BlockList, address: string): boolean {
  const plain = unmapped(address).replace(/%.*$/, '');
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}
