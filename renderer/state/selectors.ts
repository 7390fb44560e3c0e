import {
  cellKey,
  type CellState,
  type Config,
  type Destination,
  type DestinationId,
  type Route,
  type Source,
  type SourceId,
  type State,
} from '../../electron/contract/index.ts';

/** Looks a list up by key; built once for each new list. */
function indexed<T extends object>(
  keyOf: (item: T) => string,
): (list: readonly T[]) => ReadonlyMap<string, T> {
  const known = new WeakMap<readonly T[], ReadonlyMap<string, T>>();
  return (list) => {
    let map = known.get(list);
    if (!map) known.set(list, (map = new Map(list.map((item) => [keyOf(item), item]))));
    return map;
  };
}

const routesByKey = indexed<Route>((route) => cellKey(route.source, route.destination));
const sourcesById = indexed<Source>((source) => source.id);
const destinationsById = indexed<Destination>((destination) => destination.id);

export const findRoute = (config: Config, source: string, destination: string): Route | undefined =>
  routesByKey(config.routes).get(`${source}|${destination}`);
export const findSource = (config: Config, id: string): Source | undefined =>
  sourcesById(config.sources).get(id);
export const findDestination = (config: Config, id: string): Destination | undefined =>
  destinationsById(config.destinations).get(id);
export const findChannel = (config: Config, id: string): Source | Destination | undefined =>
  findSource(config, id) ?? findDestination(config, id);

const routesTo = new WeakMap<readonly Route[], Map<string, readonly Route[]>>();
const NONE: readonly Route[] = [];
/** Routes into a destination; the same array as long as the routes do not change. */
export function routesInto(config: Config, destination: string): readonly Route[] {
  let map = routesTo.get(config.routes);
  if (!map) {
    map = new Map();
    for (const route of config.routes)
      map.set(route.destination, [...(map.get(route.destination) ?? NONE), route]);
    routesTo.set(config.routes, map);
  }
  return map.get(destination) ?? NONE;
}

/** A gadget's own return on its own microphone would be an echo for the far side. */
const isOwnReturn = (source: Source, destination: Destination): boolean =>
  source.kind === 'return' && destination.kind === 'mic' && source.gadget === destination.gadget;

/**
 * What a cell shows: what was asked for together with what is so.
 * `none`: sound cannot go where pictures go.
 */
export function cellState(state: State, source: Source, destination: Destination): CellState | 'none' {
  if (source.media !== destination.media) return 'none';
  const routed = findRoute(state.config, source.id, destination.id) !== undefined;
  const actual = state.status.cells[cellKey(source.id, destination.id)]?.state;
  if (actual === undefined)
    return routed ? 'pending' : isOwnReturn(source, destination) ? 'impossible' : 'off';
  // Asked for, but not begun; or not asked for any more, but not ended.
  if (routed && actual === 'off') return 'pending';
  return actual;
}

/** Why a source cannot be dropped on a destination; null when it can. */
export type Obstacle = 'media' | 'feedback' | 'locked';
export function obstacleOf(
  state: State,
  sourceId: SourceId | string,
  destinationId: DestinationId | string,
): Obstacle | null {
  const source = findSource(state.config, sourceId);
  const destination = findDestination(state.config, destinationId);
  if (!source || source.media !== destination?.media) return 'media';
  if (cellState(state, source, destination) === 'impossible') return 'feedback';
  return destination.locked ? 'locked' : null;
}

export const microphones = (config: Config): readonly Extract<Source, { kind: 'microphone' }>[] =>
  config.sources.filter((source) => source.kind === 'microphone');

/** Does everything that panic silences and blanks stand still? */
export function isPanicked(config: Config): boolean {
  const mics = microphones(config);
  const screens = config.destinations.filter(({ media }) => media === 'video');
  return (
    mics.length + screens.length > 0 &&
    mics.every(({ muted }) => muted) &&
    screens.every(({ muted }) => muted)
  );
}
