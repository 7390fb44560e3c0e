import { type AudioDesired } from '../plane.ts';
import { type Wanted } from './wanted.ts';

/**
 * The PulseAudio sources of the microphones that lower returns, while there is anything to be lowered: a return that
 * is heard on a speaker which ducks.
 */
export function listenFor(desired: AudioDesired, { crosspoints, echoes }: Wanted): ReadonlySet<string> {
  const ducking = new Set<string>(
    desired.destinations.flatMap((destination) =>
      destination.kind === 'speaker' && destination.duckDb !== null ? [destination.id] : [],
    ),
  );
  const returns = new Set<string>(desired.sources.flatMap(({ id, kind }) => (kind === 'return' ? [id] : [])));
  const needed = crosspoints.some(
    ({ role, source, destination, level }) =>
      role === 'route' && returns.has(source) && ducking.has(destination) && !level.muted,
  );
  if (!needed) return new Set();
  return new Set(
    desired.sources.flatMap((source) =>
      source.kind === 'microphone' && source.talkOver && !source.muted
        ? [echoes.find(({ microphone }) => microphone === source.id)?.source ?? source.device]
        : [],
    ),
  );
}
