import { type Disposable } from '../base/disposable.ts';
import { type Command, type State } from '../contract/index.ts';
import { Fade } from './fade.ts';
import { type Model } from './store/model.ts';

/** A fade moves the gains so often. */
const FADE_STEP_MS = 100;

/** What a fade works on. */
export interface FadingModel {
  readonly model: Model;
  /** Takes the next step of the fade into effect. */
  step(model: Model): void;
}

/** The scene that was recalled or saved last, and the fade that leads to it. */
export class CurrentScene implements Disposable {
  readonly #target: FadingModel;
  #status: State['status']['scene'] = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(target: FadingModel) {
    this.#target = target;
  }

  get status(): State['status']['scene'] {
    return this.#status;
  }

  /** Commands were taken: which scene is it now? */
  note(commands: readonly Command[]): void {
    for (const command of commands)
      if (command.type === 'scene.recall' || command.type === 'scene.save') {
        // What was on its way to another scene stays where it is.
        this.endFade();
        this.#status = { name: command.name };
      } else if (command.type === 'scene.delete' && this.#status?.name === command.name) this.#status = null;
  }

  /** Begin to move from one model to another. Answers the model that is in effect at once. */
  fade(before: Model, after: Model, forMs: number): Model {
    const fade = new Fade(before, after);
    if (fade.empty) return fade.start;
    const begunMs = performance.now();
    if (this.#status) this.#status = { ...this.#status, fadingMs: forMs };
    this.#timer = setInterval(() => {
      const progress = Math.min(1, (performance.now() - begunMs) / forMs);
      if (progress >= 1 || fade.empty) this.endFade();
      this.#target.step(fade.step(this.#target.model, progress));
    }, FADE_STEP_MS);
    return fade.start;
  }

  endFade(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (this.#status?.fadingMs !== undefined) this.#status = { name: this.#status.name };
  }

  dispose(): void {
    clearInterval(this.#timer);
  }
}
