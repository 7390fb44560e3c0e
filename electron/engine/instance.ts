import { closeSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type Disposable, toDisposable } from '../base/disposable.ts';
import { makeDirectory } from '../base/make-directory.ts';
import { CrosspointError } from '../contract/index.ts';

const LOCK = 'engine.lock';
const ADDRESS = 'engine.json';

const EngineAddress = z.object({
  pid: z.int(),
  http: z.string(),
  rtmp: z.string(),
  /** The API's token; the file is readable by its owner only. */
  token: z.string().optional(),
});
/** Where a running engine is reached, for the command line. */
export type EngineAddress = z.infer<typeof EngineAddress>;

/** What tells this run of a process from a later one with the same id: its start time in clock ticks since boot. */
function processStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): field 22; the name in field 2 may hold spaces and brackets.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/**
 * Only one engine at a time works on a state directory.
 * @throws CrosspointError `state-locked`
 */
export async function lockDirectory(directory: string): Promise<Disposable> {
  await makeDirectory(directory);
  const path = join(directory, LOCK);
  const own = `${process.pid} ${processStart(process.pid) ?? ''}`;
  for (let tries = 0; tries < 3; tries++) {
    try {
      const file = openSync(path, 'wx', 0o600);
      writeSync(file, own);
      closeSync(file);
      return toDisposable(() => {
        removeIfOwn(path, own);
      });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const holder = readOr(path, '');
    const [pid = '', start = ''] = holder.split(' ');
    if (holder !== '' && processStart(Number(pid)) === start)
      throw new CrosspointError(
        'state-locked',
        `Another Crosspoint (process ${pid}) already works on ${directory}.`,
        {
          hint: 'Use that one, stop it first, or give this one its own --state-dir.',
        },
      );
    // Its owner is gone: whoever renames it away first may try again.
    try {
      renameSync(path, `${path}.${process.pid}`);
      unlinkSync(`${path}.${process.pid}`);
    } catch {
      // Somebody else was first.
    }
  }
  throw new CrosspointError('state-locked', `The lock ${path} could not be taken.`);
}

/** Tell the command line where this engine is. The file goes when it is disposed. */
export function announce(directory: string, address: EngineAddress): Disposable {
  const path = join(directory, ADDRESS);
  const text = JSON.stringify(address);
  writeFileSync(`${path}.tmp`, text, { mode: 0o600 });
  renameSync(`${path}.tmp`, path);
  return toDisposable(() => {
    removeIfOwn(path, text);
  });
}

/** The engine that runs on a state directory, if there is one. */
export function findEngine(directory: string): EngineAddress | undefined {
  const text = readOr(join(directory, ADDRESS), '');
  if (text === '') return undefined;
  const parsed = EngineAddress.safeParse(JSON.parse(text));
  return parsed.success && processStart(parsed.data.pid) !== undefined ? parsed.data : undefined;
}

function readOr(path: string, fallback: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return fallback;
  }
}

function removeIfOwn(path: string, own: string): void {
  if (readOr(path, '') === own) unlinkSync(path);
}
