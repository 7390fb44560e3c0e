import { type AudioDesired } from '../plane.ts';

type Routing = Pick<AudioDesired, 'routes'>;

/**
 * The way sound goes round inside the mixer, as ids in order (`speaker:room`, `mic:monitor`, …), or null when it does
 * not. A microphone in the room of a speaker is not seen here: the air is not part of the document.
 * @param feedback by destination id: the sources out of which comes what is sent there, e.g. a microphone that is made
 * of a speaker's monitor
 */
export function findCycle(
  { routes }: Routing,
  feedback: ReadonlyMap<string, readonly string[]>,
): string[] | null {
  const next = new Map<string, string[]>();
  for (const { source, destination } of routes) {
    next.set(source, [...(next.get(source) ?? []), destination]);
    next.set(destination, [...(feedback.get(destination) ?? [])]);
  }
  const done = new Set<string>();
  const walk = (id: string, path: readonly string[]): string[] | null => {
    const start = path.indexOf(id);
    if (start >= 0) return path.slice(start);
    if (done.has(id)) return null;
    for (const following of next.get(id) ?? []) {
      const cycle = walk(following, [...path, id]);
      if (cycle) return cycle;
    }
    done.add(id);
    return null;
  };
  for (const id of next.keys()) {
    const cycle = walk(id, []);
    if (cycle) return cycle;
  }
  return null;
}
