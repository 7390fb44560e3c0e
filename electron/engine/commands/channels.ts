import { CrosspointError, type CommandOf } from '../../contract/index.ts';
import { type Handlers, type ModelDraft } from './context.ts';
import { type ChannelDraft, findChannel, findDestination, refuseLocked } from './resolve.ts';

type Update = CommandOf<'channel.update'>;
type Setting = Exclude<keyof Update, 'type' | 'id'>;
type Kind = ChannelDraft['kind'];

const ALL: readonly Kind[] = [
  'camera',
  'ingest',
  'ingest-audio',
  'microphone',
  'return',
  'webcam',
  'program',
  'mic',
  'speaker',
];

/** How a channel looks in the matrix, and whether scenes change it: no reason to refuse a locked one. */
const LOOKS: readonly Setting[] = ['order', 'colour', 'icon', 'safe'];

const FITS: Readonly<Record<Setting, readonly Kind[]>> = {
  picture: ['camera', 'ingest'],
  maxFrameBytes: ['webcam'],
  room: ['microphone', 'speaker'],
  echo: ['microphone'],
  talkOver: ['microphone'],
  duckDb: ['speaker'],
  delayMs: ['mic', 'speaker'],
  latencyMs: ['mic', 'speaker'],
  order: ALL,
  colour: ALL,
  icon: ALL,
  safe: ALL,
};
const SETTINGS = Object.keys(FITS) as Setting[];

const NAMES: Readonly<Record<Kind, string>> = {
  camera: 'cameras',
  ingest: 'ingests',
  'ingest-audio': 'ingest sound',
  microphone: 'microphones',
  return: 'returns',
  webcam: 'webcams',
  program: 'programs',
  mic: "gadgets' microphones",
  speaker: 'speakers',
};

export const channels: Handlers<'channel.update' | 'settings.update'> = {
  'channel.update'(model, command) {
    const channel = findChannel(model, command.id);
    if ('locked' in channel && SETTINGS.some((name) => command[name] !== undefined && !LOOKS.includes(name)))
      refuseLocked(channel);
    for (const setting of SETTINGS)
      if (command[setting] !== undefined && !FITS[setting].includes(channel.kind))
        throw new CrosspointError(
          'bad-request',
          `${channel.label} (${channel.id}) has no setting "${setting}": it is for ${FITS[setting].map((kind) => NAMES[kind]).join(' and ')}.`,
          { path: setting },
        );
    if (command.order !== undefined) channel.order = command.order;
    if (command.colour !== undefined) channel.colour = command.colour;
    if (command.icon !== undefined) channel.icon = command.icon;
    if (command.safe !== undefined) channel.safe = command.safe;
    update(model, channel, command);
    return undefined;
  },

  'settings.update'(model, { slateAfterMs, slates, soloDestination, gainCeilingDb, soundMixer }) {
    const { settings } = model;
    if (slateAfterMs !== undefined) settings.slateAfterMs = slateAfterMs;
    if (gainCeilingDb !== undefined) settings.gainCeilingDb = gainCeilingDb;
    if (soundMixer !== undefined) settings.soundMixer = soundMixer;
    if (slates?.noSignal !== undefined) settings.slates.noSignal = slates.noSignal;
    if (slates?.muted !== undefined) settings.slates.muted = slates.muted;
    if (soloDestination !== undefined)
      settings.soloDestination =
        soloDestination === null ? null : findSpeaker(model, soloDestination, 'soloDestination').id;
    return undefined;
  },
};

function findSpeaker(model: ModelDraft, reference: string, path: string) {
  const destination = findDestination(model, reference, 'audio', path);
  if (destination.kind !== 'speaker')
    throw new CrosspointError('bad-request', `${destination.label} (${destination.id}) is no speaker.`, {
      path,
      hint: 'Take a speaker or headphones of this box.',
    });
  return destination;
}

function update(model: ModelDraft, channel: ChannelDraft, command: Update): void {
  switch (channel.kind) {
    case 'camera':
    case 'ingest': {
      const { crop, rotate, mirror, blur } = command.picture ?? {};
      if (crop !== undefined) channel.picture.crop = crop;
      if (rotate !== undefined) channel.picture.rotate = rotate;
      if (mirror !== undefined) channel.picture.mirror = mirror;
      if (blur !== undefined) channel.picture.blur = blur;
      break;
    }
    case 'webcam':
      if (command.maxFrameBytes !== undefined) channel.maxFrameBytes = command.maxFrameBytes;
      break;
    case 'microphone':
      if (command.room !== undefined) channel.room = command.room;
      if (command.talkOver !== undefined) channel.talkOver = command.talkOver;
      if (command.echo !== undefined)
        channel.echo = command.echo && {
          reference: findSpeaker(model, command.echo.reference, 'echo.reference').id,
          noiseSuppression: command.echo.noiseSuppression,
        };
      break;
    case 'speaker':
      if (command.room !== undefined) channel.room = command.room;
      if (command.duckDb !== undefined) channel.duckDb = command.duckDb;
      if (command.delayMs !== undefined) channel.delayMs = command.delayMs;
      if (command.latencyMs !== undefined) channel.latencyMs = command.latencyMs;
      break;
    case 'mic':
      if (command.delayMs !== undefined) channel.delayMs = command.delayMs;
      if (command.latencyMs !== undefined) channel.latencyMs = command.latencyMs;
      break;
    case 'ingest-audio':
    case 'return':
    case 'program':
      break;
  }
}
