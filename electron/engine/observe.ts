import { type AudioStatus, type CrosspointStatus, type GadgetSound } from '../audio/plane.ts';
import {
  type CellStatus,
  cellKey,
  type DeviceStatus,
  type GadgetManagement,
  type GadgetStatus,
  type Problem,
  type ServiceStatus,
  type Status,
} from '../contract/index.ts';
import { type GadgetsStatus } from '../gadgets/plane.ts';
import { type GadgetLink, type VideoStatus } from '../video/plane.ts';
import { impossible } from './commands/routing.ts';
import { type Model } from './store/model.ts';

export interface Observed {
  readonly audio: AudioStatus;
  readonly video: VideoStatus;
  readonly gadgets: GadgetsStatus;
  readonly history: Status['history'];
  readonly demo: boolean;
  /** What is listened to. */
  readonly solo: readonly string[];
  readonly held: Status['held'];
  readonly scene: Status['scene'];
  /** What the engine itself has to complain about. */
  readonly problems: readonly Problem[];
}

/** The observed half of the document, put together from what the planes report. Pure. */
export function deriveStatus(model: Model, observed: Observed): Status {
  const { audio, video, history, demo, solo } = observed;
  const devices = deriveDevices(model, observed);
  return {
    devices,
    cells: deriveCells(model, observed, devices),
    tally: deriveTally(model, video),
    gadgets: Object.fromEntries(
      model.gadgets.map(({ id }) => [
        id,
        gadgetStatus(video.gadgets[id], audio.gadgets[id], observed.gadgets.gadgets[id]),
      ]),
    ),
    ...(audio.listening ? { listening: audio.listening } : {}),
    echo: audio.echo,
    solo: [...solo],
    held: observed.held,
    scene: observed.scene,
    ducking: audio.ducking,
    found: { cameras: [...video.cameras], gadgets: [...observed.gadgets.found] },
    services: { sound: audio.sound, rtmp: video.rtmp, ffmpeg: video.ffmpeg },
    problems: [
      ...observed.problems,
      ...serviceProblems(observed),
      ...slateProblems(video),
      ...deviceProblems(model, devices),
      ...echoProblems(model, audio),
      ...roomProblems(model),
    ],
    history,
    demo,
  };
}

const NOT_CONNECTED = 'The gadget is not connected to this box.';

function deriveDevices(model: Model, { audio, video }: Observed): Record<string, DeviceStatus> {
  const present = new Set(
    [...(audio.devices?.microphones ?? []), ...(audio.devices?.speakers ?? [])].map(({ name }) => name),
  );
  const sound = (device: string): DeviceStatus => {
    if (present.has(device)) return { state: 'online' };
    return audio.sound.state === 'ready'
      ? { state: 'offline', reason: 'Not connected. Its routes come back with it.' }
      : { state: 'offline', reason: audio.sound.reason ?? 'The sound server is not connected.' };
  };
  const linked = (connected: boolean): DeviceStatus =>
    connected ? { state: 'online' } : { state: 'offline', reason: NOT_CONNECTED };
  const entries = [...model.sources, ...model.destinations].map((channel): [string, DeviceStatus] => {
    switch (channel.kind) {
      case 'camera':
      case 'ingest':
      case 'ingest-audio':
        return [
          channel.id,
          video.sources[channel.kind === 'ingest-audio' ? channel.ingest : channel.id] ?? {
            state: 'offline',
          },
        ];
      case 'microphone':
      case 'speaker':
        return [channel.id, sound(channel.device)];
      case 'return':
      case 'mic':
        return [channel.id, linked(audio.gadgets[channel.gadget]?.connected ?? false)];
      case 'webcam':
        return [channel.id, linked(video.gadgets[channel.gadget]?.connected ?? false)];
      case 'program':
        return [channel.id, { state: 'online' }];
    }
  });
  return Object.fromEntries(entries);
}

