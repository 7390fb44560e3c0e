import { createHash } from 'node:crypto';

/** A server's public key as it is pinned. */
export interface HostKey {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa` … */
  readonly type: string;
  /** The whole key, base64. */
  readonly key: string;
}

export function hostKeyOf(blob: Buffer): HostKey {
  const length = blob.length >= 4 ? blob.readUInt32BE(0) : 0;
  return { type: blob.subarray(4, 4 + length).toString('latin1'), key: blob.toString('base64') };
}

/** As OpenSSH shows it: `SHA256:…`. */
export const fingerprintOf = ({ key }: HostKey): string =>
  `SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`;

const SIGNATURES: Readonly<Record<string, readonly string[]>> = {
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};
const ALL = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];

/** What to ask a server for: the pinned kind first, for a server that has several keys shows one of its choice. */
export function signaturesFor(pinned: HostKey | undefined): string[] {
  const types = pinned ? [pinned.type, ...ALL.filter((type) => type !== pinned.type)] : ALL;
  return types.flatMap((type) => SIGNATURES[type] ?? [type]);
}
