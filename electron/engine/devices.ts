import { type AudioStatus, type SoundDevice } from '../audio/plane.ts';
import { Destination, type FoundCamera, slugify, Source } from '../contract/index.ts';
import { freeSlug } from './commands/resolve.ts';
import { type Model } from './store/model.ts';

/**
 * Take sound devices that are new into the model. Known ones keep their ids, routes and settings whether they are
 * there or not. A device which appears on a rig in use comes muted; on the first start of all (`fresh`) nothing is
 * routed yet, so what is there comes as it is.
 */
export function adoptDevices(
  model: Model,
  devices: NonNullable<AudioStatus['devices']>,
  fresh: boolean,
): Model {
  const known = new Set(
    [...model.sources, ...model.destinations].flatMap((c) =>
      'device' in c ? [`${c.kind} ${c.device}`] : [],
    ),
  );
  const isNew = (kind: string) => (device: SoundDevice) => !known.has(`${kind} ${device.name}`);
  const microphones = devices.microphones.filter(isNew('microphone'));
  const speakers = devices.speakers.filter(isNew('speaker'));
  if (microphones.length === 0 && speakers.length === 0) return model;
  const sources = [...model.sources];
  const destinations = [...model.destinations];
  const common = (device: SoundDevice) => ({
    media: 'audio',
    label: labelOf(device),
    muted: !fresh,
    device: device.name,
  });
  for (const device of microphones) {
    const slug = freeSlug(slugify(device.name, 'mic'), (candidate) =>
      sources.some(({ id }) => id === `mic:${candidate}`),
    );
    sources.push(Source.parse({ kind: 'microphone', id: `mic:${slug}`, ...common(device) }));
  }
  for (const device of speakers) {
    const slug = freeSlug(slugify(device.name, 'speaker'), (candidate) =>
      destinations.some(({ id }) => id === `speaker:${candidate}`),
    );
    destinations.push(Destination.parse({ kind: 'speaker', id: `speaker:${slug}`, ...common(device) }));
  }
  return { ...model, sources, destinations };
}

/** Take V4L2 cameras that are new into the model, by the same rules as sound devices. */
export function adoptCameras(model: Model, cameras: readonly FoundCamera[], fresh: boolean): Model {
  const known = new Set(
    model.sources.flatMap((source) =>
      source.kind === 'camera' && source.camera.kind === 'v4l2' ? [source.camera.device] : [],
    ),
  );
  const newcomers = cameras.filter(({ device }) => !known.has(device));
  if (newcomers.length === 0) return model;
  const sources = [...model.sources];
  for (const { device, label } of newcomers) {
    const slug = freeSlug(slugify(label, 'camera'), (candidate) =>
      sources.some(({ id }) => id === `cam:${candidate}`),
    );
    sources.push(
      Source.parse({
        kind: 'camera',
        id: `cam:${slug}`,
        media: 'video',
        label: labelOf({ name: device, description: label }),
        muted: !fresh,
        camera: { kind: 'v4l2', device },
      }),
    );
  }
  return { ...model, sources };
}

/** One line of at most 80 characters, never empty. */
function labelOf({ name, description }: SoundDevice): string {
  const clean = (text: string): string =>
    text
      .replace(/\p{Cc}+/gu, ' ')
      .trim()
      .slice(0, 80)
      .trim();
  return clean(description) || clean(name) || 'Sound device';
}
