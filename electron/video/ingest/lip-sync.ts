import { type Disposable } from '../../base/disposable.ts';
import { type Frame } from '../frames/frame.ts';

/**
 * Sound is on its way for longer than pictures: its packets, its decoder and the mixer hold it. So pictures wait for one
 * frame interval while the sound of their publisher is listened to.
 */
export const LIP_SYNC_MS = 33;
/** Never more than this many: what is older is left out. */
const HELD_FRAMES = 3;

/** Holds the frames that one consumer gets until their sound is there. */
export class HeldFrames implements Disposable {
  readonly #onFrame: (frame: Frame) => void;
  readonly #holdMs: () => number;
  #held: { readonly frame: Frame; readonly dueMs: number }[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** @param holdMs for how long now, in milliseconds */
  constructor(holdMs: () => number, onFrame: (frame: Frame) => void) {
    this.#holdMs = holdMs;
    this.#onFrame = onFrame;
  }

  push(frame: Frame): void {
    const holdMs = this.#holdMs();
    if (holdMs === 0) {
      // Those that wait are older.
      this.clear();
      this.#onFrame(frame);
      return;
    }
    this.#held = [...this.#held, { frame, dueMs: performance.now() + holdMs }].slice(-HELD_FRAMES);
    this.#schedule();
  }

  /** They must not be seen any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held = [];
  }

  dispose(): void {
    this.clear();
  }

  #schedule(): void {
    const [next] = this.#held;
    if (!next || this.#timer) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        const due = this.#held.shift();
        this.#schedule();
        if (due) this.#onFrame(due.frame);
      },
      Math.max(0, next.dueMs - performance.now()),
    );
  }
}
