import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, rmdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A folder on a disk of its own that can be filled, seen only by programs that are run `within` it. */
export interface SmallDisk {
  /** The folder, as those programs see it. */
  readonly path: string;
  /** The same folder, as everybody else sees it. */
  readonly outside: string;
  /** Runs a program where the disk is, by replacing itself. */
  readonly within: readonly string[];
  /** Leaves no byte free. */
  fill(): Promise<void>;
  free(): Promise<void>;
  dispose(): Promise<void>;
}

/** @returns null where user namespaces are not allowed */
export async function makeSmallDisk(megabytes: number): Promise<SmallDisk | null> {
  const path = await mkdtemp(join(tmpdir(), 'crosspoint-disk-'));
  const keeper: ChildProcess = spawn(
    'unshare',
    [
      ...['--user', '--map-root-user', '--mount', 'sh', '-c'],
      'mount -t tmpfs -o size="$1"m tmpfs "$0" && echo ready && exec sleep infinity',
      path,
      String(megabytes),
    ],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const ready = await Promise.race([
    once(createInterface(keeper.stdout!), 'line').then(() => true),
    once(keeper, 'close').then(() => false),
    once(keeper, 'error').then(() => false),
  ]);
  if (!ready) {
    await rmdir(path);
    return null;
  }
  process.on('exit', () => keeper.kill('SIGKILL'));
  const outside = `/proc/${keeper.pid}/root${path}`;
  const filler = join(outside, 'filler');
  return {
    path,
    outside,
    within: [
      ...['nsenter', '--preserve-credentials', '--user', '--mount'],
      ...['--target', String(keeper.pid)],
    ],
    async fill() {
      const chunk = Buffer.alloc(4096);
      for (;;)
        try {
          await writeFile(filler, chunk, { flag: 'a' });
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return;
          throw error;
        }
    },
    free: () => rm(filler, { force: true }),
    async dispose() {
      const closed = once(keeper, 'close');
      keeper.kill('SIGKILL');
      await closed;
      await rm(path, { recursive: true });
    },
  };
}
