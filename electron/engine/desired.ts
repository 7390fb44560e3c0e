import { type AudioDesired, type AudioDestinationDesired, type AudioSourceDesired } from '../audio/plane.ts';
import { type VideoDesired, type VideoOutputDesired, type VideoSourceDesired } from '../video/plane.ts';
import { type Model } from './store/model.ts';

const secretsOf = (model: Model): ReadonlyMap<string, string> =>
  new Map(model.secrets.map(({ id, secret }) => [id, secret]));

/** What the video plane shall do for this model. Pure. */
export function videoDesired(model: Model): VideoDesired {
  const secrets = secretsOf(model);
  const routed = new Map(model.routes.map(({ source, destination }) => [destination, source]));
  return {
    sources: model.sources.flatMap((source): VideoSourceDesired[] => {
      const { id, label, muted } = source;
      if (source.kind === 'camera') return [{ id, label, muted, kind: 'camera', camera: source.camera }];
      if (source.kind === 'ingest') return [{ id, label, muted, kind: 'ingest', key: secrets.get(id) ?? '' }];
      return [];
    }),
    gadgets: model.gadgets.map(({ id }) => ({ id, token: secrets.get(id) ?? '' })),
    outputs: model.destinations.flatMap((destination): VideoOutputDesired[] => {
      const { id, label, muted } = destination;
      const source = routed.get(id) ?? null;
      if (destination.kind === 'webcam')
        return [{ id, label, muted, source, kind: 'webcam', gadget: destination.gadget }];
      if (destination.kind === 'program') return [{ id, label, muted, source, kind: 'program' }];
      return [];
    }),
  };
}

/** What the mixer shall do for this model. Pure. */
export function audioDesired(model: Model): AudioDesired {
  const sources = model.sources.flatMap((source): AudioSourceDesired[] => {
    if (source.media === 'video') return [];
    const common = { id: source.id, gainDb: source.gain, muted: source.muted };
    switch (source.kind) {
      case 'microphone':
        return [{ ...common, kind: 'microphone', device: source.device }];
      case 'return':
        return [{ ...common, kind: 'return', gadget: source.gadget }];
      case 'ingest-audio':
        return [];
    }
  });
  const destinations = model.destinations.flatMap((destination): AudioDestinationDesired[] => {
    if (destination.media === 'video') return [];
    const common = { id: destination.id, gainDb: destination.gain, muted: destination.muted };
    return destination.kind === 'mic'
      ? [{ ...common, kind: 'mic', gadget: destination.gadget }]
      : [{ ...common, kind: 'speaker', device: destination.device }];
  });
  const audible = new Set<string>(sources.map(({ id }) => id));
  return {
    gadgets: model.gadgets.map(({ id, label }) => ({ id, label })),
    sources,
    destinations,
    routes: model.routes
      .filter(({ source }) => audible.has(source))
      .map(({ source, destination, gain, muted }) => ({ source, destination, gainDb: gain, muted })),
  };
}
