import { z } from 'zod';
import { CameraSettings, PictureSettings } from './camera.ts';
import { Colour, DelayMs, Icon, Label, LatencyMs, MaxFrameBytes, Scene, Settings } from './config.ts';
import { CrosspointError } from './errors.ts';
import { GAIN_MAX_DB, GAIN_MIN_DB, GainDb } from './gain.ts';

/** An id or a name that people gave; the command layer resolves it. */
export const Reference = z.string().trim().min(1).max(200);

const Host = z
  .string()
  .regex(
    /^[A-Za-z0-9]([A-Za-z0-9.:_-]{0,251}[A-Za-z0-9])?$/,
    'a host is a name or an address, such as pi2.local or 192.168.1.20',
  )
  .nullable();
const User = z
  .string()
  .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'a user name has lower-case letters, digits, _ and -');
const Port = z.int().min(1).max(65535);

const pair = { source: Reference, destination: Reference };
const named = { name: Label };
const byId = z.strictObject({ id: Reference });
const byName = z.strictObject(named);
const none: z.ZodType<object, object> = z.strictObject({});

/** Names one source or destination, or one crosspoint. */
const target = { id: Reference.optional(), source: Reference.optional(), destination: Reference.optional() };
const isTarget = (value: { id?: unknown; source?: unknown; destination?: unknown }): boolean =>
  value.id === undefined
    ? value.source !== undefined && value.destination !== undefined
    : value.source === undefined && value.destination === undefined;
const TARGET_MESSAGE = 'give either id, or both source and destination';

/** How to log in to a gadget where the box's own key does not do (yet). Never kept. */
const credentials = {
  password: z
    .string()
    .min(1, 'a password must not be empty')
    .max(1024)
    .regex(/^[^\0\n\r]*$/, 'a password is one line')
    .optional(),
  key: z.string().min(1).max(4096).optional(),
};

const camera = CameraSettings.options;
const picture = PictureSettings.shape;
const pictureChanges = z.strictObject({
  crop: bare(picture.crop),
  rotate: bare(picture.rotate),
  mirror: bare(picture.mirror),
  blur: bare(picture.blur),
});
const settings = Settings.shape;

/** A setting without its default. */
function bare<T extends z.ZodType>(schema: z.ZodDefault<T>): z.ZodOptional<T> {
  return schema.unwrap().optional();
}

