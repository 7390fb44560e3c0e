import { unmapped } from '../base/unmapped.ts';

/**
 * Whose address it is, for counting: an IPv4 address by itself, of an IPv6 address its /64, which one subscriber or one
 * machine has for itself (RFC 6177).
 * @param address as Node writes it: `192.168.1.2`, `::ffff:192.168.1.2`, `fe80::1%eth0`
 */
export function networkOf(address: string): string {
  const plain = unmapped(address.replace(/%.*$/, ''));
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  if (tail !== undefined) while (groups.length + after.length < 8) groups.push('0');
  return `${[...groups, ...after].slice(0, 4).join(':')}::/64`;
}
