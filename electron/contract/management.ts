import { z } from 'zod';

/** What the box does to a gadget over SSH. */
export const GADGET_ACTIONS = [
  'provision',
  'update-software',
  'rollback',
  'uninstall',
  'reboot',
  'identify',
  'check',
] as const;
export type GadgetAction = (typeof GADGET_ACTIONS)[number];

/** One step of an action, in the order in which they are taken. */
export const ManagementStep = z.object({
  id: z.string(),
  title: z.string(),
  /** `done`: it was so already. `changed`: it was not, and is now. */
  state: z.enum(['waiting', 'running', 'done', 'changed', 'failed']),
  /** One sentence: what was found, what is being done, or what went wrong. */
  detail: z.string().optional(),
  /** What the person can do about a failure. */
  hint: z.string().optional(),
  /** 0…1 while it runs, where that is known. */
  progress: z.number().min(0).max(1).optional(),
});
export type ManagementStep = z.infer<typeof ManagementStep>;

/** How a Pi is, by one call every half minute. What is not known is left out. */
export const GadgetHealth = z.object({
  /** When it was asked: milliseconds since 1970. */
  at: z.number(),
  board: z.string().optional(),
  os: z.string().optional(),
  kernel: z.string().optional(),
  architecture: z.string().optional(),
  /** Version of the gadget's package that is installed. */
  version: z.string().optional(),
  uptimeS: z.number().optional(),
  temperatureC: z.number().optional(),
  /** The power supply is too weak: now, or at some time since the start. */
  underVoltage: z.enum(['no', 'was', 'now']).optional(),
  /** The processor is slowed down, for heat or power: now, or at some time since the start. */
  throttled: z.enum(['no', 'was', 'now']).optional(),
  diskFreeBytes: z.number().optional(),
  /** How far the Pi's clock is ahead of the box's. */
  clockOffsetMs: z.number().optional(),
  /** The USB device controller, and its state as the kernel says: `configured`, `not attached`, `suspended` … */
  controller: z.string().optional(),
  usbState: z.string().optional(),
  /** A client computer is connected and has taken the webcam and sound card. */
  hostConfigured: z.boolean().optional(),
  /** What the client negotiated, and the frames per second that really go to it. */
  format: z.object({ width: z.int(), height: z.int(), fps: z.number() }).optional(),
  fps: z.number().optional(),
  /** How often sound ran dry or over since the gadget's sound started. */
  xruns: z.number().optional(),
  /** By service, as systemd says: `active`, `failed` … */
  services: z.record(z.string(), z.string()),
  /** Sentences about what is not well. Empty: all is. */
  warnings: z.array(z.string()),
});
export type GadgetHealth = z.infer<typeof GadgetHealth>;

/** How the box and a gadget that it manages over SSH get along. */
export const GadgetManagement = z.object({
  /**
   * `new`: never set up by this box. `working`: an action is under way. `ready`: set up, and it answers.
   * `unknown`: set up, and not asked yet. `unreachable`: it does not answer. `untrusted`: its host key has changed:
   * nothing is done until a person trusts the new one. `failed`: the last action failed.
   */
  state: z.enum(['new', 'unknown', 'working', 'ready', 'unreachable', 'untrusted', 'failed']),
  /** The action that is under way, or was the last. */
  action: z.enum(GADGET_ACTIONS).optional(),
  /** Counts the actions since the box started; a command's result names its own. */
  run: z.int(),
  /** Steps of that action. */
  steps: z.array(ManagementStep),
  /** When it began and ended: milliseconds since 1970. */
  startedAt: z.number().optional(),
  finishedAt: z.number().optional(),
  /** Why it is `unreachable`, `untrusted` or `failed`, and what to do. */
  reason: z.string().optional(),
  hint: z.string().optional(),
  /** The pinned host key, as `ssh` shows it: `SHA256:…`. */
  fingerprint: z.string().optional(),
  /** The other host key that it shows now; `gadget.trust` takes it. */
  offeredFingerprint: z.string().optional(),
  /** The package's version there, the one that this box brings, and the one that can be rolled back to. */
  version: z.string().optional(),
  available: z.string().optional(),
  previous: z.string().optional(),
  health: GadgetHealth.optional(),
});
export type GadgetManagement = z.infer<typeof GadgetManagement>;

/** A Raspberry Pi in the network that is not among the box's gadgets. */
export const FoundGadget = z.object({
  /** Its name in the network, such as `pi4.local`: what `gadget.add` takes as host. */
  host: z.string(),
  name: z.string(),
  addresses: z.array(z.string()),
  port: z.int(),
  /** `gadget`: it says itself that it is one, or waits to become one. `pi`: its name looks like a Raspberry Pi's. */
  kind: z.enum(['gadget', 'pi']),
  /** The package's version that it runs; absent when none is installed. */
  version: z.string().optional(),
});
export type FoundGadget = z.infer<typeof FoundGadget>;
