import { open } from 'node:fs/promises';
import { basename } from 'node:path';
import { z } from 'zod';
import { CrosspointError, messageOf, parseSceneFile, SCENE_FILE_LIMIT } from '../contract/index.ts';
import { type EnginePort } from '../engine/port.ts';

/** What a second start hands to the first. */
const Handover = z.object({ files: z.array(z.string().min(1).max(4096)).max(100) });

/** Files that a second start was given; none when it says something else. */
export function filesOf(handover: unknown): readonly string[] {
  const parsed = Handover.safeParse(handover);
  return parsed.success ? parsed.data.files : [];
}

/**
 * Adds the scenes of files. Nothing is recalled: a double click puts nobody on air.
 * @param refuse tells the person what did not work
 */
export async function openSceneFiles(
  engine: EnginePort,
  files: readonly string[],
  refuse: (title: string, reason: string) => void,
): Promise<void> {
  for (const file of files)
    try {
      const scene = parseSceneFile(await readBounded(file));
      await engine.execute([{ type: 'scene.import', scene }], 'desktop');
    } catch (error) {
      refuse(`${basename(file)} was not opened`, messageOf(error));
    }
}

/** A file that somebody sent may be anything, also endless. */
async function readBounded(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const stats = await handle.stat();
    if (!stats.isFile()) throw new CrosspointError('bad-request', 'This is not a file.');
    if (stats.size > SCENE_FILE_LIMIT)
      throw new CrosspointError('too-large', 'The file is too big for a scene.');
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
