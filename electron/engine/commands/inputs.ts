import { type CameraSettings, CrosspointError, Source, SourceId, slugify } from '../../contract/index.ts';
import { type CommandContext, type Handlers, type ModelDraft } from './context.ts';
import { findSource, findSourceOf, freeSlug } from './resolve.ts';
import { dropRoutes, forgetReferences } from './routing.ts';

const freeSourceId = (model: ModelDraft, kind: 'cam' | 'ingest' | 'mic', name: string): SourceId => {
  const slug = freeSlug(slugify(name, kind), (candidate) =>
    model.sources.some(({ id }) => id === `${kind}:${candidate}`),
  );
  return SourceId.parse(`${kind}:${slug}`);
};

function removeSources(model: ModelDraft, ids: readonly string[]): void {
  dropRoutes(model, ({ source }) => ids.includes(source));
  model.sources = model.sources.filter(({ id }) => !ids.includes(id));
  model.secrets = model.secrets.filter(({ id }) => !ids.includes(id));
  forgetReferences(model, new Set(ids));
}

/** A composed picture is made of cameras and ingests that are there, and not of other composed ones. */
function refuseComposition(model: ModelDraft, id: string, camera: CameraSettings): void {
  if (camera.kind !== 'composed') return;
  for (const path of ['main', 'inset'] as const) {
    const member = findSource(model, camera[path], path);
    if (member.media !== 'video' || member.id === id)
      throw new CrosspointError('wrong-media', `${member.label} (${member.id}) cannot be a part of it.`, {
        path,
        hint: 'Take a camera or an ingest.',
      });
    if (member.kind === 'camera' && member.camera.kind === 'composed')
      throw new CrosspointError('bad-request', `${member.label} (${member.id}) is composed itself.`, {
        path,
        hint: 'Take a camera or an ingest.',
      });
  }
}

export function setSecret(model: ModelDraft, id: string, context: CommandContext): string {
  const secret = context.newSecret();
  model.secrets = [...model.secrets.filter((entry) => entry.id !== id), { id, secret }];
  return secret;
}

export const inputs: Handlers<
  | 'camera.add'
  | 'camera.update'
  | 'camera.remove'
  | 'ingest.add'
  | 'ingest.regenerate'
  | 'ingest.update'
  | 'ingest.remove'
  | 'device.forget'
  | 'reveal'
> = {
  'camera.add'(model, { type: _, name, ...camera }) {
    const id = freeSourceId(model, 'cam', name);
    refuseComposition(model, id, camera);
    model.sources.push(Source.parse({ kind: 'camera', id, label: name, media: 'video', camera }));
    return { id };
  },

  'camera.update'(model, { type: _, id, ...camera }) {
    const source = findSourceOf(model, id, 'camera');
    refuseComposition(model, source.id, camera);
    source.camera = camera satisfies CameraSettings;
    return undefined;
  },

  'camera.remove'(model, { id }, context) {
    const source = findSourceOf(model, id, 'camera');
    if (source.camera.kind === 'v4l2' && context.isOnline(source.id))
      throw new CrosspointError('in-use', `${source.label} is plugged in; it would come back at once.`, {
        path: 'id',
        hint: 'Unplug it first, or mute it.',
      });
    removeSources(model, [source.id]);
    return undefined;
  },

  'ingest.add'(model, { name }, context) {
    const id = freeSourceId(model, 'ingest', name);
    model.sources.push(
      Source.parse({ kind: 'ingest', id, label: name, media: 'video' }),
      Source.parse({ kind: 'ingest-audio', id: `${id}.audio`, label: name, media: 'audio', ingest: id }),
    );
    return { id, key: setSecret(model, id, context) };
  },

  'ingest.regenerate'(model, { id }, context) {
    const ingest = findSourceOf(model, id, 'ingest');
    return { id: ingest.id, key: setSecret(model, ingest.id, context) };
  },

  'ingest.update'(model, { id, takeOver }) {
    const ingest = findSourceOf(model, id, 'ingest');
    if (takeOver !== undefined) ingest.takeOver = takeOver;
    return undefined;
  },

  'ingest.remove'(model, { id }) {
    const ingest = findSourceOf(model, id, 'ingest');
    removeSources(model, [ingest.id, `${ingest.id}.audio`]);
    return undefined;
  },

  'device.forget'(model, { id }, context) {
    const channel = [...model.sources, ...model.destinations].find((candidate) => candidate.id === id);
    if (channel?.kind !== 'microphone' && channel?.kind !== 'speaker')
      throw new CrosspointError('unknown-id', `There is no microphone or speaker "${id}".`, { path: 'id' });
    if (context.isOnline(channel.id))
      throw new CrosspointError('in-use', `${channel.label} is connected; it would come back at once.`, {
        path: 'id',
        hint: 'Unplug it first.',
      });
    if (channel.kind === 'microphone') removeSources(model, [channel.id]);
    else {
      dropRoutes(model, ({ destination }) => destination === channel.id);
      model.destinations = model.destinations.filter((candidate) => candidate !== channel);
      forgetReferences(model, new Set([channel.id]));
    }
    return undefined;
  },

  reveal(model, { id }) {
    const owners = [...model.sources.filter(({ kind }) => kind === 'ingest'), ...model.gadgets];
    const named = ({ label }: { readonly label: string }): boolean =>
      label.toLowerCase() === id.toLowerCase();
    const owner = owners.find((candidate) => candidate.id === id) ?? owners.find(named);
    const entry = model.secrets.find((secret) => secret.id === owner?.id);
    if (!entry)
      throw new CrosspointError('unknown-id', `There is no ingest or gadget "${id}".`, { path: 'id' });
    return entry.id.startsWith('ingest:')
      ? { id: entry.id, key: entry.secret }
      : { id: entry.id, token: entry.secret };
  },
};
