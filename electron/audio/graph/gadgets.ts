import { type GadgetId } from '../../contract/index.ts';
import { type AudioDesired, type AudioStatus, type GadgetSound } from '../plane.ts';
import { APPLICATION_ID, type SinkInputInfo, type SourceOutputInfo } from '../pulse/index.ts';
import { MIXER_SINK, MIXER_SOURCE } from './built.ts';
import { busName, monitorName, recogniseModule } from './names.ts';
import { type ServerSnapshot } from './snapshot.ts';

type Stream = SinkInputInfo;

/** What a gadget's program writes on its streams: how often they ran empty or over. */
const XRUNS = 'crosspoint.xruns';

/** Streams of somebody else on the buses of a gadget. */
export interface GadgetStreams {
  readonly mic: readonly SourceOutputInfo[];
  readonly return: readonly SinkInputInfo[];
}

export function gadgetStreams(gadget: GadgetId, snapshot: ServerSnapshot): GadgetStreams {
  const foreign = (stream: Stream): boolean => {
    const { properties } = stream;
    if (
      properties['application.id'] === APPLICATION_ID ||
      MIXER_SINK in properties ||
      MIXER_SOURCE in properties
    )
      return false;
    const module = stream.module === null ? undefined : snapshot.modules.get(stream.module);
    // A client's stream belongs to the module that listens for clients, which may be ours.
    return module === undefined || recogniseModule(module)?.role !== 'crosspoint';
  };
  const mic = monitorName(busName({ gadget, kind: 'mic' }));
  const back = busName({ gadget, kind: 'return' });
  return {
    mic: [...snapshot.sourceOutputs.values()].filter(
      (output) => snapshot.sources.get(output.device)?.name === mic && foreign(output),
    ),
    return: [...snapshot.sinkInputs.values()].filter(
      (input) => snapshot.sinks.get(input.device)?.name === back && foreign(input),
    ),
  };
}

/** Whole milliseconds that sound waits at the box; undefined where the server does not tell (PipeWire). */
function latencyMs(streams: readonly Stream[]): number | undefined {
  const us = Math.max(0, ...streams.map(({ bufferUs, deviceUs }) => bufferUs + deviceUs));
  return us > 0 ? Math.round(us / 1000) : undefined;
}

/**
 * How each gadget is connected: it is when somebody else's stream is on one of its buses.
 * @param empties how often a stream was seen empty, by index
 */
export function gadgetsIn(
  desired: AudioDesired,
  snapshot: ServerSnapshot,
  empties: ReadonlyMap<number, number>,
): AudioStatus['gadgets'] {
  return Object.fromEntries(
    desired.gadgets.map(({ id }): [string, GadgetSound] => {
      const streams = gadgetStreams(id, snapshot);
      const all: readonly Stream[] = [...streams.mic, ...streams.return];
      if (all.length === 0) return [id, { connected: false }];
      const micMs = latencyMs(streams.mic);
      const returnMs = latencyMs(streams.return);
      // Its own count is exact; without one, what is seen of its playback counts.
      const told = all.flatMap(({ properties }) => {
        const count = Number(properties[XRUNS]);
        return properties[XRUNS] !== undefined && Number.isInteger(count) && count >= 0 ? [count] : [];
      });
      const counts = told.length > 0 ? told : streams.return.map(({ index }) => empties.get(index) ?? 0);
      return [
        id,
        {
          connected: true,
          ...(micMs === undefined ? {} : { micMs }),
          ...(returnMs === undefined ? {} : { returnMs }),
          xruns: counts.reduce((sum, count) => sum + count, 0),
        },
      ];
    }),
  );
}
