import { type CameraSettings, CrosspointError, SourceId, slugify } from '../../contract/index.ts';
import { type CommandContext, type Handlers, type ModelDraft } from './context.ts';
import { findSource, freeSlug } from './resolve.ts';
import { dropRoutes } from './routing.ts';

const freeSourceId = (model: ModelDraft, kind: 'cam' | 'ingest' | 'mic', name: string): SourceId => {
  const slug = freeSlug(slugify(name, kind), (candidate) =>
    model.sources.some(({ id }) => id === `${kind}:${candidate}`),
  );
  return SourceId.parse(`${kind}:${slug}`);
};

function findKind<K extends 'camera' | 'ingest'>(model: ModelDraft, reference: string, kind: K) {
  const source = findSource(model, reference, 'id');
  if (source.kind !== kind)
    throw new CrosspointError('bad-request', `${source.label} (${source.id}) is no ${kind}.`, { path: 'id' });
  return source as Extract<typeof source, { kind: K }>;
}

function removeSources(model: ModelDraft, ids: readonly string[]): void {
  dropRoutes(model, ({ source }) => ids.includes(source));
  model.sources = model.sources.filter(({ id }) => !ids.includes(id));
  model.secrets = model.secrets.filter(({ id }) => !ids.includes(id));
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
  | 'ingest.remove'
  | 'device.forget'
  | 'reveal'
> = {
  'camera.add'(model, { type: _, name, ...camera }) {
    const id = freeSourceId(model, 'cam', name);
    model.sources.push({
      kind: 'camera',
      id,
      label: name,
      media: 'video',
      muted: false,
      camera: camera satisfies CameraSettings,
    });
    return { id };
  },

  'camera.update'(model, { type: _, id, ...camera }) {
    findKind(model, id, 'camera').camera = camera satisfies CameraSettings;
    return undefined;
  },

  'camera.remove'(model, { id }) {
    removeSources(model, [findKind(model, id, 'camera').id]);
    return undefined;
  },

  'ingest.add'(model, { name }, context) {
    const id = freeSourceId(model, 'ingest', name);
    model.sources.push({ kind: 'ingest', id, label: name, media: 'video', muted: false });
    return { id, key: setSecret(model, id, context) };
  },

  'ingest.regenerate'(model, { id }, context) {
    const ingest = findKind(model, id, 'ingest');
    return { id: ingest.id, key: setSecret(model, ingest.id, context) };
  },

  'ingest.remove'(model, { id }) {
    const ingest = findKind(model, id, 'ingest');
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
