import { type CellKey, cellKey } from '../../contract/index.ts';
import { type AudioDesired, type AudioDestinationDesired, type AudioSourceDesired } from '../plane.ts';
import { type ServerFlavour } from '../pulse/index.ts';
import { type Level, levelOf } from './levels.ts';
import {
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

export const sourceDevice = (source: AudioSourceDesired): string =>
  source.kind === 'microphone'
    ? source.device
    : monitorName(busName({ gadget: source.gadget, kind: 'return' }));

export const destinationDevice = (destination: AudioDestinationDesired): string =>
  destination.kind === 'speaker' ? destination.device : busName({ gadget: destination.gadget, kind: 'mic' });

function argumentOrNull(wiring: CrosspointWiring, flavour: ServerFlavour): string | null {
  try {
    return crosspointArgument(wiring, flavour);
  } catch {
    return null;
  }
}

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
    buses: desired.gadgets.flatMap(({ id, label }) =>
      (['return', 'mic'] as const).map((kind) => {
        const bus = { gadget: id, kind };
        return { sink: busName(bus), argument: busArgument(bus, label, flavour) };
      }),
    ),
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
            source:
              source.kind === 'microphone'
                ? 'The microphone is not connected.'
                : 'The gadget’s return is not there yet.',
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
