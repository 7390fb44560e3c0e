import { CrosspointError } from '../../contract/index.ts';
import { type Handlers, type ModelDraft } from './context.ts';

const find = (model: ModelDraft, name: string): ModelDraft['scenes'][number] => {
  const scene = model.scenes.find((candidate) => candidate.name === name);
  if (scene) return scene;
  throw new CrosspointError('unknown-id', `There is no scene "${name}".`, {
    path: 'name',
    hint:
      model.scenes.length === 0
        ? 'None was saved yet.'
        : `There is: ${model.scenes.map((s) => s.name).join(', ')}.`,
  });
};

export const scenes: Handlers<'scene.save' | 'scene.recall' | 'scene.delete'> = {
  'scene.save'(model, { name }) {
    const scene = {
      name,
      routes: model.routes.map((route) => ({ ...route })),
      channels: Object.fromEntries(
        [...model.sources, ...model.destinations, ...model.groups].map((channel) => [
          channel.id,
          { muted: channel.muted, ...('gain' in channel ? { gain: channel.gain } : {}) },
        ]),
      ),
    };
    const at = model.scenes.findIndex((candidate) => candidate.name === name);
    if (at >= 0) model.scenes[at] = scene;
    else model.scenes.push(scene);
    return undefined;
  },

  /** Locked destinations stay as they are; what the scene does not know stays; what is gone is passed over. */
  'scene.recall'(model, { name }) {
    const scene = find(model, name);
    const locked = new Set<string>(
      model.destinations.filter((destination) => destination.locked).map(({ id }) => id),
    );
    const ends = new Set<string>([...model.sources, ...model.destinations].map(({ id }) => id));
    model.routes = [
      ...model.routes.filter(({ destination }) => locked.has(destination)),
      ...scene.routes
        .filter(
          ({ source, destination }) => !locked.has(destination) && ends.has(source) && ends.has(destination),
        )
        .map((route) => ({ ...route })),
    ];
    for (const channel of [...model.sources, ...model.destinations, ...model.groups]) {
      const saved = scene.channels[channel.id];
      if (!saved || locked.has(channel.id)) continue;
      channel.muted = saved.muted;
      if ('gain' in channel && saved.gain !== undefined) channel.gain = saved.gain;
    }
    return undefined;
  },

  'scene.delete'(model, { name }) {
    const scene = find(model, name);
    model.scenes = model.scenes.filter((candidate) => candidate !== scene);
    return undefined;
  },
};
