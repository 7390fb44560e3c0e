import { isAudio, slugify, type State, travelOfDb } from '../../contract/index.ts';
import { cellAddress, ROOT } from './methods.ts';
import { Float, type OscValue } from './packet.ts';

export type FeedbackValue = OscValue | Float;

/** One address that a surface is told of. */
export interface Told {
  readonly address: string;
  readonly value: string;
  readonly says: string;
}

/** What `feedbackOf` tells, for people: `docs/control-surfaces.md` is made of it. */
export const TOLD: readonly Told[] = [
  { address: '/channel/{channel}/label', value: 'text', says: 'Its name' },
  { address: '/channel/{channel}/online', value: '0 or 1', says: 'Is it there?' },
  { address: '/channel/{channel}/mute', value: '0 or 1', says: 'Its own mute' },
  { address: '/channel/{channel}/gain', value: 'number', says: 'Gain in dB; audio only' },
  { address: '/channel/{channel}/fader', value: 'number', says: 'The same as travel, 0 to 1; audio only' },
  { address: '/channel/{channel}/tally', value: '0 or 1', says: 'On air: the client computer uses it now' },
  {
    address: '/channel/{channel}/talk',
    value: '0 or 1',
    says: 'Its push-to-talk key is held; microphones only',
  },
  { address: '/channel/{channel}/cough', value: '0 or 1', says: 'Its cough key is held; microphones only' },
  { address: '/channel/{channel}/solo', value: '0 or 1', says: 'It is listened to; audio only' },
  { address: '/cell/{source}/{destination}/on', value: '0 or 1', says: 'Is it switched on?' },
  {
    address: '/cell/{source}/{destination}/state',
    value: 'text',
    says: 'What is so: live, pending, error …',
  },
  { address: '/cell/{source}/{destination}/gain', value: 'number', says: 'Gain in dB; audio that is on' },
  {
    address: '/cell/{source}/{destination}/fader',
    value: 'number',
    says: 'The same as travel; audio that is on',
  },
  { address: '/cell/{source}/{destination}/mute', value: '0 or 1', says: 'Its own mute; audio that is on' },
  { address: '/scene/{scene}/active', value: '0 or 1', says: 'Was it the last one to be recalled or saved?' },
  { address: '/problems', value: 'number', says: 'How many problems need a person' },
];

const bit = (on: boolean): number => (on ? 1 : 0);

/** Everything that a surface can show, by address. Pure. */
export function feedbackOf({ config, status }: State): Map<string, FeedbackValue> {
  const values = new Map<string, FeedbackValue>();
  const levels = (at: string, gain: number): void => {
    values.set(`${at}/gain`, new Float(gain));
    values.set(`${at}/fader`, new Float(travelOfDb(gain)));
  };
  const talk = new Set<string>(status.held.talk);
  const cough = new Set<string>(status.held.cough);
  const solo = new Set<string>(status.solo);
  for (const channel of [...config.sources, ...config.destinations]) {
    const at = `${ROOT}/channel/${channel.id}`;
    values.set(`${at}/label`, channel.label);
    values.set(`${at}/online`, bit(status.devices[channel.id]?.state === 'online'));
    values.set(`${at}/mute`, bit(channel.muted));
    if (channel.id in status.tally) values.set(`${at}/tally`, bit(status.tally[channel.id] === true));
    if (channel.kind === 'microphone') {
      values.set(`${at}/talk`, bit(talk.has(channel.id)));
      values.set(`${at}/cough`, bit(cough.has(channel.id)));
    }
    if (!isAudio(channel)) continue;
    levels(at, channel.gain);
    values.set(`${at}/solo`, bit(solo.has(channel.id)));
  }
  for (const { id, label, muted, gain } of config.groups) {
    const at = `${ROOT}/channel/${id}`;
    values.set(`${at}/label`, label);
    values.set(`${at}/mute`, bit(muted));
    levels(at, gain);
  }
  const audio = new Set<string>(config.sources.filter(isAudio).map(({ id }) => id));
  for (const [cell, { state }] of Object.entries(status.cells)) {
    if (state === 'impossible') continue;
    const [source, destination] = cell.split('|') as Parameters<typeof cellAddress>;
    const at = cellAddress(source, destination);
    values.set(`${at}/on`, 0);
    values.set(`${at}/state`, state);
  }
  for (const { source, destination, gain, muted } of config.routes) {
    const at = cellAddress(source, destination);
    values.set(`${at}/on`, 1);
    if (!audio.has(source)) continue;
    levels(at, gain);
    values.set(`${at}/mute`, bit(muted));
  }
  for (const { name } of config.scenes)
    values.set(`${ROOT}/scene/${slugify(name)}/active`, bit(status.scene?.name === name));
  values.set(`${ROOT}/problems`, status.problems.length);
  return values;
}

export const sameValue = (a: FeedbackValue | undefined, b: FeedbackValue): boolean =>
  a instanceof Float && b instanceof Float ? Math.abs(a.value - b.value) < 1e-6 : a === b;
