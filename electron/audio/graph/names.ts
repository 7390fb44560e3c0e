import {
  type CellKey,
  cellKey,
  type DestinationId,
  type GadgetId,
  type SourceId,
} from '../../contract/index.ts';
import { APPLICATION_ID, moduleArguments, type ModuleInfo, type ServerFlavour } from '../pulse/index.ts';

/** Every device that we make starts so; nobody else's does. */
export const OWN_PREFIX = 'crosspoint.';

/** A null sink of ours: the two of a gadget, or the one that carries the sound of an ingest. */
export type Bus =
  | { readonly kind: 'return' | 'mic'; readonly gadget: GadgetId }
  | { readonly kind: 'feed'; readonly ingest: SourceId };

/** `desk.mic`, `obs.feed`. */
const busMark = (bus: Bus): string =>
  bus.kind === 'feed' ? `${bus.ingest.replace(/^ingest:/, '')}.feed` : `${bus.gadget}.${bus.kind}`;

export const busName = (bus: Bus): string => `${OWN_PREFIX}${busMark(bus)}`;
export const monitorName = (sink: string): string => `${sink}.monitor`;

const BUS_PURPOSE: Readonly<Record<Bus['kind'], string>> = { return: 'from', mic: 'to', feed: 'sound of' };

/** What people read in a mixer, e.g. `Crosspoint: to Desk`. */
const busDescription = ({ kind }: Bus, label: string): string => `Crosspoint: ${BUS_PURPOSE[kind]} ${label}`;

export function busArgument(bus: Bus, label: string, flavour: ServerFlavour): string {
  return moduleArguments(
    {
      sink_name: busName(bus),
      rate: 48000,
      channels: 2,
      channel_map: 'front-left,front-right',
      // Without it an idle null sink sleeps for up to 2 s before it hears the first sound.
      ...(flavour === 'pulseaudio' ? { norewinds: 1 } : {}),
      sink_properties: {
        'application.id': APPLICATION_ID,
        'crosspoint.bus': busMark(bus),
        'device.description': busDescription(bus, label),
      },
    },
    flavour,
  );
}

/** The source and the sink of a microphone's echo cancelling. */
const echoName = (microphone: SourceId, end: string): string =>
  `${OWN_PREFIX}${microphone.replace(/^mic:/, '')}.${end}`;
export const echoSourceName = (microphone: SourceId): string => echoName(microphone, 'microphone');
export const echoSinkName = (microphone: SourceId): string => echoName(microphone, 'reference');

export interface EchoWiring {
  readonly microphone: SourceId;
  /** PulseAudio names of the real devices. */
  readonly from: string;
  readonly to: string;
  readonly noiseSuppression: boolean;
}

export function echoArgument(
  { microphone, from, to, noiseSuppression }: EchoWiring,
  flavour: ServerFlavour,
): string {
  const properties = { 'application.id': APPLICATION_ID, 'crosspoint.echo': microphone };
  const described = (what: string) => ({
    ...properties,
    'device.description': `Crosspoint: ${what} ${microphone}`,
  });
  return moduleArguments(
    {
      source_name: echoSourceName(microphone),
      sink_name: echoSinkName(microphone),
      source_master: from,
      sink_master: to,
      aec_method: 'webrtc',
      ...(flavour === 'pulseaudio' ? { use_volume_sharing: 'no', use_master_format: 'no' } : {}),
      rate: 48000,
      channels: 1,
      // Neither side's levels are the canceller's to change: faders do that.
      aec_args: aecArguments(noiseSuppression, flavour),
      source_properties: described('without echo,'),
      sink_properties: described('reference of'),
    },
    flavour,
  );
}

/** PulseAudio and PipeWire hand the same library other words. */
function aecArguments(noiseSuppression: boolean, flavour: ServerFlavour): string {
  const onOff = Number(noiseSuppression);
  return flavour === 'pulseaudio'
    ? `analog_gain_control=0 digital_gain_control=0 extended_filter=1 noise_suppression=${onOff} high_pass_filter=1`
    : `{ webrtc.gain_control=false webrtc.noise_suppression=${String(noiseSuppression)} webrtc.high_pass_filter=true }`;
}

export interface CrosspointWiring {
  /** A source's id; of what is soloed, its id behind `solo:`. */
  readonly source: string;
  readonly destination: DestinationId;
  /** PulseAudio name of the source to take the sound from. */
  readonly from: string;
  /** PulseAudio name of the sink to play it to. */
  readonly to: string;
  readonly latencyMs: number;
  /** On top of it, wanted. */
  readonly delayMs: number;
}