function deriveCells(
  model: Model,
  { audio, video }: Observed,
  devices: Readonly<Record<string, DeviceStatus>>,
): Record<string, CellStatus> {
  const cells: Record<string, CellStatus> = {};
  const routed = new Set(model.routes.map(({ source, destination }) => cellKey(source, destination)));
  for (const destination of model.destinations) {
    for (const source of model.sources) {
      if (source.media !== destination.media) continue;
      const key = cellKey(source.id, destination.id);
      const reason = impossible(model, source, destination);
      if (reason !== undefined) cells[key] = { state: 'impossible', reason };
      else if (!routed.has(key)) cells[key] = { state: 'off' };
      else if (destination.media === 'video')
        cells[key] = video.outputs[destination.id] ?? { state: 'pending' };
      else {
        const mixed = audio.crosspoints[key];
        cells[key] = mixed
          ? withEnds(mixed, devices[source.id], devices[destination.id])
          : soundless(audio.sound, devices[source.id]);
      }
    }
  }
  return cells;
}

/**
 * The mixer has a path between its buses before a gadget or a publisher is there: nothing flows on it then, however late it
 * would be. What the mixer cannot do, or is still about to do, is said first.
 */
function withEnds(
  mixed: CrosspointStatus,
  source: DeviceStatus | undefined,
  destination: DeviceStatus | undefined,
): CellStatus {
  const { state, targetMs, heard } = mixed;
  const away = [source, destination].find((end) => end?.state === 'offline');
  if (!away || (state !== 'live' && state !== 'degraded')) return mixed;
  return {
    ...offlineBy(away),
    ...(targetMs === undefined ? {} : { targetMs }),
    ...(heard ? { heard } : {}),
  };
}

/** A route which the mixer says nothing of yet. */
function soundless(sound: ServiceStatus, source: DeviceStatus | undefined): CellStatus {
  if (sound.state === 'failed')
    return { state: 'error', reason: sound.reason ?? 'The sound server is not available.' };
  return source?.state === 'offline' ? offlineBy(source) : { state: 'pending' };
}

const offlineBy = ({ reason }: DeviceStatus): CellStatus => ({
  state: 'offline',
  ...(reason === undefined ? {} : { reason }),
});

function deriveTally(model: Model, video: VideoStatus): Record<string, boolean> {
  const tally: Record<string, boolean> = {};
  for (const { id } of model.gadgets) {
    const link = video.gadgets[id];
    tally[`${id}.webcam`] = link?.tally.webcam ?? false;
    tally[`${id}.mic`] = link?.tally.mic ?? false;
    tally[`${id}.return`] = link?.tally.speaker ?? false;
  }
  return tally;
}

function gadgetStatus(
  link: GadgetLink | undefined,
  sound: GadgetSound | undefined,
  management: GadgetManagement | undefined,
): GadgetStatus {
  return {
    video: link?.connected === true ? 'connected' : 'offline',
    audio: sound?.connected === true ? 'connected' : 'offline',
    ...(link?.format ? { format: link.format } : {}),
    ...(link?.stats ? { stats: link.stats } : {}),
    ...(sound?.connected === true ? { sound: soundOf(sound) } : {}),
    ...(link?.remoteAddress === undefined ? {} : { remoteAddress: link.remoteAddress }),
    ...(management ? { management } : {}),
  };
}

const soundOf = ({ micMs, returnMs, xruns = 0 }: GadgetSound): NonNullable<GadgetStatus['sound']> => ({
  xruns,
  ...(micMs === undefined ? {} : { micMs }),
  ...(returnMs === undefined ? {} : { returnMs }),
});

