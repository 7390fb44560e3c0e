import {
  formatDb,
  type Config,
  type Destination,
  type Media,
  type Route,
  type Scene,
} from '../../electron/contract/index.ts';
import { findChannel, findDestination, findRoute, findSource } from '../state/selectors.ts';
import { S } from '../strings.ts';

const T = S.scenes;
const keyOf = (route: Route): string => `${route.source}|${route.destination}`;

/** What is asked for of a scene. */
export interface Part {
  readonly media?: Media | undefined;
  /** Absent: all. */
  readonly destinations?: readonly string[] | undefined;
}

const pairOf = (config: Config, { source, destination }: Route): string =>
  T.pair(
    findSource(config, source)?.label ?? source,
    findDestination(config, destination)?.label ?? destination,
  );

function routeChange(config: Config, wanted: Route): readonly string[] {
  const now = findRoute(config, wanted.source, wanted.destination);
  const source = findSource(config, wanted.source);
  const destination = findDestination(config, wanted.destination);
  if (!source || !destination) return [];
  if (!now) return [T.connects(source.label, destination.label)];
  const pair = pairOf(config, wanted);
  return [
    ...(now.gain === wanted.gain ? [] : [T.gains(pair, formatDb(now.gain), formatDb(wanted.gain))]),
    ...(now.muted === wanted.muted ? [] : [wanted.muted ? T.mutes(pair) : T.unmutes(pair)]),
  ];
}

/** Destinations that a recall leaves as they are. */
const isKept = (destination: Destination, { media, destinations }: Part): boolean =>
  destination.locked ||
  destination.safe ||
  (media !== undefined && media !== destination.media) ||
  destinations?.includes(destination.id) === false;

function channelChanges(config: Config, scene: Scene, part: Part, kept: ReadonlySet<string>): string[] {
  const strips = part.destinations
    ? config.destinations
    : [...config.sources, ...config.destinations, ...config.groups];
  return strips.flatMap((strip) => {
    const saved = scene.channels[strip.id];
    if (!saved || kept.has(strip.id)) return [];
    if ('safe' in strip && strip.safe) return [];
    const media = 'media' in strip ? strip.media : 'audio';
    if (part.media !== undefined && part.media !== media) return [];
    const now = 'gain' in strip ? strip.gain : undefined;
    const { muted, gain } = saved;
    return [
      ...(strip.muted === muted ? [] : [muted ? T.mutes(strip.label) : T.unmutes(strip.label)]),
      ...(gain === undefined || now === undefined || now === gain
        ? []
        : [T.gains(strip.label, formatDb(now), formatDb(gain))]),
    ];
  });
}

/** What recalling a scene, or a part of it, would change now, as sentences; empty when all is as the scene has it. */
export function sceneChanges(config: Config, scene: Scene, part: Part = {}): readonly string[] {
  const kept = new Set<string>(
    config.destinations.filter((destination) => isKept(destination, part)).map(({ id }) => id),
  );
  const wanted = scene.routes.filter(({ destination }) => !kept.has(destination));
  const keys = new Set(wanted.map(keyOf));
  const gone = config.routes
    .filter((route) => !kept.has(route.destination) && !keys.has(keyOf(route)))
    .map(({ source, destination }) =>
      T.disconnects(
        findSource(config, source)?.label ?? source,
        findDestination(config, destination)?.label ?? destination,
      ),
    );
  return [
    ...wanted.flatMap((route) => routeChange(config, route)),
    ...gone,
    ...channelChanges(config, scene, part, kept),
  ];
}

/** Does the scene name something that is no longer there? */
export const hasGone = (config: Config, scene: Scene): boolean =>
  scene.routes.some(
    ({ source, destination }) => !findSource(config, source) || !findDestination(config, destination),
  ) ||
  Object.keys(scene.channels).some(
    (id) => !findChannel(config, id) && !config.groups.some((group) => group.id === id),
  );
