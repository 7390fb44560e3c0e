import { type AudioDesired } from '../plane.ts';

type Routing = Pick<AudioDesired, 'routes'>;

/**
 * The way sound goes round inside the mixer, as ids in order (`mic:loop`, `speaker:hall`, …), or null when it does not.
 * `feedback`: by destination, the sources which carry what it plays: a microphone that is made of a speaker's monitor,
 * the return of a client that plays back what it hears. A microphone in the room of a speaker is not seen here: the air
 * is not part of the document.
 */
export function findCycle(
  { routes }: Routing,
  feedback: ReadonlyMap<string, readonly string[]>,
): readonly string[] | null {
  const next = new Map<string, string[]>();
  const connect = (from: string, to: string): void => {
    const list = next.get(from);
    if (list) list.push(to);
    else next.set(from, [to]);
  };
  for (const { source, destination } of routes) connect(source, destination);
  for (const [destination, sources] of feedback) for (const source of sources) connect(destination, source);
  return findCircle(next);
}

/** A circle in a directed graph: its nodes in order, each once; null when there is none. */
export function findCircle(next: ReadonlyMap<string, readonly string[]>): readonly string[] | null {
  const done = new Set<string>();
  const walk = (id: string, path: readonly string[]): readonly string[] | null => {
    const start = path.indexOf(id);
    if (start >= 0) return path.slice(start);
    if (done.has(id)) return null;
    for (const following of next.get(id) ?? []) {
      const circle = walk(following, [...path, id]);
      if (circle) return circle;
    }
    done.add(id);
    return null;
  };
  for (const id of next.keys()) {
    const circle = walk(id, []);
    if (circle) return circle;
  }
  return null;
}

/** Can one get from one node to the other along the edges? */
export function reaches(next: ReadonlyMap<string, readonly string[]>, from: string, to: string): boolean {
  const seen = new Set<string>([from]);
  const open = [from];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node === to) return true;
    for (const following of next.get(node) ?? [])
      if (!seen.has(following)) {
        seen.add(following);
        open.push(following);
      }
  }
  return false;
}
