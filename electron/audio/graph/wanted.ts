import { type CellKey, type DestinationId, type SourceId } from '../../contract/index.ts';
import { type AudioDesired, type AudioDestinationDesired, type AudioSourceDesired } from '../plane.ts';
import { type ServerFlavour } from '../pulse/index.ts';
import { type Devices, type EchoPlan, planEcho, type WantedEcho } from './echo.ts';
import { type Level, levelOf } from './levels.ts';
import { type Mixer } from './mixers.ts';
import {
  type Bus,
  busArgument,
  busName,
  type CrosspointWiring,
  crosspointArgument,
  listenerArgument,
  type ListenerWiring,
  mixerArgument,
  monitorName,
} from './names.ts';

export interface WantedBus {
  readonly sink: string;
  readonly argument: string;
}

export interface WantedCrosspoint extends CrosspointWiring {
  readonly key: CellKey;
  /** Of the document, or for listening in. */
  readonly role: 'route' | 'solo';
  readonly mixer: Mixer;
  /** What it is built as. Null when no sound server could be told the name of the device. */
  readonly argument: string | null;
  /** Built so it is right as well. */
  readonly tolerated?: string;
  readonly level: Level;
  /** What is missing when its source or destination is not there; null: it comes soon by itself. */
  readonly offline: { readonly source: string | null; readonly destination: string | null };
}

/** The desired routing in terms of the sound server. */
export interface Wanted {
  readonly buses: readonly WantedBus[];
  readonly echoes: readonly WantedEcho[];
  readonly echoAbsent: EchoPlan['absent'];
  readonly crosspoints: readonly WantedCrosspoint[];
  /** Argument of the module that listens for gadgets; null: none of the server's own. */
  readonly listener: string | null;
}

/** What else decides what is wanted now. */
export interface WantedContext {
  readonly listener: ListenerWiring | null;
  readonly devices: Devices;
  /** What could not be had just now and why, by name. */
  readonly failed: ReadonlyMap<string, string>;
  /** Somebody speaks into a talk-over microphone. */
  readonly ducking: boolean;
  /** Which mixer is to be used, and can be. */
  readonly mixer: Mixer;
}

/** Default latency of a crosspoint between devices of the box, and when one is reached over a network. */
export const LATENCY_MS = 10;
const NETWORK_LATENCY_MS = 20;
/**
 * With more routes than this, loopbacks aim higher by default: each wakes the server once for every block. 256 loopbacks at
 * 10 ms take two cores, and their server answers nobody any more; at 20 ms they take two thirds of that.
 */
const MANY_ROUTES = 100;
const MANY_LATENCY_MS = 20;

/** Name of the PulseAudio source of a source, before echo cancelling. */
export function sourceDevice(source: AudioSourceDesired): string {
  switch (source.kind) {
    case 'microphone':
      return source.device;
    case 'return':
      return monitorName(busName({ gadget: source.gadget, kind: 'return' }));
    case 'feed':
      return monitorName(busName({ ingest: source.ingest, kind: 'feed' }));
  }
}

export const destinationDevice = (destination: AudioDestinationDesired): string =>
  destination.kind === 'speaker' ? destination.device : busName({ gadget: destination.gadget, kind: 'mic' });

const AWAY: Readonly<Record<AudioSourceDesired['kind'] | AudioDestinationDesired['kind'], string>> = {
  microphone: 'The microphone is not connected.',
  return: 'The gadget’s return is not there yet.',
  feed: 'The ingest’s sound is not there yet.',
  mic: 'The gadget’s mix is not there yet.',
  speaker: 'The speaker is not connected.',
};

/** An end of a path: where it is in the server, and what is missing when it is not there. */
interface End {
  readonly device: string;
  readonly away: string | null;
}

const wantedBus = (bus: Bus, label: string, flavour: ServerFlavour): WantedBus => ({
  sink: busName(bus),
  argument: busArgument(bus, label, flavour),
});

function wantedBuses({ gadgets, sources }: AudioDesired, flavour: ServerFlavour): WantedBus[] {
  return [
    ...gadgets.flatMap(({ id, label }) =>
      (['return', 'mic'] as const).map((kind) => wantedBus({ gadget: id, kind }, label, flavour)),
    ),
    ...sources.flatMap((source) =>
      source.kind === 'feed'
        ? [wantedBus({ kind: 'feed', ingest: source.ingest }, source.label, flavour)]
        : [],
    ),
  ];
}

