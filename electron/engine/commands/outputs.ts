import {
  CrosspointError,
  Destination,
  DestinationId,
  Gadget,
  GadgetId,
  Source,
  slugify,
} from '../../contract/index.ts';
import { type Handlers, type ModelDraft } from './context.ts';
import { setSecret } from './inputs.ts';
import { findDestination, findGadget, freeSlug, refuseLocked } from './resolve.ts';
import { dropRoutes, forgetReferences } from './routing.ts';

export const outputs: Handlers<
  'gadget.add' | 'gadget.update' | 'gadget.remove' | 'program.add' | 'program.remove'
> = {
  'gadget.add'(model, { name, host, user, port }, context) {
    const id = GadgetId.parse(
      freeSlug(slugify(name, 'gadget'), (slug) => model.gadgets.some((gadget) => gadget.id === slug)),
    );
    model.gadgets.push(Gadget.parse({ id, label: name, host, user, port }));
    const own = { label: name, gadget: id };
    model.sources.push(Source.parse({ kind: 'return', id: `${id}.return`, media: 'audio', ...own }));
    model.destinations.push(
      Destination.parse({ kind: 'webcam', id: `${id}.webcam`, media: 'video', ...own }),
      Destination.parse({ kind: 'mic', id: `${id}.mic`, media: 'audio', ...own }),
    );
    return { id, token: setSecret(model, id, context) };
  },

  'gadget.update'(model, { id, host, user, port, mixMinus }) {
    const gadget = findGadget(model, id);
    if (host !== undefined) gadget.host = host;
    if (user !== undefined) gadget.user = user;
    if (port !== undefined) gadget.port = port;
    if (mixMinus !== undefined) setMixMinus(model, gadget, mixMinus);
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
    forgetReferences(model, gone);
    return undefined;
  },

  'program.add'(model, { name }) {
    const slug = freeSlug(slugify(name, 'program'), (candidate) =>
      model.destinations.some(({ id }) => id === `program:${candidate}`),
    );
    const id = DestinationId.parse(`program:${slug}`);
    model.destinations.push(Destination.parse({ kind: 'program', id, media: 'video', label: name }));
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
    forgetReferences(model, new Set([program.id]));
    return undefined;
  },
};

/** Locked again, a gadget's own return leaves its own microphone. */
function setMixMinus(model: ModelDraft, gadget: ModelDraft['gadgets'][number], mixMinus: boolean): void {
  gadget.mixMinus = mixMinus;
  if (!mixMinus) return;
  const own = (id: string) => id === `${gadget.id}.return`;
  dropRoutes(model, ({ source, destination }) => own(source) && destination === `${gadget.id}.mic`);
}
