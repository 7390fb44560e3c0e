import { CrosspointError, DestinationId, GadgetId, SourceId, slugify } from '../../contract/index.ts';
import { type Handlers, type ModelDraft } from './context.ts';
import { setSecret } from './inputs.ts';
import { findDestination, findGadget, freeSlug, refuseLocked } from './resolve.ts';
import { dropRoutes } from './routing.ts';

export const outputs: Handlers<
  'gadget.add' | 'gadget.update' | 'gadget.remove' | 'program.add' | 'program.remove'
> = {
  'gadget.add'(model, { name, host, user, port }, context) {
    const id = GadgetId.parse(
      freeSlug(slugify(name, 'gadget'), (slug) => model.gadgets.some((gadget) => gadget.id === slug)),
    );
    model.gadgets.push({ id, label: name, host, user: user ?? 'pi', port: port ?? 22 });
    model.sources.push({
      kind: 'return',
      id: SourceId.parse(`${id}.return`),
      media: 'audio',
      label: name,
      muted: false,
      gain: 0,
      gadget: id,
    });
    model.destinations.push(
      {
        kind: 'webcam',
        id: DestinationId.parse(`${id}.webcam`),
        media: 'video',
        label: name,
        muted: false,
        locked: false,
        gadget: id,
      },
      {
        kind: 'mic',
        id: DestinationId.parse(`${id}.mic`),
        media: 'audio',
        label: name,
        muted: false,
        gain: 0,
        locked: false,
        gadget: id,
      },
    );
    return { id, token: setSecret(model, id, context) };
  },

  'gadget.update'(model, { id, host, user, port }) {
    const gadget = findGadget(model, id);
    if (host !== undefined) gadget.host = host;
    if (user !== undefined) gadget.user = user;
    if (port !== undefined) gadget.port = port;
    return undefined;
  },

  'gadget.remove'(model, { id: reference }) {
    const { id } = findGadget(model, reference);
    const own = (channel: ModelDraft['sources'][number] | ModelDraft['destinations'][number]): boolean =>
      'gadget' in channel && channel.gadget === id;
    for (const destination of model.destinations.filter(own)) refuseLocked(destination);
    const gone = new Set<string>(
      [...model.sources, ...model.destinations].filter(own).map((channel) => channel.id),
    );
    dropRoutes(model, ({ source, destination }) => gone.has(source) || gone.has(destination));
    model.sources = model.sources.filter((source) => !own(source));
    model.destinations = model.destinations.filter((destination) => !own(destination));
    model.gadgets = model.gadgets.filter((gadget) => gadget.id !== id);
    model.secrets = model.secrets.filter((secret) => secret.id !== id);
    return undefined;
  },

  'program.add'(model, { name }) {
    const slug = freeSlug(slugify(name, 'program'), (candidate) =>
      model.destinations.some(({ id }) => id === `program:${candidate}`),
    );
    const id = DestinationId.parse(`program:${slug}`);
    model.destinations.push({
      kind: 'program',
      id,
      media: 'video',
      label: name,
      muted: false,
      locked: false,
    });
    return { id };
  },

  'program.remove'(model, { id: reference }) {
    const program = findDestination(model, reference, 'video', 'id');
    if (program.kind !== 'program')
      throw new CrosspointError('bad-request', `${program.label} (${program.id}) is no program.`, {
        path: 'id',
      });
    refuseLocked(program);
    dropRoutes(model, ({ destination }) => destination === program.id);
    model.destinations = model.destinations.filter((destination) => destination !== program);
    return undefined;
  },
};
