import { type SoundMixer } from '../../contract/index.ts';
import { type Mixer, mixerFor } from '../graph/mixers.ts';

/**
 * Which mixer is asked for. Many routes get our own at once; it is left only after there have been few for a while:
 * somebody who mutes all routes, or goes from scene to scene, shall find it still there.
 */
export class MixerChoice {
  readonly #stayMs: number;
  #now: Mixer = 'loopbacks';
  #fewSince: number | null = null;

  constructor(stayMs: number) {
    this.#stayMs = stayMs;
  }

  /** An earlier engine has left it running, with paths. */
  found(mixer: Mixer): void {
    this.#now = mixer;
  }

  /** @param routes that are to be heard */
  of(setting: SoundMixer, routes: number, now = performance.now()): Mixer {
    const next = mixerFor(setting, routes, this.#now);
    if (setting === 'auto' && this.#now === 'own' && next === 'loopbacks') {
      this.#fewSince ??= now;
      if (now - this.#fewSince < this.#stayMs) return 'own';
    }
    this.#fewSince = null;
    this.#now = next;
    return next;
  }
}
