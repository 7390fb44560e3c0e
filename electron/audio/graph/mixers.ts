import { type SoundMixer } from '../../contract/index.ts';

/** What can build paths: loopbacks of the sound server, one for each crosspoint; our own mixer, one stream for each device. */
export const MIXERS = ['loopbacks', 'own'] as const;
export type Mixer = (typeof MIXERS)[number];

/**
 * A loopback at 10 ms takes about 1 % of a core, and stays in the server's real-time threads; our own mixer takes 1 to 2 %
 * for each device, however many crosspoints there are. From so many routes on it is by far the cheaper one.
 */
export const OWN_FROM = 25;
/** Paths move when the mixer changes: one route more or less shall not do that again and again. */
const OWN_UNTIL = 16;

/** @param routes that are to be heard @param now what is in use, or was last */
export function mixerFor(setting: SoundMixer, routes: number, now: Mixer): Mixer {
  if (setting !== 'auto') return setting;
  return routes >= (now === 'own' ? OWN_UNTIL : OWN_FROM) ? 'own' : 'loopbacks';
}
