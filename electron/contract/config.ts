import { z } from 'zod';
import { CameraSettings, PictureSettings } from './camera.ts';
import { GainDb } from './gain.ts';
import { DestinationId, GadgetId, GroupId, SourceId } from './ids.ts';

/** What people call a thing: one line, 1 to 80 characters, no control characters. */
export const Label = z
  .string()
  .trim()
  .min(1, 'a name must not be empty')
  .max(80, 'a name has at most 80 characters')
  .regex(/^[^\p{Cc}]*$/u, 'a name must not contain control characters');

/** Colours and icons that people tell channels apart by. */
export const COLOURS = ['red', 'orange', 'yellow', 'green', 'teal', 'blue', 'violet', 'pink'] as const;
export const ICONS = [
  'camera',
  'person',
  'people',
  'presenter',
  'screen',
  'microphone',
  'headset',
  'music',
  'speaker',
  'phone',
  'computer',
  'room',
] as const;
export const Colour = z.enum(COLOURS);
export const Icon = z.enum(ICONS);

const channel = {
  label: Label,
  muted: z.boolean().default(false),
  /** Place among its like: the lower comes first; equal ones stand as they came. */
  order: z.int().min(0).max(100_000).default(0),
  colour: Colour.nullable().default(null),
  /** Null: the icon of its kind. */
  icon: Icon.nullable().default(null),
  /** Scenes do not change it. */
  safe: z.boolean().default(false),
};
const audioChannel = { ...channel, media: z.literal('audio'), gain: GainDb.default(0) };
const videoChannel = { ...channel, media: z.literal('video') };
const pictured = { ...videoChannel, picture: PictureSettings.prefault({}) };

/** Where it stands: a microphone and a speaker with the same tag hear each other. */
const RoomTag = Label.nullable().default(null);

/** Echo cancelling of a microphone. */
export const EchoSettings = z.strictObject({
  /** The speaker whose sound is taken out of the microphone. */
  reference: DestinationId,
  noiseSuppression: z.boolean().default(false),
});
export type EchoSettings = z.infer<typeof EchoSettings>;

/** Extra delay of a destination to trim lip-sync, in milliseconds. */
export const DelayMs = z.int().min(0).max(500);
/** Latency that the crosspoints of a destination aim at, in milliseconds; null: the default of its class. */
export const LatencyMs = z.int().min(2).max(1000).nullable();
/** The largest JPEG that a webcam is sent, in bytes: what its USB budget carries in one frame. */
export const MaxFrameBytes = z.int().min(20_000).max(195_000);
const DEFAULT_MAX_FRAME_BYTES = 100_000;

const audioDestination = {
  ...audioChannel,
  locked: z.boolean().default(false),
  delayMs: DelayMs.default(0),
  latencyMs: LatencyMs.default(null),
};

export const Source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('camera'), id: SourceId, ...pictured, camera: CameraSettings }),
  z.object({
    kind: z.literal('ingest'),
    id: SourceId,
    ...pictured,
    /** A second publisher with the key takes the place of the first; otherwise it is refused. */
    takeOver: z.boolean().default(false),
  }),
  /** The sound of an ingest: `ingest:<slug>.audio`. */
  z.object({ kind: z.literal('ingest-audio'), id: SourceId, ...audioChannel, ingest: SourceId }),
  /** A sound device of the box, found by itself; `device` is its PulseAudio name, its identity. */
  z.object({
    kind: z.literal('microphone'),
    id: SourceId,
    ...audioChannel,
    device: z.string().min(1),
    room: RoomTag,
    echo: EchoSettings.nullable().default(null),
    /** While somebody speaks here, returns are lowered on the speakers that duck. */
    talkOver: z.boolean().default(false),
  }),
  /** What a gadget's client computer plays. */
  z.object({ kind: z.literal('return'), id: SourceId, ...audioChannel, gadget: GadgetId }),
]);
export type Source = z.infer<typeof Source>;

