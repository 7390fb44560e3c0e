import { oncePer } from './once-per.ts';
import { type DestinationId, type EchoStatus, type SourceId } from '../../contract/index.ts';
import { type AudioDesired } from '../plane.ts';
import { isEarlyPipeWire, type ServerFlavour } from '../pulse/index.ts';
import { echoArgument, echoSinkName, echoSourceName } from './names.ts';
import { type ServerSnapshot } from './snapshot.ts';

/** Echo cancelling of one microphone: a source and a sink of ours, before the microphone and the speaker. */
export interface WantedEcho {
  readonly microphone: SourceId;
  readonly reference: DestinationId;
  /** Ours, that take the places of `from` and `to`. */
  readonly source: string;
  readonly sink: string;
  readonly from: string;
  readonly to: string;
  readonly argument: string;
  readonly noiseSuppression: boolean;
}

export interface Devices {
  readonly sources: ReadonlySet<string>;
  readonly sinks: ReadonlySet<string>;
  /** Sinks and sources that are reached over a network. */
  readonly network: ReadonlySet<string>;
}

/** PA_SINK_NETWORK and PA_SOURCE_NETWORK. */
const NETWORK_FLAG = 0x8;

export const presentDevices = oncePer(({ sinks, sources }: ServerSnapshot): Devices => {
  const all = [...sinks.values(), ...sources.values()];
  return {
    sinks: new Set([...sinks.values()].map(({ name }) => name)),
    sources: new Set([...sources.values()].map(({ name }) => name)),
    network: new Set(all.filter(({ flags }) => (flags & NETWORK_FLAG) !== 0).map(({ name }) => name)),
  };
});

/** Why echo cancelling of a microphone does not run. */
type Absence = Pick<EchoStatus, 'state' | 'reason'>;

export interface EchoPlan {
  /** In the order in which they are to be loaded: several with one reference form a chain before it. */
  readonly echoes: readonly WantedEcho[];
  /** Those that cannot be had now, by microphone. */
  readonly absent: ReadonlyMap<SourceId, Absence>;
}

/**
 * Which microphones get echo cancelling now, and between what. The reference must hear all that is played on its
 * speaker, so several microphones with one speaker are chained: each plays into the one before.
 * @param failed why it could not be had just now, by name of the echo source
 */
export function planEcho(
  desired: AudioDesired,
  flavour: ServerFlavour,
  devices: Devices,
  failed: ReadonlyMap<string, string>,
): EchoPlan {
  const echoes: WantedEcho[] = [];
  const absent = new Map<SourceId, Absence>();
  const lastSink = new Map<DestinationId, string>();
  const speakers = new Map(desired.destinations.map((destination) => [destination.id, destination] as const));
  for (const source of desired.sources) {
    if (source.kind !== 'microphone' || !source.echo) continue;
    const { reference, noiseSuppression } = source.echo;
    const speaker = speakers.get(reference);
    const own = echoSourceName(source.id);
    const failure = failed.get(own);
    if (speaker?.kind !== 'speaker')
      absent.set(source.id, { state: 'error', reason: 'Its reference speaker does not exist any more.' });
    else if (!devices.sources.has(source.device))
      absent.set(source.id, { state: 'waiting', reason: 'The microphone is not connected.' });
    else if (!devices.sinks.has(speaker.device))
      absent.set(source.id, { state: 'waiting', reason: 'The reference speaker is not connected.' });
    else if (failure !== undefined) absent.set(source.id, { state: 'error', reason: failure });
    else {
      const wiring = {
        microphone: source.id,
        source: own,
        sink: echoSinkName(source.id),
        from: source.device,
        to: lastSink.get(reference) ?? speaker.device,
        noiseSuppression,
      };
      try {
        echoes.push({ ...wiring, reference, argument: echoArgument(wiring, flavour) });
        lastSink.set(reference, wiring.sink);
      } catch {
        absent.set(source.id, { state: 'error', reason: 'The name of the device cannot be used.' });
      }
    }
  }
  return { echoes, absent };
}

/**
 * PipeWire 0.3 runs the same library, but was measured to find no echo at all, whatever its arguments (0.3.65): what
 * its noise suppression takes off is what is like noise.
 */
function weakness({ noiseSuppression }: WantedEcho, { server }: ServerSnapshot): string | undefined {
  if (!isEarlyPipeWire(server)) return undefined;
  return noiseSuppression
    ? 'This version of PipeWire takes off only what of the echo is like noise; voices may come through. PulseAudio takes it off.'
    : 'This version of PipeWire takes nothing off the echo. Noise suppression lowers what of it is like noise; PulseAudio takes it off.';
}

/** @param failures reasons by name of the echo source, while one is tried again too */
export function echoStatuses(
  { echoes, echoAbsent }: { readonly echoes: readonly WantedEcho[]; readonly echoAbsent: EchoPlan['absent'] },
  failures: ReadonlyMap<string, string>,
  snapshot: ServerSnapshot,
): Readonly<Record<string, EchoStatus>> {
  const latency = new Map([...snapshot.sources.values()].map(({ name, latencyUs }) => [name, latencyUs]));
  const { sinks, sources } = presentDevices(snapshot);
  const active = echoes.map((echo): [string, EchoStatus] => {
    const { microphone, source, sink, from } = echo;
    const failure = failures.get(source);
    if (failure !== undefined) return [microphone, { state: 'error', reason: failure }];
    if (!sources.has(source) || !sinks.has(sink)) return [microphone, { state: 'starting' }];
    const reason = weakness(echo, snapshot);
    const addedUs = (latency.get(source) ?? 0) - (latency.get(from) ?? 0);
    return [
      microphone,
      {
        state: 'running',
        ...(addedUs > 0 ? { delayMs: Math.round(addedUs / 1000) } : {}),
        ...(reason === undefined ? {} : { reason }),
      },
    ];
  });
  return Object.fromEntries([...active, ...echoAbsent]);
}
