import { type AudioDesired } from '../plane.ts';

type Routing = Pick<AudioDesired, 'sources' | 'destinations' | 'routes'>;

/**
 * The way sound goes round inside the mixer, as ids in order (`desk.mic`, `desk.return`, …), or null when it does not.
 * `returnsMix` names gadgets whose client plays back what it hears: sound that goes to their mic comes out of their
 * return. A microphone in the room of a speaker is not seen here: the air is not part of the document.
 */
export function findCycle(
  { sources, destinations, routes }: Routing,
  returnsMix: ReadonlySet<string>,
): string[] | null {
  const returns = new Map(
    sources.flatMap((source) =>
      source.kind === 'return' ? [[String(source.gadget), source.id] as const] : [],
    ),
  );
  const next = new Map<string, string[]>();
  for (const { source, destination } of routes) next.set(source, [...(next.get(source) ?? []), destination]);
  for (const destination of destinations) {
    if (destination.kind !== 'mic' || !returnsMix.has(destination.gadget)) continue;
    const back = returns.get(destination.gadget);
    if (back !== undefined) next.set(destination.id, [back]);
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