/** The daemon raises a loopback's latency after underruns and never lowers it: this is as far as it may go. */
const LATENCY_CEILING = 4;

/** Under this name PulseAudio remembers the volume of a crosspoint's stream. */
export const crosspointStreamId = ({ source, destination }: CrosspointWiring): string =>
  `crosspoint-${source}-${destination}`;

export function crosspointArgument(wiring: CrosspointWiring, flavour: ServerFlavour): string {
  const { source, destination, latencyMs, delayMs } = wiring;
  const properties = {
    // Streams that share an application share their volumes in WirePlumber's memory.
    'application.id': flavour === 'pipewire' ? `${APPLICATION_ID}:${source}:${destination}` : APPLICATION_ID,
    'crosspoint.source': source,
    'crosspoint.destination': destination,
    'media.name': `${source} to ${destination}`,
    ...(flavour === 'pipewire'
      ? {
          // PipeWire takes the latency from the streams (else its default of 21 ms), as frames at 48 kHz.
          'node.latency': `${latencyMs * 48}/48000`,
          // WirePlumber shall not remember volumes (0.4 still does).
          'state.restore-props': 'false',
        }
      : {}),
  };
  // The same in PulseAudio's memory: one name for each stream.
  const restoreId = crosspointStreamId(wiring);
  return moduleArguments(
    {
      source: wiring.from,
      sink: wiring.to,
      latency_msec: latencyMs + delayMs,
      max_latency_msec: latencyMs * LATENCY_CEILING + delayMs,
      // A loopback that lost its device must end, not play on somewhere else.
      source_dont_move: true,
      sink_dont_move: true,
      sink_input_properties: { ...properties, 'module-stream-restore.id': restoreId },
      source_output_properties: { ...properties, 'module-stream-restore.id': `${restoreId}-capture` },
    },
    flavour,
  );
}

/** What a path of our own mixer is built as, in one text. */
export const mixerArgument = ({
  from,
  to,
  latencyMs,
  delayMs,
}: Pick<CrosspointWiring, 'from' | 'to' | 'latencyMs' | 'delayMs'>): string =>
  `mixer ${latencyMs}+${delayMs} ms ${JSON.stringify([from, to])}`;

/** Name of the file with the gadgets' cookie: it also marks the module that listens for them as ours. */
export const LISTENER_COOKIE = 'crosspoint-gadgets.cookie';

export interface ListenerWiring {
  readonly host: string;
  readonly port: number;
  /** Path of the cookie file, named `LISTENER_COOKIE`. */
  readonly cookie: string;
}

/** PulseAudio only: PipeWire's looks at no cookie. */
export const listenerArgument = ({ host, port, cookie }: ListenerWiring): string =>
  moduleArguments({ port, listen: host, 'auth-cookie': cookie }, 'pulseaudio');

/** What one of our own modules is for. */
export type OwnModule =
  | { readonly role: 'bus'; readonly bus: string }
  | { readonly role: 'echo'; readonly microphone: SourceId }
  | { readonly role: 'crosspoint'; readonly key: CellKey }
  | { readonly role: 'listener' };

const marker = (argument: string, key: string): string | undefined =>
  new RegExp(`[" ]crosspoint\\.${key}='([A-Za-z0-9._:-]+)'`).exec(argument)?.[1];

/** Recognises our own modules by the marks in their arguments; null for anybody else's. */
export function recogniseModule({ name, argument }: ModuleInfo): OwnModule | null {
  switch (name) {
    case 'module-null-sink': {
      const bus = marker(argument, 'bus');
      return bus === undefined ? null : { role: 'bus', bus: `${OWN_PREFIX}${bus}` };
    }
    case 'module-loopback': {
      const source = marker(argument, 'source');
      const destination = marker(argument, 'destination');
      if (source === undefined || destination === undefined) return null;
      return { role: 'crosspoint', key: cellKey(source as SourceId, destination as DestinationId) };
    }
    case 'module-echo-cancel': {
      const microphone = marker(argument, 'echo');
      return microphone === undefined ? null : { role: 'echo', microphone: microphone as SourceId };
    }
    case 'module-native-protocol-tcp':
      return argument.includes(LISTENER_COOKIE) ? { role: 'listener' } : null;
    default:
      return null;
  }
}
