import { readFile } from 'node:fs/promises';

/** Bytes that the kernel holds for all connections of a port of this machine: sent and not yet read (proc(5), tcp). */
export async function kernelHeldBytes(port: number): Promise<number> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  let held = 0;
  for (const line of tables.join('\n').split('\n')) {
    const [, local = '', remote = '', , queues = ''] = line.trim().split(/\s+/);
    if (![local, remote].some((address) => parseInt(address.split(':')[1] ?? '', 16) === port)) continue;
    for (const queue of queues.split(':')) held += parseInt(queue, 16) || 0;
  }
  return held;
}
