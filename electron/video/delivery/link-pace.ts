import { type Reduction } from '../frames/rendition.ts';

/** Seconds of congestion before pictures get smaller; of calm before they are tried larger again. */
const BAD_CHECKS = 2;
const CALM_CHECKS = 10;
const MAX_CALM_CHECKS = 120;
/** A try that fails within so many checks was too early: the next one waits twice as long. */
const TRIAL_CHECKS = 15;

/** How much smaller the pictures for one link must be. Asked once a second whether the link was congested. */
export class LinkPace {
  #reduction: Reduction = 0;
  #bad = 0;
  #calm = 0;
  #calmNeeded = CALM_CHECKS;
  #sinceTrial = Infinity;

  get reduction(): Reduction {
    return this.#reduction;
  }

  check(congested: boolean): Reduction {
    this.#sinceTrial++;
    if (congested) {
      this.#calm = 0;
      if (++this.#bad >= BAD_CHECKS) this.#less();
    } else {
      this.#bad = 0;
      if (++this.#calm >= this.#calmNeeded) this.#more();
    }
    return this.#reduction;
  }

  #less(): void {
    this.#bad = 0;
    if (this.#sinceTrial <= TRIAL_CHECKS) this.#calmNeeded = Math.min(MAX_CALM_CHECKS, this.#calmNeeded * 2);
    this.#sinceTrial = Infinity;
    this.#reduction = this.#reduction === 0 ? 1 : 2;
  }

  #more(): void {
    this.#calm = 0;
    if (this.#reduction === 0) {
      this.#calmNeeded = CALM_CHECKS;
      return;
    }
    this.#reduction = this.#reduction === 2 ? 1 : 0;
    this.#sinceTrial = 0;
  }
}