export const Destination = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('webcam'),
    id: DestinationId,
    ...videoChannel,
    locked: z.boolean().default(false),
    gadget: GadgetId,
    maxFrameBytes: MaxFrameBytes.default(DEFAULT_MAX_FRAME_BYTES),
  }),
  z.object({
    kind: z.literal('program'),
    id: DestinationId,
    ...videoChannel,
    locked: z.boolean().default(false),
  }),
  /** What a gadget's client computer hears as its microphone. */
  z.object({
    kind: z.literal('mic'),
    id: DestinationId,
    ...audioDestination,
    gadget: GadgetId,
  }),
  z.object({
    kind: z.literal('speaker'),
    id: DestinationId,
    ...audioDestination,
    device: z.string().min(1),
    room: RoomTag,
    /** How far returns go down here while somebody speaks into a talk-over microphone, in dB; null: they do not. */
    duckDb: z.number().min(-60).max(-1).nullable().default(null),
  }),
]);
export type Destination = z.infer<typeof Destination>;

/** The largest JPEG that a gadget's webcam is sent, in bytes. */
export function maxFrameBytesOf(destinations: readonly Destination[], gadget: string): number {
  for (const destination of destinations)
    if (destination.kind === 'webcam' && destination.gadget === gadget) return destination.maxFrameBytes;
  return DEFAULT_MAX_FRAME_BYTES;
}

/** One crosspoint that is on. `gain` in dB; video routes keep 0. */
export const Route = z.object({
  source: SourceId,
  destination: DestinationId,
  gain: GainDb.default(0),
  muted: z.boolean().default(false),
});
export type Route = z.infer<typeof Route>;

export const Gadget = z.object({
  id: GadgetId,
  label: Label,
  /** Address for SSH; null: not managed, anyone with the token can play it. */
  host: z.string().min(1).max(253).nullable(),
  port: z.int().min(1).max(65535).default(22),
  user: z.string().min(1).max(64).default('pi'),
  /** Its own return never goes to its own microphone. False: unlocked on purpose. */
  mixMinus: z.boolean().default(true),
});
export type Gadget = z.infer<typeof Gadget>;

/** A named snapshot of routes, gains and mutes. */
export const Scene = z.object({
  name: Label,
  routes: z.array(Route),
  /** By id: sources, destinations and groups. */
  channels: z.record(z.string(), z.object({ muted: z.boolean(), gain: GainDb.optional() })),
});
export type Scene = z.infer<typeof Scene>;

/** A DCA and mute group: its gain (dB) is added to its members' paths and its mute mutes them; they are never rewritten. */
export const Group = z.object({
  id: GroupId,
  label: Label,
  gain: GainDb.default(0),
  muted: z.boolean().default(false),
  /** Source and destination ids. The gain is for those of audio. */
  members: z.array(z.union([SourceId, DestinationId])),
});
export type Group = z.infer<typeof Group>;

const OwnImage = z.string().min(1).max(4096).nullable().default(null);

/**
 * What mixes sound: a loopback of the sound server for each crosspoint, or one process of our own, with one stream for
 * each device. `auto`: loopbacks for a few routes, our own mixer for many.
 */
export const SOUND_MIXERS = ['auto', 'loopbacks', 'own'] as const;
export const SoundMixer = z.enum(SOUND_MIXERS);
export type SoundMixer = z.infer<typeof SoundMixer>;

/** Settings of the box as a whole. */
export const Settings = z.object({
  /** So long after the last frame of a source comes the slate, in milliseconds. */
  slateAfterMs: z.int().min(100).max(10_000).default(500),
  /** Image files of the user's own instead of the built-in slates. */
  slates: z.object({ noSignal: OwnImage, muted: OwnImage }).prefault({}),
  /** The headphones that solo (PFL) is heard on. */
  soloDestination: DestinationId.nullable().default(null),
  /** No path gets more than this in total, in dB, whatever its faders and groups add up to. */
  gainCeilingDb: z.number().min(-20).max(20).default(10),
  soundMixer: SoundMixer.default('auto'),
});
export type Settings = z.infer<typeof Settings>;

/** The desired routing: everything the operator asked for. Served as `config` by the API. */
export const Config = z.object({
  sources: z.array(Source),
  destinations: z.array(Destination),
  routes: z.array(Route),
  scenes: z.array(Scene),
  gadgets: z.array(Gadget),
  groups: z.array(Group).default([]),
  settings: Settings.prefault({}),
});
export type Config = z.infer<typeof Config>;

export const EMPTY_CONFIG: Config = {
  sources: [],
  destinations: [],
  routes: [],
  scenes: [],
  gadgets: [],
  groups: [],
  settings: Settings.parse({}),
};

export type Media = 'audio' | 'video';
export const isAudio = <T extends { readonly media: Media }>(
  channel: T,
): channel is Extract<T, { media: 'audio' }> => channel.media === 'audio';