/** What each command takes beside its `type`. */
export const COMMANDS = {
  /** Switch a crosspoint on, or change its gain (dB). A video destination lets go of its former source. */
  route: z.strictObject({ ...pair, gain: GainDb.optional() }),
  /** Switch a crosspoint off. */
  unroute: z.strictObject(pair),
  /** Gain (dB) of a source or destination, or of a crosspoint. */
  setGain: z.strictObject({ ...target, gain: GainDb }).refine(isTarget, TARGET_MESSAGE),
  /** Mute a source, a destination, one crosspoint, or with the id `microphones` all microphones. */
  mute: z.strictObject(target).refine(isTarget, TARGET_MESSAGE),
  unmute: z.strictObject(target).refine(isTarget, TARGET_MESSAGE),
  /** Mute every microphone and blank every webcam and program. Works always, locked or not. */
  panic: none,
  /** Settings of one source or destination; what is not named stays. Each fits some kinds only. */
  'channel.update': z.strictObject({
    id: Reference,
    /** Cameras and ingests. */
    picture: pictureChanges.optional(),
    /** Webcams. */
    maxFrameBytes: MaxFrameBytes.optional(),
    /** Microphones and speakers; null: none. */
    room: Label.nullable().optional(),
    /** Microphones; null: off. */
    echo: z
      .strictObject({ reference: Reference, noiseSuppression: z.boolean().default(false) })
      .nullable()
      .optional(),
    /** Microphones. */
    talkOver: z.boolean().optional(),
    /** Speakers; null: off. */
    duckDb: z.number().min(-60).max(-1).nullable().optional(),
    /** Gadget mics and speakers. */
    delayMs: DelayMs.optional(),
    latencyMs: LatencyMs.optional(),
    /** All. */
    order: z.int().min(0).max(100_000).optional(),
    /** All; null: none, or that of its kind. */
    colour: Colour.nullable().optional(),
    icon: Icon.nullable().optional(),
    /** All: scenes leave it as it is. */
    safe: z.boolean().optional(),
  }),
  /** Settings of the box; what is not named stays. */
  'settings.update': z.strictObject({
    slateAfterMs: bare(settings.slateAfterMs),
    slates: z
      .strictObject({
        noSignal: z.string().min(1).max(4096).nullable(),
        muted: z.string().min(1).max(4096).nullable(),
      })
      .partial()
      .optional(),
    soloDestination: Reference.nullable().optional(),
    gainCeilingDb: bare(settings.gainCeilingDb),
    soundMixer: bare(settings.soundMixer),
  }),
  /** A DCA and mute group. Its gain and mute are set by setGain, mute and unmute. Result: {id}. */
  'group.add': z.strictObject({ ...named, members: z.array(Reference).max(1000).default([]) }),
  'group.update': z.strictObject({ id: Reference, members: z.array(Reference).max(1000) }),
  'group.remove': byId,
  /** Listen to a source (before its fader) or a gadget's mic on the solo headphones. Not persisted. */
  solo: z.strictObject({ id: Reference, exclusive: z.boolean().default(false) }),
  unsolo: byId,
  'solo.clear': none,
  /**
   * Push to talk (`talk`: a muted microphone is open) and the cough key (`cough`: an open one is silent), until
   * `release` or until `forMs` has passed: a client which holds a key says so again and again, so that nothing stays
   * open when it is gone. Not persisted.
   */
  hold: z.strictObject({
    id: Reference,
    key: z.enum(['talk', 'cough']),
    forMs: z.int().min(100).max(60_000).default(2000),
  }),
  release: z.strictObject({ id: Reference, key: z.enum(['talk', 'cough']) }),
  /** Bring paths which have fallen behind back to their latency: one crosspoint, one destination's, or all. */
  'latency.reset': z.strictObject(target),
  rename: z.strictObject({ id: Reference, ...named }),
  /** Protect a destination: its routes, gains and label do not change until it is unlocked. */
  lock: byId,
  unlock: byId,
  'scene.save': byName,
  /**
   * Bring back what the scene holds; of some destinations, or of one medium only when so asked. Locked destinations
   * and safe channels stay. With `fadeS` gains glide there in so many seconds; one undo takes all of it back.
   */
  'scene.recall': z.strictObject({
    ...named,
    destinations: z.array(Reference).min(1).max(1000).optional(),
    media: z.enum(['audio', 'video']).optional(),
    fadeS: z.number().min(0).max(10).default(0),
  }),
  'scene.delete': byName,
  /**
   * Add a scene from elsewhere, as `config.scenes` has them; nothing is recalled. A name that another scene has gets a
   * number. Result: {name}.
   */
  'scene.import': z.strictObject({ scene: Scene }),
  'camera.add': z.discriminatedUnion('kind', [
    camera[0].extend(named),
    camera[1].extend(named),
    camera[2].extend(named),
    camera[3].extend(named),
    camera[4].extend(named),
    camera[5].extend(named),
  ]),
  /** Other settings for a camera; its id and its routes stay. */
  'camera.update': z.discriminatedUnion('kind', [
    camera[0].extend({ id: Reference }),
    camera[1].extend({ id: Reference }),
    camera[2].extend({ id: Reference }),
    camera[3].extend({ id: Reference }),
    camera[4].extend({ id: Reference }),
    camera[5].extend({ id: Reference }),
  ]),
  'camera.remove': byId,
  /** A stream key for one RTMP publisher. Result: {id, key}. */
  'ingest.add': byName,
  /** A new key; the old one is refused from now on. Result: {id, key}. */
  'ingest.regenerate': byId,
  'ingest.update': z.strictObject({ id: Reference, takeOver: z.boolean().optional() }),
  'ingest.remove': byId,
  /** Show a stream key or a gadget token again. Result: {id, key} or {id, token}. */
  reveal: byId,
  /** Result: {id, token}. host null: not managed over SSH, anyone with the token can play it. */
  'gadget.add': z.strictObject({
    ...named,
    host: Host.default(null),
    user: User.optional(),
    port: Port.optional(),
  }),
  'gadget.update': z.strictObject({
    id: Reference,
    host: Host.optional(),
    user: User.optional(),
    port: Port.optional(),
    mixMinus: z.boolean().optional(),
  }),
  'gadget.remove': byId,
  /**
   * Make a bare Raspberry Pi the gadget that it shall be, over SSH. Answers at once with {id, run}; how it goes is in
   * `status.gadgets[id].management`. The first contact needs the password, a private key (a file on the box) or an SSH
   * agent of the box. The password is also sudo's; it is used for this one run and kept nowhere.
   */
  'gadget.provision': z.strictObject({ id: Reference, ...credentials }),
  /** Install the package that this box brings; back to the one before; take it off the Pi. As gadget.provision. */
  'gadget.update-software': z.strictObject({ id: Reference, ...credentials }),
  'gadget.rollback': z.strictObject({ id: Reference, ...credentials }),
  'gadget.uninstall': z.strictObject({ id: Reference, ...credentials }),
  'gadget.reboot': z.strictObject({ id: Reference, ...credentials }),
  /** Blink the Pi's LED for ten seconds. As gadget.provision. */
  'gadget.identify': z.strictObject({ id: Reference, ...credentials }),
  /** Look at its health now. As gadget.provision. */
  'gadget.check': byId,
  /** Take the host key that the gadget shows now, `fingerprint` as a person has seen it. */
  'gadget.trust': z.strictObject({ id: Reference, fingerprint: z.string().max(100).optional() }),
  'program.add': byName,
  'program.remove': byId,
  /** Take an offline microphone or speaker and its routes out of the matrix. */
  'device.forget': byId,
  /** A rig without hardware: cameras, a tone microphone, two virtual gadgets, a virtual speaker. */
  'demo.start': none,
  'demo.stop': none,
  undo: none,
  redo: none,
} as const;

