import { CrosspointError, type Media } from '../../contract/index.ts';
import { type ModelDraft } from './context.ts';

type SourceDraft = ModelDraft['sources'][number];
type DestinationDraft = ModelDraft['destinations'][number];
type GadgetDraft = ModelDraft['gadgets'][number];
type Named = { readonly id: string; readonly label: string };

const sameName = (a: string, b: string): boolean => a.localeCompare(b, 'en', { sensitivity: 'accent' }) === 0;

/** The one with this id, else all with this name. */
function matching<T extends Named>(list: readonly T[], reference: string): readonly T[] {
  const exact = list.find(({ id }) => id === reference);
  return exact ? [exact] : list.filter(({ label }) => sameName(label, reference));
}

/** The member with this id, else the only one with this name. */
function pick<T extends Named>(list: readonly T[], reference: string, what: string, path: string): T {
  const named = matching(list, reference);
  const [only, ...others] = named;
  if (only && others.length === 0) return only;
  if (only)
    throw new CrosspointError(
      'ambiguous-name',
      `"${reference}" could be ${named.map(({ id }) => id).join(' or ')}.`,
      {
        path,
        hint: 'Use the id.',
      },
    );
  throw new CrosspointError('unknown-id', `There is no ${what} "${reference}".`, {
    path,
    hint: suggestion(list, reference),
  });
}

function suggestion(list: readonly Named[], reference: string): string {
  const wanted = reference.toLowerCase();
  const close = list.filter(({ id, label }) => id.includes(wanted) || label.toLowerCase().includes(wanted));
  const shown = (close.length > 0 ? close : list).slice(0, 8).map(({ id }) => id);
  return shown.length === 0
    ? 'There is none yet.'
    : `There is: ${shown.join(', ')}${list.length > shown.length ? ', …' : ''}.`;
}

export const findSource = (model: ModelDraft, reference: string, path = 'source'): SourceDraft =>
  pick<SourceDraft>(model.sources, reference, 'source', path);

/** `media` decides between the webcam and the microphone of one gadget, which share its name. */
export function findDestination(
  model: ModelDraft,
  reference: string,
  media?: Media,
  path = 'destination',
): DestinationDraft {
  const fitting = model.destinations.filter(
    (destination) => media === undefined || destination.media === media,
  );
  const byName = fitting.some(({ id, label }) => id === reference || sameName(label, reference));
  return pick<DestinationDraft>(byName ? fitting : model.destinations, reference, 'destination', path);
}

/** A source of this kind: an ingest and its sound share one name. */
export function findSourceOf<K extends SourceDraft['kind']>(
  model: ModelDraft,
  reference: string,
  kind: K,
): Extract<SourceDraft, { kind: K }> {
  const fitting = model.sources.filter((source) => source.kind === kind);
  const found = matching(fitting, reference);
  const source = found.length === 1 ? found[0] : findSource(model, reference, 'id');
  if (source?.kind !== kind)
    throw new CrosspointError('bad-request', `${source?.label ?? ''} (${source?.id ?? ''}) is no ${kind}.`, {
      path: 'id',
    });
  return source as Extract<SourceDraft, { kind: K }>;
}

export const findGadget = (model: ModelDraft, reference: string): GadgetDraft =>
  pick<GadgetDraft>(model.gadgets, reference, 'gadget', 'id');

export type ChannelDraft = SourceDraft | DestinationDraft;
/** A source or a destination. */
export const findChannel = (model: ModelDraft, reference: string, path = 'id'): ChannelDraft =>
  pick<ChannelDraft>([...model.sources, ...model.destinations], reference, 'source or destination', path);

export type GroupDraft = ModelDraft['groups'][number];
export const findGroup = (model: ModelDraft, reference: string): GroupDraft =>
  pick<GroupDraft>(model.groups, reference, 'group', 'id');

/** A source, a destination or a group: what has a level, a mute and a name. */
export const findStrip = (model: ModelDraft, reference: string): ChannelDraft | GroupDraft =>
  pick<ChannelDraft | GroupDraft>(
    [...model.sources, ...model.destinations, ...model.groups],
    reference,
    'source, destination or group',
    'id',
  );

export function findRoute(
  model: ModelDraft,
  source: string,
  destination: string,
): ModelDraft['routes'][number] | undefined {
  return model.routes.find((route) => route.source === source && route.destination === destination);
}

/**
 * The two ends of a crosspoint, which must be of one kind. Names that several share mean those two that fit together: the
 * picture before the sound.
 */
export function findPair(
  model: ModelDraft,
  command: { readonly source: string; readonly destination: string },
): { source: SourceDraft; destination: DestinationDraft } {
  const pairs = matching<SourceDraft>(model.sources, command.source).flatMap((source) =>
    matching<DestinationDraft>(model.destinations, command.destination)
      .filter(({ media }) => media === source.media)
      .map((destination) => ({ source, destination })),
  );
  const [fitting, ...others] = [
    ...pairs.filter(({ source }) => source.media === 'video'),
    ...pairs.filter(({ source }) => source.media === 'audio'),
  ];
  if (fitting && others.every(({ source }) => source.media !== fitting.source.media)) return fitting;
  const source = findSource(model, command.source);
  const destination = findDestination(model, command.destination, source.media);
  if (source.media !== destination.media)
    throw new CrosspointError(
      'wrong-media',
      `${source.label} is ${source.media}, ${destination.label} (${destination.id}) takes ${destination.media}.`,
      {
        path: 'destination',
        hint: `Route it to ${source.media === 'audio' ? 'a microphone or speaker' : 'a webcam or program'}.`,
      },
    );
  return { source, destination };
}

export function refuseLocked(destination: {
  readonly id: string;
  readonly label: string;
  readonly locked: boolean;
}): void {
  if (destination.locked)
    throw new CrosspointError('locked', `${destination.label} (${destination.id}) is locked.`, {
      path: 'destination',
      hint: 'Unlock it first.',
    });
}

/** A slug that is not taken yet: `desk`, `desk-2` … */
export function freeSlug(slug: string, isTaken: (slug: string) => boolean): string {
  if (!isTaken(slug)) return slug;
  for (let n = 2; ; n++) {
    const suffix = `-${n}`;
    const candidate = `${slug.slice(0, 64 - suffix.length)}${suffix}`;
    if (!isTaken(candidate)) return candidate;
  }
}
