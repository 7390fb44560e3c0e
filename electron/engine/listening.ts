import { castDraft } from 'immer';
import { type AudioStatus } from '../audio/plane.ts';
import { type CommandOf, CrosspointError, isAudio } from '../contract/index.ts';
import { findChannel, findDestination, findPair } from './commands/resolve.ts';
import { type Model } from './store/model.ts';

/**
 * What is listened to after a command, in the order of asking.
 * @throws CrosspointError when it cannot be listened to, or there are no headphones
 */
export function nextSolo(
  model: Model,
  solo: readonly string[],
  command: CommandOf<'solo'> | CommandOf<'unsolo'> | CommandOf<'solo.clear'>,
): readonly string[] {
  if (command.type === 'solo.clear') return [];
  const id = soloable(model, command.id);
  const others = solo.filter((other) => other !== id);
  if (command.type === 'unsolo') return others;
  if (model.settings.soloDestination === null)
    throw new CrosspointError('bad-request', 'There are no headphones to listen on.', {
      hint: 'Choose the headphones for solo in the settings: settings.update {"soloDestination": "speaker:…"}.',
    });
  return command.exclusive ? [id] : [...others, id];
}

/** Sources can be listened to, and what a computer gets as its microphone. */
function soloable(model: Model, reference: string): string {
  const channel = findChannel(castDraft(model), reference);
  if (channel.media === 'audio' && channel.kind !== 'speaker') return channel.id;
  throw new CrosspointError(
    channel.media === 'video' ? 'wrong-media' : 'bad-request',
    `${channel.label} (${channel.id}) cannot be listened to.`,
    { path: 'id', hint: "Sources of sound can, and a gadget's microphone." },
  );
}

/** The microphone that a talk or cough key is about. @throws CrosspointError when it is none */
export function microphoneOf(model: Model, reference: string): string {
  const channel = findChannel(castDraft(model), reference);
  if (channel.kind === 'microphone') return channel.id;
  throw new CrosspointError('bad-request', `${channel.label} (${channel.id}) is no microphone.`, {
    path: 'id',
  });
}

/** The audio routes that a command names: one, those of a destination, or all. */
export function pathsOf(
  model: Model,
  { id, source, destination }: CommandOf<'latency.reset'>,
): Model['routes'] {
  const end = id === undefined ? undefined : findDestination(castDraft(model), id, 'audio', 'id');
  const audio = new Set<string>(model.destinations.filter(isAudio).map((channel) => channel.id));
  const pair =
    source === undefined || destination === undefined
      ? undefined
      : findPair(castDraft(model), { source, destination });
  return model.routes.filter(
    (route) =>
      audio.has(route.destination) &&
      (!end || route.destination === end.id) &&
      (!pair || (route.source === pair.source.id && route.destination === pair.destination.id)),
  );
}

/** By speaker: the microphones which are made of what it plays. */
export function feedbackOf(
  { sources, destinations }: Pick<Model, 'sources' | 'destinations'>,
  devices: AudioStatus['devices'],
): ReadonlyMap<string, readonly string[]> {
  const hears = new Map(devices?.microphones.map((microphone) => [microphone.name, microphone.hears]));
  const speakers = destinations.filter((destination) => destination.kind === 'speaker');
  return new Map(
    speakers.map((speaker) => [
      speaker.id,
      sources.flatMap((source) =>
        source.kind === 'microphone' && hears.get(source.device) === speaker.device ? [source.id] : [],
      ),
    ]),
  );
}
