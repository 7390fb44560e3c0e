import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** What puts a strain on an engine: the time of day that it sees, and how long its disk takes. */
export interface Strain {
  /** For the engine's process; its children have it too. */
  readonly env: Readonly<Record<string, string>>;
  /** ms; the monotonic clock is not touched. */
  jumpClock(offsetMs: number): Promise<void>;
  /** ms for each flush to the disk. */
  slowDisk(flushMs: number): Promise<void>;
  dispose(): Promise<void>;
}

/** @param directory for what is compiled @throws Error without a C compiler */
export async function makeStrain(directory: string): Promise<Strain> {
  const library = join(directory, 'strain.so');
  await promisify(execFile)('gcc', [
    ...['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', library],
    join(import.meta.dirname, 'strain.c'),
    '-ldl',
  ]);
  const path = join(directory, 'strain');
  const file = await open(path, 'w');
  await file.write(Buffer.alloc(16), 0, 16, 0);
  const put = async (value: number, at: number): Promise<void> => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64LE(BigInt(value));
    await file.write(bytes, 0, 8, at);
  };
  return {
    env: { LD_PRELOAD: library, CROSSPOINT_STRAIN: path },
    jumpClock: (offsetMs) => put(offsetMs, 0),
    slowDisk: (flushMs) => put(flushMs, 8),
    dispose: () => file.close(),
  };
}
