import { isDeepStrictEqual } from 'node:util';
import { current, isDraft } from 'immer';
import { CrosspointError, type Scene } from '../../contract/index.ts';
import { type Handlers, type ModelDraft } from './context.ts';
import { findDestination } from './resolve.ts';

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

const NAME_LENGTH = 80;

/** Its own name, also when the very same scene is here already; else with a number that nobody has. */
function freeName(model: ModelDraft, scene: Scene): string {
  for (let number = 1; ; number++) {
    const end = number === 1 ? '' : ` (${number})`;
    const name = scene.name.slice(0, NAME_LENGTH - end.length) + end;
    const known = model.scenes.find((candidate) => candidate.name === name);
    if (!known || isDeepStrictEqual(isDraft(known) ? current(known) : known, { ...scene, name })) return name;
  }
}

export const scenes: Handlers<'scene.save' | 'scene.recall' | 'scene.delete' | 'scene.import'> = {
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

  /**
   * Locked destinations and safe channels stay as they are, and so does what was not asked for; what the scene does not know stays; what is gone is passed over.
   */
  'scene.recall'(model, { name, destinations, media }) {
    const scene = find(model, name);
    const wanted = destinations?.map(
      (reference) => findDestination(model, reference, media, 'destinations').id,
    );
    const kept = new Set<string>(
      model.destinations
        .filter(
          (destination) =>
            destination.locked ||
            destination.safe ||
            (wanted !== undefined && !wanted.includes(destination.id)) ||
            (media !== undefined && media !== destination.media),
        )
        .map(({ id }) => id),
    );
    const ends = new Set<string>([...model.sources, ...model.destinations].map(({ id }) => id));
    model.routes = [
      ...model.routes.filter(({ destination }) => kept.has(destination)),
      ...scene.routes
        .filter(
          ({ source, destination }) => !kept.has(destination) && ends.has(source) && ends.has(destination),
        )
        .map((route) => ({ ...route })),
    ];
    // Sources and groups belong to no single destination: a recall of some destinations leaves them.
    const strips = wanted ? model.destinations : [...model.sources, ...model.destinations, ...model.groups];
    for (const channel of strips) {
      const saved = scene.channels[channel.id];
      if (!saved || kept.has(channel.id)) continue;
      if ('safe' in channel && channel.safe) continue;
      if (media !== undefined && ('media' in channel ? channel.media : 'audio') !== media) continue;
      channel.muted = saved.muted;
      if ('gain' in channel && saved.gain !== undefined) channel.gain = saved.gain;
    }
    return undefined;
  },

  'scene.import'(model, { scene }) {
    const name = freeName(model, scene);
    if (!model.scenes.some((known) => known.name === name)) model.scenes.push({ ...scene, name });
    return { name };
  },

  'scene.delete'(model, { name }) {
    const scene = find(model, name);
    model.scenes = model.scenes.filter((candidate) => candidate !== scene);
    return undefined;
  },
};