function echoProblems({ sources }: Model, { echo }: AudioStatus): Problem[] {
  return sources.flatMap((source): Problem[] => {
    const status = echo[source.id];
    const isWeak = status?.state === 'running' && status.reason !== undefined;
    if (status?.state !== 'error' && !isWeak) return [];
    return [
      {
        id: `echo:${source.id}`,
        severity: isWeak ? 'warning' : 'error',
        subject: source.id,
        message: `${source.label}: echo cancelling does not work${isWeak ? ' well' : ''}: ${status.reason ?? 'no reason is known'}`,
      },
    ];
  });
}

/**
 * A microphone and a speaker in one room, without echo cancelling: the microphone sent to the speaker howls; sent to a
 * computer whose sound comes out of that speaker, the people there hear themselves.
 */
function roomProblems({ sources, destinations, routes }: Model): Problem[] {
  const isRouted = (source: string, destination: string) =>
    routes.some((route) => route.source === source && route.destination === destination && !route.muted);
  const speakers = destinations.filter((destination) => destination.kind === 'speaker');
  return sources.flatMap((microphone): Problem[] => {
    if (microphone.kind !== 'microphone' || microphone.room === null) return [];
    return speakers.flatMap((speaker): Problem[] => {
      if (speaker.room !== microphone.room || microphone.echo?.reference === speaker.id) return [];
      const common = { severity: 'warning', subject: microphone.id } as const;
      const hint = `Switch on echo cancelling of ${microphone.label} against ${speaker.label}, or use headphones.`;
      const both = `${microphone.label} and ${speaker.label} are in one room (${speaker.room})`;
      if (isRouted(microphone.id, speaker.id))
        return [
          {
            ...common,
            id: `room:${microphone.id}|${speaker.id}`,
            message: `${both}: the one plays what the other hears, which can howl.`,
            hint,
          },
        ];
      const computers = sources.filter(
        (source) =>
          source.kind === 'return' &&
          isRouted(source.id, speaker.id) &&
          isRouted(microphone.id, `${source.gadget}.mic`),
      );
      if (computers.length === 0) return [];
      return [
        {
          ...common,
          id: `room:${microphone.id}|${speaker.id}`,
          message: `${both}: those who listen on ${computers.map(({ label }) => label).join(', ')} hear an echo of themselves.`,
          hint,
        },
      ];
    });
  });
}

const slateProblems = ({ slateProblems: sentences = [] }: VideoStatus): Problem[] =>
  sentences.map((message) => ({
    id: `slate:${message}`,
    severity: 'warning',
    message,
    hint: 'Choose another image for this slate in the settings, or none.',
  }));

function serviceProblems({ audio, video }: Observed): Problem[] {
  const services = { 'The mixer': audio.sound, 'The RTMP server': video.rtmp, ffmpeg: video.ffmpeg };
  return Object.entries(services).flatMap(([name, { state, reason }]): Problem[] =>
    state === 'failed'
      ? [
          {
            id: `service:${name}`,
            severity: 'error',
            message: `${name} is not working: ${reason ?? 'no reason is known'}`,
          },
        ]
      : [],
  );
}

/** Sources and destinations that have routes but cannot work. */
function deviceProblems(model: Model, devices: Readonly<Record<string, DeviceStatus>>): Problem[] {
  const used = new Set<string>(model.routes.flatMap(({ source, destination }) => [source, destination]));
  return [...model.sources, ...model.destinations].flatMap((channel): Problem[] => {
    const device = devices[channel.id];
    if (device?.state === 'error')
      return [
        {
          id: `device:${channel.id}`,
          severity: 'error',
          subject: channel.id,
          message: `${channel.label}: ${device.reason ?? 'does not work.'}`,
        },
      ];
    const matters = channel.kind === 'microphone' || channel.kind === 'speaker' || channel.kind === 'camera';
    if (device?.state === 'offline' && matters && used.has(channel.id))
      return [
        {
          id: `device:${channel.id}`,
          severity: 'warning',
          subject: channel.id,
          message: `${channel.label}: ${device.reason ?? 'is not connected.'}`,
        },
      ];
    return [];
  });
}
