import {
  dbOfTravel,
  type CommandInput,
  CrosspointError,
  type DestinationId,
  slugify,
  type SourceId,
  type State,
} from '../../contract/index.ts';
import { type OscValue } from './packet.ts';

/** What stands in an address in the place of `{channel}` and the like. */
export type Names = Readonly<Record<string, string>>;

/** One address that can be sent to. */
export interface Method {
  /** Below `/crosspoint`. */
  readonly address: string;
  /** Arguments, for people. */
  readonly takes: string;
  readonly does: string;
  /** Acts when a button is pressed (no argument, or one that is not 0), not when it is let go. */
  readonly onPress?: true;
  readonly command: (names: Names, args: readonly OscValue[], state: State) => CommandInput;
}

const refuse = (message: string): never => {
  throw new CrosspointError('bad-request', message);
};

function numberOf(args: readonly OscValue[], what: string): number {
  const [value] = args;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'bigint') return Number(value);
  return refuse(`${what} is a number.`);
}

/** A button: nothing, or anything but 0 and false, is on. */
export function isOn([value = true]: readonly OscValue[]): boolean {
  if (typeof value === 'number') return value >= 0.5;
  if (typeof value === 'bigint') return value !== 0n;
  if (typeof value === 'string') return !/^(0|off|false|)$/i.test(value);
  return value !== false;
}

const textOf = (args: readonly OscValue[], at: number, what: string): string => {
  const value = args[at];
  return typeof value === 'string' ? value : refuse(`${what} is a text.`);
};

const of = (names: Names, name: string): string => names[name] ?? '';
const pair = (names: Names) => ({ source: of(names, 'source'), destination: of(names, 'destination') });
const target = (names: Names) => (names.channel === undefined ? pair(names) : { id: of(names, 'channel') });

const setGain = (names: Names, gain: number): CommandInput => ({ type: 'setGain', ...target(names), gain });
const mute = (names: Names, on: boolean): CommandInput => ({
  type: on ? 'mute' : 'unmute',
  ...target(names),
});

function isMuted({ config }: State, names: Names): boolean {
  if (names.channel === undefined)
    return config.routes.some(
      ({ source, destination, muted }) =>
        source === names.source && destination === names.destination && muted,
    );
  return [...config.sources, ...config.destinations, ...config.groups].some(
    ({ id, muted }) => id === names.channel && muted,
  );
}

const isRouted = ({ config }: State, names: Names): boolean =>
  config.routes.some(
    ({ source, destination }) => source === names.source && destination === names.destination,
  );

const route = (names: Names, on: boolean): CommandInput => ({
  type: on ? 'route' : 'unroute',
  ...pair(names),
});

function sceneName({ config }: State, slug: string): string {
  const scene = config.scenes.find(({ name }) => slugify(name) === slug);
  return scene?.name ?? slug;
}

const fadeOf = (args: readonly OscValue[], at: number): { fadeS?: number } =>
  args[at] === undefined ? {} : { fadeS: numberOf(args.slice(at), 'The fade (s)') };

const key =
  (which: 'talk' | 'cough') =>
  (names: Names, args: readonly OscValue[]): CommandInput =>
    isOn(args)
      ? { type: 'hold', id: of(names, 'channel'), key: which, forMs: 60_000 }
      : { type: 'release', id: of(names, 'channel'), key: which };

/** Gain, fader and mute, which channels and crosspoints have alike. */
const levels = (at: string, what: string): Method[] => [
  {
    address: `${at}/gain`,
    takes: 'number',
    does: `Gain of ${what} in dB, −100 to +10`,
    command: (names, args) => setGain(names, numberOf(args, 'A gain (dB)')),
  },
  {
    address: `${at}/fader`,
    takes: 'number',
    does: `The same as the travel of a fader, 0 to 1; 0 dB is at 0.75`,
    command: (names, args) => setGain(names, dbOfTravel(numberOf(args, 'The travel of a fader'))),
  },
  {
    address: `${at}/mute`,
    takes: 'on or off',
    does: `Mute ${what}`,
    command: (names, args) => mute(names, isOn(args)),
  },
  {
    address: `${at}/mute/toggle`,
    takes: 'press',
    does: 'The other way round',
    onPress: true,
    command: (names, _args, state) => mute(names, !isMuted(state, names)),
  },
];

const CHANNEL = '/channel/{channel}';
const CELL = '/cell/{source}/{destination}';

