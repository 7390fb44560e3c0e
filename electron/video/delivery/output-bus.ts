import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition, renditionKey } from '../frames/rendition.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import { type SlateSource } from '../frames/slates.ts';
import { DEFAULT_TIMING, Switcher, type SwitcherTarget, type SwitcherTiming } from '../frames/switcher.ts';
import { type OutputStatus } from '../plane.ts';

export interface OutputBusOptions {
  readonly slates: SlateSource;
  readonly onStatus: () => void;
  readonly timing?: SwitcherTiming;
}

interface Channel {
  readonly switcher: Switcher;
  readonly followers: Set<(frame: Frame) => void>;
}

/** What one output shows: a switcher for each rendition that somebody takes, all with the same target. */
export class OutputBus implements Disposable {
  readonly #options: OutputBusOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #concealed = new Emitter<void>();
  #target: SwitcherTarget = { source: null, muted: false };

  constructor(options: OutputBusOptions) {
    this.#options = options;
  }

  get target(): SwitcherTarget {
    return this.#target;
  }

  set(target: SwitcherTarget): void {
    this.#target = target;
    for (const { switcher } of this.#channels.values()) switcher.set(target);
  }

  /** A picture that was shown may not be seen any more. */
  get onConceal(): Event<void> {
    return this.#concealed.event;
  }

  /**
   * Get what is shown from now on; what is shown now comes at once, during the call. One who is patient gets nothing,
   * rather than a slate, while the first picture is on its way.
   */
  follow(
    rendition: Rendition,
    onFrame: (frame: Frame) => void,
    { patient = false }: { readonly patient?: boolean } = {},
  ): Disposable {
    const key = renditionKey(rendition);
    const channel = this.#channels.get(key) ?? this.#open(key, rendition, patient);
    if (!patient) channel.switcher.hurry();
    const follower = (frame: Frame): void => onFrame(frame);
    const { latest } = channel.switcher;
    if (latest) onFrame(latest);
    channel.followers.add(follower);
    return toDisposable(() => {
      channel.followers.delete(follower);
      if (channel.followers.size > 0) return;
      channel.switcher.dispose();
      if (this.#channels.get(key) === channel) this.#channels.delete(key);
    });
  }

  /** How it is with this rendition; undefined when nobody takes it. */
  statusOf(rendition: Rendition): OutputStatus | undefined {
    return this.#channels.get(renditionKey(rendition))?.switcher.status;
  }

  dispose(): void {
    for (const { switcher } of this.#channels.values()) switcher.dispose();
    this.#channels.clear();
    this.#concealed.dispose();
  }

  #open(key: string, rendition: Rendition, patient: boolean): Channel {
    const followers = new Set<(frame: Frame) => void>();
    const { slates, onStatus, timing = DEFAULT_TIMING } = this.#options;
    const switcher = new Switcher({
      rendition,
      slates,
      onFrame: (frame) => {
        for (const follower of [...followers]) follower(frame);
      },
      onStatus,
      timing,
      patient,
      onConceal: () => this.#concealed.fire(),
    });
    const channel: Channel = { switcher, followers };
    this.#channels.set(key, channel);
    switcher.set(this.#target);
    return channel;
  }
}
