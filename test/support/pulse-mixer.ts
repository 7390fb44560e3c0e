import { readdir, readFile } from 'node:fs/promises';
import { MIXER_SINK } from '../../electron/audio/graph/built.ts';
import { MIXERS } from '../../electron/audio/graph/mixers.ts';
import { FLAVOURS } from './pulse-daemons.ts';

/** Every way to mix on every server. */
export const FLAVOURS_AND_MIXERS = FLAVOURS.flatMap((flavour) =>
  MIXERS.map((mixer) => [flavour, mixer] as const),
);

/** Loopbacks on every server, and our own mixer on one: for what no mixer has a part of its own in. */
export const FLAVOURS_AND_OWN_ONCE = FLAVOURS_AND_MIXERS.filter(
  ([flavour, mixer]) => mixer === 'loopbacks' || flavour === 'pulseaudio',
);

/** Does this stream play a path of ours, in whichever mixer? */
export const playsPaths = ({
  properties,
}: {
  readonly properties: Readonly<Record<string, string>>;
}): boolean => 'crosspoint.source' in properties || MIXER_SINK in properties;

/** The running mixers of the engine with this runtime folder. */
export async function mixerPids(runtimeDir: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    ids.map(async (id) => {
      const command = (await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')).split('\0');
      return command[0]?.endsWith('/crosspoint-mixer') && command.includes(`${runtimeDir}/mixer/socket`)
        ? [Number(id)]
        : [];
    }),
  );
  return found.flat();
}
