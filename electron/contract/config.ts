import { z } from 'zod';
import { GainDb } from './gain.ts';
import { DestinationId, GadgetId, SourceId } from './ids.ts';

/** What people call a thing: one line, 1 to 80 characters, no control characters. */
export const Label = z
  .string()
  .trim()
  .min(1, 'a name must not be empty')
  .max(80, 'a name has at most 80 characters')
  .regex(/^[^\p{Cc}]*$/u, 'a name must not contain control characters');

export const PATTERNS = [
  'smpte',
  'bars',
  'red',
  'green',
  'blue',
  'gray',
  'noise',
  'mandelbrot',
  'clock',
] as const;

/** How a camera's pictures are made or fetched. */
export const CameraSettings = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('test'), pattern: z.enum(PATTERNS).default('smpte') }),
  z.strictObject({ kind: z.literal('image'), file: z.string().min(1).max(4096) }),
  z.strictObject({
    kind: z.literal('v4l2'),
    /** Stable path: `/dev/v4l/by-id/…`. */
    device: z.string().regex(/^\/dev\//, 'a V4L2 device is a path under /dev'),
    width: z.int().min(16).max(7680).optional(),
    height: z.int().min(16).max(4320).optional(),
    fps: z.number().min(1).max(120).optional(),
  }),
  z.strictObject({ kind: z.literal('url'), url: z.string().min(1).max(4096) }),
  z.strictObject({
    kind: z.literal('screen'),
    display: z
      .string()
      .regex(/^[A-Za-z0-9_.-]*:\d+(\.\d+)?$/)
      .default(':0'),
  }),
]);
export type CameraSettings = z.infer<typeof CameraSettings>;
export type CameraSettingsInput = z.input<typeof CameraSettings>;

const channel = { label: Label, muted: z.boolean().default(false) };
const audioChannel = { ...channel, media: z.literal('audio'), gain: GainDb.default(0) };
const videoChannel = { ...channel, media: z.literal('video') };

export const Source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('camera'), id: SourceId, ...videoChannel, camera: CameraSettings }),
  z.object({ kind: z.literal('ingest'), id: SourceId, ...videoChannel }),
  /** The sound of an ingest: `ingest:<slug>.audio`. */
  z.object({ kind: z.literal('ingest-audio'), id: SourceId, ...audioChannel, ingest: SourceId }),
  /** A sound device of the box, found by itself; `device` is its PulseAudio name, its identity. */
  z.object({ kind: z.literal('microphone'), id: SourceId, ...audioChannel, device: z.string().min(1) }),
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
    ...audioChannel,
    locked: z.boolean().default(false),
    gadget: GadgetId,
  }),
  z.object({
    kind: z.literal('speaker'),
    id: DestinationId,
    ...audioChannel,
    locked: z.boolean().default(false),
    device: z.string().min(1),
  }),
]);
export type Destination = z.infer<typeof Destination>;

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
});
export type Gadget = z.infer<typeof Gadget>;

/** A named snapshot of routes, gains and mutes. */
export const Scene = z.object({
  name: Label,
  routes: z.array(Route),
  channels: z.record(z.string(), z.object({ muted: z.boolean(), gain: GainDb.optional() })),
});
export type Scene = z.infer<typeof Scene>;

/** The desired routing: everything the operator asked for. Served as `config` by the API. */
export const Config = z.object({
  sources: z.array(Source),
  destinations: z.array(Destination),
  routes: z.array(Route),
  scenes: z.array(Scene),
  gadgets: z.array(Gadget),
});
export type Config = z.infer<typeof Config>;

export const EMPTY_CONFIG: Config = { sources: [], destinations: [], routes: [], scenes: [], gadgets: [] };

export type Media = 'audio' | 'video';
export const isAudio = <T extends { readonly media: Media }>(
  channel: T,
): channel is Extract<T, { media: 'audio' }> => channel.media === 'audio';
