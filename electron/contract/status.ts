import { z } from 'zod';
import { FoundCamera } from './camera.ts';
import { FoundGadget, GadgetManagement } from './management.ts';

/** What is so now for one crosspoint. */
export const CELL_STATES = ['off', 'pending', 'live', 'degraded', 'error', 'offline', 'impossible'] as const;
export const CellStatus = z.object({
  state: z.enum(CELL_STATES),
  /** One sentence for the person: why it is so, and what to do. Absent when there is nothing to say. */
  reason: z.string().optional(),
  /** Audio: delay of this path through the mixer, in milliseconds. */
  latencyMs: z.number().optional(),
  /** Audio: what it aims at. Well above it, the path has fallen behind; `latency.reset` brings it back. */
  targetMs: z.number().optional(),
  /** Audio: level as it is now, when something other than Crosspoint changed it. */
  heard: z.object({ gain: z.number(), muted: z.boolean() }).optional(),
});
export type CellStatus = z.infer<typeof CellStatus>;
export type CellState = CellStatus['state'];

/** A source or destination as observed. */
export const DeviceStatus = z.object({
  state: z.enum(['online', 'offline', 'error']),
  reason: z.string().optional(),
  /** Video: the picture as it comes in. */
  width: z.int().optional(),
  height: z.int().optional(),
  fps: z.number().optional(),
});
export type DeviceStatus = z.infer<typeof DeviceStatus>;

export const GadgetStatus = z.object({
  /** RTMP: is the gadget playing its stream? */
  video: z.enum(['connected', 'offline']),
  /** PulseAudio: are the gadget's streams on its two buses? */
  audio: z.enum(['connected', 'offline']),
  /** What the client computer negotiated for the webcam. */
  format: z.object({ width: z.int(), height: z.int(), fps: z.number() }).optional(),
  stats: z.record(z.string(), z.number()).optional(),
  /** PulseAudio: latency of its streams at the box in milliseconds, and how often one ran empty or over. */
  sound: z
    .object({ micMs: z.number().optional(), returnMs: z.number().optional(), xruns: z.int() })
    .optional(),
  remoteAddress: z.string().optional(),
  /** Absent when it has no host: then it is not managed over SSH. */
  management: GadgetManagement.optional(),
});
export type GadgetStatus = z.infer<typeof GadgetStatus>;

/** Something that needs a person; stays until it is solved. */
export const Problem = z.object({
  id: z.string(),
  severity: z.enum(['warning', 'error']),
  message: z.string(),
  hint: z.string().optional(),
  /** The source, destination or gadget that it is about. */
  subject: z.string().optional(),
});
export type Problem = z.infer<typeof Problem>;

export const ServiceStatus = z.object({
  state: z.enum(['starting', 'ready', 'failed']),
  reason: z.string().optional(),
  /** Program and version, e.g. `PulseAudio 16.1`, `ffmpeg 5.1`. */
  version: z.string().optional(),
  /** Where it is reached. */
  address: z.string().optional(),
  /** True when Crosspoint started it for itself. */
  private: z.boolean().optional(),
  /** Of the sound server: what mixes on it now, see the setting `soundMixer`. */
  mixer: z.enum(['loopbacks', 'own']).optional(),
});
export type ServiceStatus = z.infer<typeof ServiceStatus>;

/** Echo cancelling of one microphone. */
export const EchoStatus = z.object({
  /** `waiting`: the microphone or the reference speaker is away. */
  state: z.enum(['running', 'starting', 'waiting', 'error']),
  reason: z.string().optional(),
  /** Delay that it adds, in milliseconds. */
  delayMs: z.number().optional(),
});
export type EchoStatus = z.infer<typeof EchoStatus>;

export const Status = z.object({
  devices: z.record(z.string(), DeviceStatus),
  /** By `<source>|<destination>`. */
  cells: z.record(z.string(), CellStatus),
  /** By webcam, mic and return id: does the client use it now? */
  tally: z.record(z.string(), z.boolean()),
  gadgets: z.record(z.string(), GadgetStatus),
  services: z.object({ sound: ServiceStatus, rtmp: ServiceStatus, ffmpeg: ServiceStatus }),
  /** Where gadgets reach the sound server over the network; absent when they do not. */
  listening: ServiceStatus.optional(),
  /** By microphone id, for each with echo cancelling. */
  echo: z.record(z.string(), EchoStatus),
  /** Sources and gadget mics that are listened to on the solo headphones. Not persisted. */
  solo: z.array(z.string()),
  /** Ids of microphones under a push-to-talk or a cough key. Not persisted. */
  held: z.object({ talk: z.array(z.string()), cough: z.array(z.string()) }),
  /** The scene that was recalled or saved last, and while its gains still glide, how long (ms). */
  scene: z.object({ name: z.string(), fadingMs: z.number().optional() }).nullable(),
  /** Talk-over is lowering the returns now. */
  ducking: z.boolean(),
  /** What is there and could be added. */
  found: z.object({ cameras: z.array(FoundCamera), gadgets: z.array(FoundGadget) }),
  problems: z.array(Problem),
  history: z.object({ undo: z.string().nullable(), redo: z.string().nullable() }),
  /** True while the demo rig runs. */
  demo: z.boolean(),
});
export type Status = z.infer<typeof Status>;

export const EMPTY_STATUS: Status = {
  devices: {},
  cells: {},
  tally: {},
  gadgets: {},
  services: { sound: { state: 'starting' }, rtmp: { state: 'starting' }, ffmpeg: { state: 'starting' } },
  echo: {},
  solo: [],
  held: { talk: [], cough: [] },
  scene: null,
  ducking: false,
  found: { cameras: [], gadgets: [] },
  problems: [],
  history: { undo: null, redo: null },
  demo: false,
};
