import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Process id of the private sound server of the engine with this runtime folder. */
export async function daemonPid(runtimeDir: string): Promise<number> {
  return (JSON.parse(await readFile(join(runtimeDir, 'sound/daemon.json'), 'utf8')) as { pid: number }).pid;
}
