import {
  type Config,
  type Destination,
  type Gadget,
  type Source,
  type State,
} from '../../electron/contract/index.ts';
import { ordered } from '../state/ordered.ts';
import { routesInto } from '../state/selectors.ts';
import { type MediaFilter, type StateFilter } from '../state/ui-store.ts';
import { S } from '../strings.ts';

export type Channel = Source | Destination;

/** What stands together on one axis of the matrix. */
export interface Group<T extends Channel = Channel> {
  readonly key: string;
  readonly label: string;
  readonly items: readonly T[];
  /** Destinations of one gadget stand together. */
  readonly gadget: Gadget | null;
}

export interface AxisFilter<K extends string> {
  readonly text: string;
  /** Empty: all kinds. */
  readonly kinds: readonly K[];
  readonly media: MediaFilter;
  readonly states: StateFilter;
}

export const SOURCE_KINDS = [
  'camera',
  'ingest',
  'microphone',
  'return',
  'ingest-audio',
] as const satisfies Source['kind'][];
export const DESTINATION_KINDS = [
  'webcam',
  'mic',
  'speaker',
  'program',
] as const satisfies Destination['kind'][];

const matches = (text: string, ...candidates: readonly string[]): boolean => {
  const words = text.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  const all = candidates.join(' ').toLocaleLowerCase();
  return words.every((word) => all.includes(word));
};

const fits = <K extends string>(
  channel: {
    readonly kind: K;
    readonly media: 'audio' | 'video';
    readonly label: string;
    readonly id: string;
  },
  filter: AxisFilter<K>,
  context: string,
): boolean =>
  (filter.media === 'all' || filter.media === channel.media) &&
  (filter.kinds.length === 0 || filter.kinds.includes(channel.kind)) &&
  matches(filter.text, channel.label, channel.id, context);

const TROUBLE = new Set(['degraded', 'error', 'offline']);

/** Ids of what takes part in a route, or is in trouble, on both axes. */
function idsInState(state: State, wanted: StateFilter): ReadonlySet<string> | null {
  if (wanted === 'all') return null;
  const ids = new Set<string>();
  for (const { source, destination } of state.config.routes) {
    const cell = state.status.cells[`${source}|${destination}`];
    if (wanted === 'routed' || TROUBLE.has(cell?.state ?? 'pending')) ids.add(source).add(destination);
  }
  if (wanted === 'trouble')
    for (const [id, device] of Object.entries(state.status.devices))
      if (device.state !== 'online') ids.add(id);
  return ids;
}

export function sourceGroups(state: State, filter: AxisFilter<Source['kind']>): readonly Group<Source>[] {
  const ids = idsInState(state, filter.states);
  const labels = new Map<string, string>(state.config.gadgets.map(({ id, label }) => [id, label]));
  return SOURCE_KINDS.map((kind) => ({
    key: `source:${kind}`,
    label: S.groups[kind],
    gadget: null,
    items: ordered(
      state.config.sources.filter(
        (source) =>
          source.kind === kind &&
          (ids?.has(source.id) ?? true) &&
          fits(source, filter, source.kind === 'return' ? (labels.get(source.gadget) ?? '') : S.groups[kind]),
      ),
    ),
  })).filter(({ items }) => items.length > 0);
}

export function destinationGroups(
  state: State,
  filter: AxisFilter<Destination['kind']>,
): readonly Group<Destination>[] {
  const { config } = state;
  const ids = idsInState(state, filter.states);
  const take = (wanted: (destination: Destination) => boolean, context: string): readonly Destination[] =>
    ordered(
      config.destinations.filter(
        (destination) =>
          wanted(destination) && (ids?.has(destination.id) ?? true) && fits(destination, filter, context),
      ),
    );
  const placeOf = (gadget: Gadget): number =>
    config.destinations.find((destination) => 'gadget' in destination && destination.gadget === gadget.id)
      ?.order ?? 0;
  const sorted = [...config.gadgets].sort((a, b) => placeOf(a) - placeOf(b));
  const gadgets = sorted.map((gadget) => ({
    key: `gadget:${gadget.id}`,
    label: gadget.label,
    gadget,
    items: take((destination) => 'gadget' in destination && destination.gadget === gadget.id, gadget.label),
  }));
  const kindGroup = (kind: 'speaker' | 'program') => ({
    key: `destination:${kind}`,
    label: S.groups[kind],
    gadget: null,
    items: take((destination) => destination.kind === kind, S.groups[kind]),
  });
  return [...gadgets, kindGroup('speaker'), kindGroup('program')].filter(({ items }) => items.length > 0);
}

/** One line of an axis: a channel, or a folded group that stands for all of its channels. Plain data: compared as text. */
export interface Line {
  readonly key: string;
  /** The channel, or all channels of a folded group. */
  readonly channels: readonly string[];
  readonly folded: boolean;
  readonly media: 'audio' | 'video' | 'both';
  readonly group: { readonly key: string; readonly label: string; readonly gadget: string | null };
  /** First line of its group: the group's name goes here, over so many lines. */
  readonly first: boolean;
  readonly span: number;
}

const mediaOf = (items: readonly Channel[]): Line['media'] => {
  const video = items.some(({ media }) => media === 'video');
  const audio = items.some(({ media }) => media === 'audio');
  return video && audio ? 'both' : video ? 'video' : 'audio';
};

export function linesOf(groups: readonly Group[], folded: readonly string[]): readonly Line[] {
  return groups.flatMap(({ key, label, gadget, items }): Line[] => {
    const group = { key, label, gadget: gadget?.id ?? null };
    if (folded.includes(key)) {
      const channels = items.map(({ id }) => id);
      return [{ key, channels, folded: true, media: mediaOf(items), group, first: true, span: 1 }];
    }
    return items.map(({ id, media }, index) => ({
      key: id,
      channels: [id],
      folded: false,
      media,
      group,
      first: index === 0,
      span: items.length,
    }));
  });
}

export interface MatrixModel {
  readonly sources: readonly Line[];
  readonly destinations: readonly Line[];
}

export interface MatrixFilter {
  readonly sourceText: string;
  readonly destinationText: string;
  readonly sourceKinds: readonly Source['kind'][];
  readonly destinationKinds: readonly Destination['kind'][];
  readonly media: MediaFilter;
  readonly states: StateFilter;
  readonly folded: readonly string[];
}

export function matrixModel(state: State, filter: MatrixFilter): MatrixModel {
  const { media, states, folded } = filter;
  return {
    sources: linesOf(
      sourceGroups(state, { text: filter.sourceText, kinds: filter.sourceKinds, media, states }),
      folded,
    ),
    destinations: linesOf(
      destinationGroups(state, {
        text: filter.destinationText,
        kinds: filter.destinationKinds,
        media,
        states,
      }),
      folded,
    ),
  };
}

/** The destination of a gadget that takes this medium. */
export const destinationOfGadget = (
  config: Config,
  gadget: string,
  media: 'audio' | 'video',
): Destination | undefined =>
  config.destinations.find(
    (destination) => 'gadget' in destination && destination.gadget === gadget && destination.media === media,
  );

/** How many routes run between what two lines stand for. */
export function routesBetween(
  state: State,
  sources: readonly string[],
  destinations: readonly string[],
): number {
  const ids = new Set(sources);
  return destinations.reduce(
    (sum, id) => sum + routesInto(state.config, id).filter((route) => ids.has(route.source)).length,
    0,
  );
}
