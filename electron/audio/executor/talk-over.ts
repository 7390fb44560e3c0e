import { type Disposable } from '../../base/disposable.ts';
import { PeakProbe } from '../peak-probe.ts';
import { type PulseClient } from '../pulse/index.ts';

/** Louder than this (−40 dBFS) somebody speaks. */
const SPEECH_PEAK = 0.01;
/** Pauses between words are shorter. */
const HOLD_MS = 350;
/** One value each 10 ms: speech is noticed within 20. */
const RATE_HZ = 100;

/** Listens to the talk-over microphones that matter now, and tells when somebody begins and ends to speak. */
export class TalkOver implements Disposable {
  readonly #client: PulseClient;
  readonly #onChange: () => void;
  readonly #probes = new Map<string, PeakProbe>();
  #hold: NodeJS.Timeout | undefined;
  #heardAt = 0;
  #speaking = false;

  constructor(client: PulseClient, onChange: () => void) {
    this.#client = client;
    this.#onChange = onChange;
  }

  get speaking(): boolean {
    return this.#speaking;
  }

  /** @param sources PulseAudio names; none: nobody is listened to */
  listen(sources: ReadonlySet<string>): void {
    for (const [source, probe] of this.#probes)
      if (!sources.has(source)) {
        probe.dispose();
        this.#probes.delete(source);
      }
    for (const source of sources)
      if (!this.#probes.has(source))
        this.#probes.set(
          source,
          new PeakProbe({
            client: this.#client,
            name: 'Crosspoint talk-over',
            source,
            rateHz: RATE_HZ,
            onPeak: (peak) => {
              if (peak >= SPEECH_PEAK) this.#hear();
            },
          }),
        );
    if (sources.size === 0) this.#set(false);
  }

  #hear(): void {
    this.#heardAt = performance.now();
    this.#set(true);
    this.#hold ??= setTimeout(() => this.#check(), HOLD_MS);
  }

  #check(): void {
    this.#hold = undefined;
    const leftMs = this.#heardAt + HOLD_MS - performance.now();
    if (leftMs <= 0) this.#set(false);
    else this.#hold = setTimeout(() => this.#check(), leftMs);
  }

  #set(speaking: boolean): void {
    if (this.#speaking === speaking) return;
    this.#speaking = speaking;
    this.#onChange();
  }

  dispose(): void {
    clearTimeout(this.#hold);
    for (const probe of this.#probes.values()) probe.dispose();
    this.#probes.clear();
  }
}