/** Routes whose ends are not in the document are left out: the command layer does not make such. */
export function wantedOf(desired: AudioDesired, flavour: ServerFlavour, context: WantedContext): Wanted {
  const { listener, devices, failed } = context;
  const { echoes, absent } = planEcho(desired, flavour, devices, failed);
  const many = context.mixer === 'loopbacks' && desired.routes.length > MANY_ROUTES;
  const path = pathMaker(flavour, context, echoes, many);
  const sources = new Map(desired.sources.map((source) => [source.id, source]));
  const destinations = new Map(desired.destinations.map((destination) => [destination.id, destination]));
  const headphones = soloHeadphones(desired);
  const routes = desired.routes.flatMap((route): WantedCrosspoint[] => {
    const source = sources.get(route.source);
    const destination = destinations.get(route.destination);
    if (!source || !destination) return [];
    const duckDb =
      context.ducking && source.kind === 'return' && destination.kind === 'speaker' ? destination.duckDb : 0;
    const level = levelOf(source, route, destination, {
      ceilingDb: desired.gainCeilingDb,
      duckDb: duckDb ?? 0,
      cut: destination === headphones,
    });
    return [path('route', source.id, sourceEnd(source, echoes), destination, level)];
  });
  const solos = headphones
    ? desired.solo.ids.flatMap((id): WantedCrosspoint[] => {
        const end = soloEnd(id, sources, destinations, echoes);
        if (!end) return [];
        const level = levelOf(OPEN, OPEN, headphones, { ceilingDb: desired.gainCeilingDb });
        return [path('solo', `solo:${id}`, end, headphones, level)];
      })
    : [];
  return {
    listener: listener && flavour === 'pulseaudio' ? listenerArgument(listener) : null,
    buses: wantedBuses(desired, flavour),
    echoes,
    echoAbsent: absent,
    crosspoints: [...routes, ...solos],
  };
}

/** Solo is before the fader: neither its gain nor its mute counts. */
const OPEN = { gainDb: 0, muted: false };

/** The speaker that carries nothing but what is soloed now; undefined while nothing is. */
export function soloHeadphones({ solo, destinations, sources }: AudioDesired) {
  const known = new Set<string>([...sources, ...destinations].map(({ id }) => id));
  if (!solo.ids.some((id) => known.has(id) && id !== solo.on)) return undefined;
  return destinations.find(({ id, kind }) => id === solo.on && kind === 'speaker');
}

function sourceEnd(source: AudioSourceDesired, echoes: readonly WantedEcho[]): End {
  const echo = echoes.find(({ microphone }) => microphone === source.id);
  return echo
    ? { device: echo.source, away: null }
    : { device: sourceDevice(source), away: AWAY[source.kind] };
}

/** A gadget's mix can be listened to as well; another speaker cannot. */
function soloEnd(
  id: SourceId | DestinationId,
  sources: ReadonlyMap<string, AudioSourceDesired>,
  destinations: ReadonlyMap<string, AudioDestinationDesired>,
  echoes: readonly WantedEcho[],
): End | null {
  const source = sources.get(id);
  if (source) return sourceEnd(source, echoes);
  const destination = destinations.get(id);
  return destination?.kind === 'mic'
    ? { device: monitorName(destinationDevice(destination)), away: AWAY.mic }
    : null;
}

function argumentOrNull(wiring: CrosspointWiring, flavour: ServerFlavour, mixer: Mixer): string | null {
  try {
    return mixer === 'own' ? mixerArgument(wiring) : crosspointArgument(wiring, flavour);
  } catch {
    return null;
  }
}

function pathMaker(
  flavour: ServerFlavour,
  { devices, mixer }: WantedContext,
  echoes: readonly WantedEcho[],
  many: boolean,
) {
  // The last of a chain hears all that is played on the speaker.
  const references = new Map(echoes.map(({ reference, sink }) => [reference, sink]));
  return (
    role: WantedCrosspoint['role'],
    source: string,
    from: End,
    destination: AudioDestinationDesired,
    level: Level,
  ): WantedCrosspoint => {
    const reference = references.get(destination.id);
    const real = destinationDevice(destination);
    const network = devices.network.has(from.device) || devices.network.has(real);
    const usualMs = network ? NETWORK_LATENCY_MS : LATENCY_MS;
    const wiring: CrosspointWiring = {
      source,
      destination: destination.id,
      from: from.device,
      to: reference ?? real,
      latencyMs: destination.latencyMs ?? (many ? Math.max(usualMs, MANY_LATENCY_MS) : usualMs),
      delayMs: destination.delayMs,
    };
    // Those that were built while there were fewer stay as they are: nothing is built anew only for the number.
    const fewer =
      wiring.latencyMs === usualMs || destination.latencyMs !== null
        ? null
        : argumentOrNull({ ...wiring, latencyMs: usualMs }, flavour, mixer);
    return {
      ...wiring,
      role,
      key: `${source}|${destination.id}`,
      mixer,
      argument: argumentOrNull(wiring, flavour, mixer),
      ...(fewer === null ? {} : { tolerated: fewer }),
      level,
      offline: {
        source: from.away,
        destination: reference === undefined ? AWAY[destination.kind] : null,
      },
    };
  };
}
