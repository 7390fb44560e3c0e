import { type CellKey, cellKey } from '../../contract/index.ts';
import { type AudioDesired, type AudioDestinationDesired, type AudioSourceDesired } from '../plane.ts';
import { type ServerFlavour } from '../pulse/index.ts';
import { type Level, levelOf } from './levels.ts';
import { busArgument, busName, type CrosspointWiring, crosspointArgument, monitorName } from './names.ts';

export interface WantedBus {
  readonly sink: string;
  readonly argument: string;
}

export interface WantedCrosspoint extends CrosspointWiring {
  readonly key: CellKey;
  readonly argument: string;
  readonly level: Level;
  /** What is missing when its source or destination is not there. */
  readonly offline: { readonly source: string; readonly destination: string };
}

/** The desired routing in terms of the sound server. */
export interface Wanted {
  readonly buses: readonly WantedBus[];
  readonly crosspoints: readonly WantedCrosspoint[];
}

/** Default latency of a crosspoint. */
export const LATENCY_MS = 10;

export const sourceDevice = (source: AudioSourceDesired): string =>
  source.kind === 'microphone'
    ? source.device
    : monitorName(busName({ gadget: source.gadget, kind: 'return' }));

export const destinationDevice = (destination: AudioDestinationDesired): string =>
  destination.kind === 'speaker' ? destination.device : busName({ gadget: destination.gadget, kind: 'mic' });

/** Routes whose ends are not in the document are left out: the command layer does not make such. */
export function wantedOf(desired: AudioDesired, flavour: ServerFlavour): Wanted {
  const sources = new Map(desired.sources.map((source) => [source.id, source]));
  const destinations = new Map(desired.destinations.map((destination) => [destination.id, destination]));
  return {
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
          argument: crosspointArgument(wiring, flavour),
          level: levelOf(source, route, destination),
          offline: {
            source:
              source.kind === 'microphone'
                ? 'The microphone is not connected.'
                : "The gadget's return is not there yet.",
            destination:
              destination.kind === 'speaker'
                ? 'The speaker is not connected.'
                : "The gadget's mix is not there yet.",
          },
        },
      ];
    }),
  };
}