/** Everything that a surface can do. `docs/control-surfaces.md` is made of it. */
export const METHODS: readonly Method[] = [
  ...levels(CHANNEL, 'a source, destination or group'),
  {
    address: `${CHANNEL}/talk`,
    takes: 'on or off',
    does: 'Push to talk: a muted microphone is open while the key is held (60 s at most)',
    command: key('talk'),
  },
  {
    address: `${CHANNEL}/cough`,
    takes: 'on or off',
    does: 'Cough key: an open microphone is silent while the key is held (60 s at most)',
    command: key('cough'),
  },
  {
    address: `${CHANNEL}/solo`,
    takes: 'on or off',
    does: 'Listen to it on the solo headphones',
    command: (names, args) => ({ type: isOn(args) ? 'solo' : 'unsolo', id: of(names, 'channel') }),
  },
  {
    address: `${CELL}/on`,
    takes: 'on or off',
    does: 'Switch a crosspoint',
    command: (names, args) => route(names, isOn(args)),
  },
  {
    address: `${CELL}/toggle`,
    takes: 'press',
    does: 'The other way round',
    onPress: true,
    command: (names, _args, state) => route(names, !isRouted(state, names)),
  },
  ...levels(CELL, 'a crosspoint that is on'),
  {
    address: '/route',
    takes: 'source, destination[, gain]',
    does: 'Switch a crosspoint on',
    command: (_names, args) => ({
      type: 'route',
      source: textOf(args, 0, 'The source'),
      destination: textOf(args, 1, 'The destination'),
      ...(args[2] === undefined ? {} : { gain: numberOf(args.slice(2), 'A gain (dB)') }),
    }),
  },
  {
    address: '/unroute',
    takes: 'source, destination',
    does: 'Switch it off',
    command: (_names, args) => ({
      type: 'unroute',
      source: textOf(args, 0, 'The source'),
      destination: textOf(args, 1, 'The destination'),
    }),
  },
  {
    address: '/scene/{scene}/recall',
    takes: 'press[, fade in s]',
    does: 'Recall a scene; its name in small letters, with dashes for everything else (`town-hall`)',
    onPress: true,
    command: (names, args, state) => ({
      type: 'scene.recall',
      name: sceneName(state, of(names, 'scene')),
      ...fadeOf(args, 1),
    }),
  },
  {
    address: '/recall',
    takes: 'name[, fade in s]',
    does: 'The same by its name',
    command: (_names, args) => ({
      type: 'scene.recall',
      name: textOf(args, 0, 'The name of a scene'),
      ...fadeOf(args, 1),
    }),
  },
  {
    address: '/microphones/mute',
    takes: 'on or off',
    does: 'Mute all microphones, or open them',
    command: (_names, args) => ({ type: isOn(args) ? 'mute' : 'unmute', id: 'microphones' }),
  },
  {
    address: '/solo/clear',
    takes: 'press',
    does: 'Listen to nothing any more',
    onPress: true,
    command: () => ({ type: 'solo.clear' }),
  },
  {
    address: '/panic',
    takes: 'press',
    does: 'Mute every microphone and blank every webcam and program',
    onPress: true,
    command: () => ({ type: 'panic' }),
  },
  {
    address: '/undo',
    takes: 'press',
    does: 'Take the last change back',
    onPress: true,
    command: () => ({ type: 'undo' }),
  },
  {
    address: '/redo',
    takes: 'press',
    does: 'Do it again',
    onPress: true,
    command: () => ({ type: 'redo' }),
  },
];

export const ROOT = '/crosspoint';
const PARTS = METHODS.map((method) => ({ method, parts: (ROOT + method.address).split('/') }));

/** The method of a plain address, and what its placeholders stand for. */
export function findMethod(address: string): { readonly method: Method; readonly names: Names } | undefined {
  const given = address.split('/');
  for (const { method, parts } of PARTS) {
    if (parts.length !== given.length) continue;
    const names: Record<string, string> = {};
    const fits = parts.every((part, at) => {
      const placeholder = /^\{(\w+)\}$/.exec(part)?.[1];
      if (placeholder === undefined) return part === given[at];
      names[placeholder] = given[at] ?? '';
      return given[at] !== '';
    });
    if (fits) return { method, names };
  }
  return undefined;
}

/** Every plain address that there is now: what a pattern is matched against. */
export function* addressSpace({ config, status }: State): Generator<string> {
  const channels = [...config.sources, ...config.destinations, ...config.groups].map(({ id }) => id);
  const scenes = config.scenes.map(({ name }) => slugify(name));
  for (const { address } of METHODS) {
    if (address.startsWith(CHANNEL))
      for (const channel of channels) yield ROOT + address.replace('{channel}', channel);
    else if (address.startsWith(CELL)) {
      for (const [cell, { state }] of Object.entries(status.cells)) {
        if (state === 'impossible') continue;
        const [source = '', destination = ''] = cell.split('|');
        yield ROOT + address.replace('{source}', source).replace('{destination}', destination);
      }
    } else if (address.includes('{scene}'))
      for (const scene of scenes) yield ROOT + address.replace('{scene}', scene);
    else yield ROOT + address;
  }
}

export const cellAddress = (source: SourceId, destination: DestinationId): string =>
  `${ROOT}/cell/${source}/${destination}`;
