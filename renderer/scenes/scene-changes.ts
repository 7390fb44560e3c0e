import { formatDb, type Config, type Route, type Scene } from '../../electron/contract/index.ts';
import { findChannel, findDestination, findRoute, findSource } from '../state/selectors.ts';
import { S } from '../strings.ts';

const T = S.scenes;
const keyOf = (route: Route): string => `${route.source}|${route.destination}`;

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

/** What recalling a scene would change now, as sentences; empty when all is as the scene has it. */
export function sceneChanges(config: Config, scene: Scene): readonly string[] {
  const wanted = new Set(scene.routes.map(keyOf));
  const gone = config.routes
    .filter((route) => !wanted.has(keyOf(route)))
    .map(({ source, destination }) =>
      T.disconnects(
        findSource(config, source)?.label ?? source,
        findDestination(config, destination)?.label ?? destination,
      ),
    );
  const routed = scene.routes.flatMap((route) => routeChange(config, route));
  const channels = Object.entries(scene.channels).flatMap(([id, { muted, gain }]) => {
    const channel = findChannel(config, id);
    if (!channel) return [];
    const now = channel.media === 'audio' ? channel.gain : undefined;
    return [
      ...(channel.muted === muted ? [] : [muted ? T.mutes(channel.label) : T.unmutes(channel.label)]),
      ...(gain === undefined || now === undefined || now === gain
        ? []
        : [T.gains(channel.label, formatDb(now), formatDb(gain))]),
    ];
  });
  return [...routed, ...gone, ...channels];
}

/** Does the scene name something that is no longer there? */
export const hasGone = (config: Config, scene: Scene): boolean =>
  scene.routes.some(
    ({ source, destination }) => !findSource(config, source) || !findDestination(config, destination),
  ) || Object.keys(scene.channels).some((id) => !findChannel(config, id));
