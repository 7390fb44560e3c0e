/** An IPv4 address that came by IPv6 (`::ffff:192.168.1.2`, RFC 4291 §2.5.5.2) as itself; any other as it is. */
export const unmapped = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
