import { type CellKey, cellKey } from '../../contract/index.ts';
import { type AudioDesired, type AudioDestinationDesired, type AudioSourceDesired } from '../plane.ts';
import { type ServerFlavour } from '../pulse/index.ts';
import { type Level, levelOf } from './levels.ts';
import {
  type Bus,
  busArgument,
  busName,
  type CrosspointWiring,
  crosspointArgument,
  listenerArgument,
  type ListenerWiring,
  monitorName,
} from './names.ts';

export interface WantedBus {
  readonly sink: string;
  readonly argument: string;
}

export interface WantedCrosspoint extends CrosspointWiring {
  readonly key: CellKey;
  /** Null when no sound server could be told the name of the device. */
  readonly argument: string | null;
  readonly level: Level;
  /** What is missing when its source or destination is not there. */
  readonly offline: { readonly source: string; readonly destination: string };
}

/** The desired routing in terms of the sound server. */
export interface Wanted {
  readonly buses: readonly WantedBus[];
  readonly crosspoints: readonly WantedCrosspoint[];
  /** Argument of the module that listens for gadgets; null: none of the server's own. */
  readonly listener: string | null;
}

/** Default latency of a crosspoint. */
export const LATENCY_MS = 10;

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

const AWAY: Readonly<Record<AudioSourceDesired['kind'], string>> = {
  microphone: 'The microphone is not connected.',
  return: 'The gadget’s return is not there yet.',
  feed: 'The ingest’s sound is not there yet.',
};

export const destinationDevice = (destination: AudioDestinationDesired): string =>
  destination.kind === 'speaker' ? destination.device : busName({ gadget: destination.gadget, kind: 'mic' });

function argumentOrNull(wiring: CrosspointWiring, flavour: ServerFlavour): string | null {
  try {
    return crosspointArgument(wiring, flavour);
  } catch {
    return null;
  }
}

const wantedBus = (bus: Bus, label: string, flavour: ServerFlavour): WantedBus => ({
  sink: busName(bus),
  argument: busArgument(bus, label, flavour),
});

/** Routes whose ends are not in the document are left out: the command layer does not make such. */
export function wantedOf(
  desired: AudioDesired,
  flavour: ServerFlavour,
  listener: ListenerWiring | null = null,
): Wanted {
  const sources = new Map(desired.sources.map((source) => [source.id, source]));
  const destinations = new Map(desired.destinations.map((destination) => [destination.id, destination]));
  return {
    listener: listener && flavour === 'pulseaudio' ? listenerArgument(listener) : null,
    buses: [
      ...desired.gadgets.flatMap(({ id, label }) =>
        (['return', 'mic'] as const).map((kind) => wantedBus({ gadget: id, kind }, label, flavour)),
      ),
      ...desired.sources.flatMap((source) =>
        source.kind === 'feed'
          ? [wantedBus({ kind: 'feed', ingest: source.ingest }, source.label, flavour)]
          : [],
      ),
    ],
    crosspoints: desired.routes.flatMap((route) => {
      const source = sources.get(route.source);
      const destination = destinations.get(route.destination);
      if (!source || !destination) return [];
      const wiring: CrosspointWiring = {
        source: source.id,
        destination: destination.id,
        from: sourceDevice(source),
        to: destinationDevice(destination),
        latencyMs: LATENCY_MS,
      };
      return [
        {
          ...wiring,
          key: cellKey(source.id, destination.id),
          argument: argumentOrNull(wiring, flavour),
          level: levelOf(source, route, destination),
          offline: {
            source: AWAY[source.kind],
            destination:
              destination.kind === 'speaker'
                ? 'The speaker is not connected.'
                : 'The gadget’s mix is not there yet.',
          },
        },
      ];
    }),
  };
}