export type CommandType = keyof typeof COMMANDS;
export type CommandOf<T extends CommandType> = { readonly type: T } & Readonly<z.infer<(typeof COMMANDS)[T]>>;
/** A command as it is carried out: checked, defaults filled in. */
export type Command = { [T in CommandType]: CommandOf<T> }[CommandType];
/** A command as a client may write it: defaults left out. */
export type CommandInput = {
  [T in CommandType]: { readonly type: T } & Readonly<z.input<(typeof COMMANDS)[T]>>;
}[CommandType];

const isCommandType = (type: string): type is CommandType => Object.hasOwn(COMMANDS, type);

/** Dotted path of an issue, e.g. `[2].camera.fps`. */
const pathOf = (prefix: string, path: readonly PropertyKey[]): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    prefix,
  );

/**
 * Check one command that came from outside.
 * @param prefix where it stands in the input, for the error's path
 * @throws CrosspointError `unknown-command`, `out-of-range` or `bad-request`, naming what was wrong
 */
export function parseCommand(input: unknown, prefix = ''): Command {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new CrosspointError('bad-request', 'A command is an object such as {"type":"route", …}.', {
      path: prefix,
    });
  const { type, ...rest } = input as Record<string, unknown>;
  if (typeof type !== 'string' || !isCommandType(type))
    throw new CrosspointError(
      'unknown-command',
      typeof type === 'string'
        ? `There is no command ${JSON.stringify(type).slice(0, 80)}.`
        : // Shown as little as possible: it may be anything, also too deep to be written down.
          `The command has no type${type === undefined ? '' : ' that is a text'}.`,
      { path: pathOf(prefix, ['type']), hint: `Commands: ${Object.keys(COMMANDS).join(', ')}.` },
    );
  const parsed = COMMANDS[type].safeParse(rest);
  if (parsed.success) return { type, ...parsed.data } as Command;
  const issue = parsed.error.issues[0];
  const path = pathOf(prefix, issue?.path ?? []);
  if (issue?.path.at(-1) === 'gain' && (issue.code === 'too_big' || issue.code === 'too_small'))
    throw new CrosspointError(
      'out-of-range',
      `A gain is between ${GAIN_MIN_DB} (silence) and +${GAIN_MAX_DB} dB.`,
      { path },
    );
  throw new CrosspointError('bad-request', `${type}: ${issue?.message ?? 'the command is malformed'}`, {
    path,
  });
}

/** Check a request body: one command or a list of at most 1000. Always answers a list. */
export function parseCommands(body: unknown): Command[] {
  if (!Array.isArray(body)) return [parseCommand(body)];
  if (body.length === 0) throw new CrosspointError('bad-request', 'The list of commands is empty.');
  if (body.length > 1000) throw new CrosspointError('bad-request', 'At most 1000 commands go in one list.');
  return body.map((command, index) => parseCommand(command, `[${index}]`));
}

/** What one command answers, e.g. the id and the key of a new ingest. */
export type CommandResult = Readonly<Record<string, string | number | boolean>>;
export interface CommandsResponse {
  readonly revision: number;
  readonly results: readonly CommandResult[];
}
