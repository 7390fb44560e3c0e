import { type AudioDesired, type AudioDestinationDesired, type AudioSourceDesired } from '../audio/plane.ts';
import { GAIN_MIN_DB, type Status } from '../contract/index.ts';
import { type VideoDesired, type VideoOutputDesired, type VideoSourceDesired } from '../video/plane.ts';
import { type Model } from './store/model.ts';

const secretsOf = (model: Model): ReadonlyMap<string, string> =>
  new Map(model.secrets.map(({ id, secret }) => [id, secret]));

/** What the groups add to a member: dB, and a mute. */
interface GroupShare {
  readonly gainDb: number;
  readonly muted: boolean;
}
const NO_GROUP: GroupShare = { gainDb: 0, muted: false };

function groupShares(model: Model): (id: string) => GroupShare {
  const shares = new Map<string, GroupShare>();
  for (const { members, gain, muted } of model.groups)
    for (const id of members) {
      const share = shares.get(id) ?? NO_GROUP;
      shares.set(id, { gainDb: addGains(share.gainDb, gain), muted: share.muted || muted });
    }
  return (id) => shares.get(id) ?? NO_GROUP;
}

/** Decibels add up; silence stays silence. */
const addGains = (a: number, b: number): number =>
  a <= GAIN_MIN_DB || b <= GAIN_MIN_DB ? GAIN_MIN_DB : a + b;

/** What the video plane shall do for this model. Pure. */
export function videoDesired(model: Model): VideoDesired {
  const secrets = secretsOf(model);
  const shareOf = groupShares(model);
  const routed = new Map(model.routes.map(({ source, destination }) => [destination, source]));
  return {
    sources: model.sources.flatMap((source): VideoSourceDesired[] => {
      if (source.media === 'audio') return [];
      const { id, label, picture } = source;
      const common = { id, label, picture, muted: source.muted || shareOf(id).muted };
      return source.kind === 'camera'
        ? [{ ...common, kind: 'camera', camera: source.camera }]
        : [{ ...common, kind: 'ingest', key: secrets.get(id) ?? '', takeOver: source.takeOver }];
    }),
    gadgets: model.gadgets.map(({ id }) => ({ id, token: secrets.get(id) ?? '' })),
    outputs: model.destinations.flatMap((destination): VideoOutputDesired[] => {
      if (destination.media === 'audio') return [];
      const { id, label } = destination;
      const muted = destination.muted || shareOf(id).muted;
      const common = { id, label, muted, source: routed.get(id) ?? null };
      return destination.kind === 'webcam'
        ? [
            {
              ...common,
              kind: 'webcam',
              gadget: destination.gadget,
              maxFrameBytes: destination.maxFrameBytes,
            },
          ]
        : [{ ...common, kind: 'program' }];
    }),
    slates: { afterMs: model.settings.slateAfterMs, ...model.settings.slates },
  };
}

/**
 * What the mixer shall do for this model. Pure.
 * @param solo ids that are listened to
 * @param held microphones under a push-to-talk or a cough key
 */
export function audioDesired(
  model: Model,
  solo: readonly string[] = [],
  held: Status['held'] = { talk: [], cough: [] },
): AudioDesired {
  const shareOf = groupShares(model);
  const levelOf = ({ id, gain, muted }: { id: string; gain: number; muted: boolean }): GroupShare => {
    const share = shareOf(id);
    return { gainDb: addGains(gain, share.gainDb), muted: muted || share.muted };
  };
  const sources = model.sources.flatMap((source): AudioSourceDesired[] => {
    if (source.media === 'video') return [];
    const muted = held.cough.includes(source.id) || (source.muted && !held.talk.includes(source.id));
    const common = { id: source.id, ...levelOf({ ...source, muted }) };
    switch (source.kind) {
      case 'microphone':
        return [
          {
            ...common,
            kind: 'microphone',
            device: source.device,
            echo: source.echo,
            talkOver: source.talkOver,
          },
        ];
      case 'return':
        return [{ ...common, kind: 'return', gadget: source.gadget }];
      case 'ingest-audio':
        return [{ ...common, kind: 'feed', ingest: source.ingest, label: source.label }];
    }
  });
  const destinations = model.destinations.flatMap((destination): AudioDestinationDesired[] => {
    if (destination.media === 'video') return [];
    const { id, delayMs, latencyMs } = destination;
    const common = { id, ...levelOf(destination), delayMs, latencyMs };
    return destination.kind === 'mic'
      ? [{ ...common, kind: 'mic', gadget: destination.gadget }]
      : [{ ...common, kind: 'speaker', device: destination.device, duckDb: destination.duckDb }];
  });
  const audible = new Set<string>(sources.map(({ id }) => id));
  return {
    gadgets: model.gadgets.map(({ id, label }) => ({ id, label })),
    sources,
    destinations,
    routes: model.routes
      .filter(({ source }) => audible.has(source))
      .map(({ source, destination, gain, muted }) => ({ source, destination, gainDb: gain, muted })),
    solo: {
      on: model.settings.soloDestination,
      ids: [...sources, ...destinations].map(({ id }) => id).filter((id) => solo.includes(id)),
    },
    gainCeilingDb: model.settings.gainCeilingDb,
    mixer: model.settings.soundMixer,
  };
}
