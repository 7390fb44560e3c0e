import { CrosspointError, type DestinationId, type SourceId } from '../../contract/index.ts';
import { type Model } from '../store/model.ts';
import { type Handlers, type ModelDraft } from './context.ts';
import { findChannel, findPair, findRoute, findStrip, refuseLocked } from './resolve.ts';

type Feedback = Pick<Model, 'gadgets'>;

/** Why a crosspoint can never be on; undefined when it can. */
export function impossible(
  { gadgets }: Feedback,
  source: { readonly kind: string; readonly gadget?: string },
  destination: { readonly kind: string; readonly gadget?: string },
): string | undefined {
  if (source.kind !== 'return' || destination.kind !== 'mic' || source.gadget !== destination.gadget)
    return undefined;
  if (gadgets.find(({ id }) => id === source.gadget)?.mixMinus === false) return undefined;
  return 'A computer must not hear itself (mix-minus): its own return never goes to its own microphone.';
}

function refuseFeedback(
  model: Feedback,
  source: Parameters<typeof impossible>[1],
  destination: Parameters<typeof impossible>[2],
): void {
  const reason = impossible(model, source, destination);
  if (reason !== undefined)
    throw new CrosspointError('feedback', reason, {
      path: 'destination',
      hint: 'To allow it on purpose, unlock mix-minus in the settings of the gadget.',
    });
}

/** Take what is gone out of everything that names it beside the routes. */
export function forgetReferences(model: ModelDraft, gone: ReadonlySet<string>): void {
  for (const group of model.groups)
    if (group.members.some((id) => gone.has(id))) group.members = group.members.filter((id) => !gone.has(id));
  const { soloDestination } = model.settings;
  if (soloDestination !== null && gone.has(soloDestination)) model.settings.soloDestination = null;
  for (const source of model.sources)
    if (source.kind === 'microphone' && source.echo && gone.has(source.echo.reference)) source.echo = null;
}

/** Take routes out; a locked destination keeps its own. */
export function dropRoutes(
  model: ModelDraft,
  matches: (route: { source: SourceId; destination: DestinationId }) => boolean,
): void {
  for (const { destination } of model.routes.filter(matches)) {
    const end = model.destinations.find(({ id }) => id === destination);
    if (end) refuseLocked(end);
  }
  model.routes = model.routes.filter((route) => !matches(route));
}

export const routing: Handlers<
  'route' | 'unroute' | 'setGain' | 'mute' | 'unmute' | 'panic' | 'lock' | 'unlock' | 'rename'
> = {
  route(model, command, context) {
    const { source, destination } = findPair(model, command);
    refuseLocked(destination);
    refuseFeedback(model, source, destination);
    const existing = findRoute(model, source.id, destination.id);
    if (existing) {
      if (command.gain !== undefined && source.media === 'audio') existing.gain = command.gain;
      return undefined;
    }
    if (destination.media === 'video')
      model.routes = model.routes.filter((route) => route.destination !== destination.id);
    const gain = source.media === 'audio' ? (command.gain ?? 0) : 0;
    model.routes.push({ source: source.id, destination: destination.id, gain, muted: false });
    const loop = source.media === 'audio' ? context.findLoop(model) : null;
    if (loop)
      throw new CrosspointError(
        'feedback',
        `The sound would go round: ${loop.join(' → ')} → ${loop[0] ?? ''}.`,
        {
          path: 'destination',
          hint: 'Take another part of that way out first.',
        },
      );
    return undefined;
  },

  unroute(model, command) {
    const { source, destination } = findPair(model, command);
    refuseLocked(destination);
    model.routes = model.routes.filter(
      (route) => route.source !== source.id || route.destination !== destination.id,
    );
    return undefined;
  },

  setGain(model, { gain, id, source, destination }) {
    if (id !== undefined) {
      const channel = findStrip(model, id);
      if ('media' in channel && channel.media === 'video')
        throw new CrosspointError(
          'wrong-media',
          `${channel.label} (${channel.id}) is video: it has no gain.`,
          { path: 'id' },
        );
      if ('locked' in channel) refuseLocked(channel);
      channel.gain = gain;
      return undefined;
    }
    const route = routeOf(model, source, destination);
    refuseLocked(route.end);
    if (route.end.media === 'video')
      throw new CrosspointError(
        'wrong-media',
        `${route.end.label} (${route.end.id}) is video: its routes have no gain.`,
        { path: 'destination' },
      );
    route.route.gain = gain;
    return undefined;
  },

  mute: (model, command) => setMuted(model, command, true),
  unmute: (model, command) => setMuted(model, command, false),

  panic(model) {
    for (const source of model.sources)
      if (source.kind === 'microphone' || source.kind === 'ingest-audio') source.muted = true;
    for (const destination of model.destinations) if (destination.media === 'video') destination.muted = true;
    return undefined;
  },

  lock: (model, { id }) => setLocked(model, id, true),
  unlock: (model, { id }) => setLocked(model, id, false),

  /** A gadget's channels follow its name, unless they were given one of their own. */
  rename(model, { id, name }) {
    const gadget = model.gadgets.find((candidate) => candidate.id === id);
    if (!gadget) {
      const channel = findStrip(model, id);
      if ('locked' in channel) refuseLocked(channel);
      channel.label = name;
      return undefined;
    }
    for (const channel of [...model.sources, ...model.destinations])
      if ('gadget' in channel && channel.gadget === gadget.id && channel.label === gadget.label)
        channel.label = name;
    gadget.label = name;
    return undefined;
  },
};

function routeOf(model: ModelDraft, source = '', destination = '') {
  const ends = findPair(model, { source, destination });
  const route = findRoute(model, ends.source.id, ends.destination.id);
  if (!route)
    throw new CrosspointError('not-found', `${ends.source.id} is not routed to ${ends.destination.id}.`, {
      hint: 'Route it first.',
    });
  return { route, end: ends.destination };
}

function setMuted(
  model: ModelDraft,
  {
    id,
    source,
    destination,
  }: {
    readonly id?: string | undefined;
    readonly source?: string | undefined;
    readonly destination?: string | undefined;
  },
  muted: boolean,
): undefined {
  if (id === 'microphones') {
    for (const channel of model.sources) if (channel.kind === 'microphone') channel.muted = muted;
  } else if (id === undefined) routeOf(model, source, destination).route.muted = muted;
  else findStrip(model, id).muted = muted;
}

function setLocked(model: ModelDraft, id: string, locked: boolean): undefined {
  const channel = findChannel(model, id);
  if (!('locked' in channel))
    throw new CrosspointError(
      'bad-request',
      `${channel.label} (${channel.id}) is a source; only destinations can be locked.`,
      { path: 'id' },
    );
  channel.locked = locked;
}
