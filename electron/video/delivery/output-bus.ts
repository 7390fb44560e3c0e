import { type Disposable, toDisposable } from '../../base/disposable.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition, renditionKey } from '../frames/rendition.ts';
import { type Slates } from '../frames/slates.ts';
import { Switcher, type SwitcherTarget } from '../frames/switcher.ts';
import { type OutputStatus } from '../plane.ts';

export interface OutputBusOptions {
  readonly slates: Slates;
  readonly onStatus: () => void;
  readonly slateAfterMs?: number;
  readonly firstPictureMs?: number;
}

interface Channel {
  readonly switcher: Switcher;
  readonly followers: Set<(frame: Frame) => void>;
}

/** What one output shows: a switcher for each rendition that somebody takes, all with the same target. */
export class OutputBus implements Disposable {
  readonly #options: OutputBusOptions;
  readonly #channels = new Map<string, Channel>();
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

  /** Get what is shown from now on; what is shown now comes at once, during the call. */
  follow(rendition: Rendition, onFrame: (frame: Frame) => void): Disposable {
    const key = renditionKey(rendition);
    const channel = this.#channels.get(key) ?? this.#open(key, rendition);
    const follower = (frame: Frame): void => onFrame(frame);
    onFrame(channel.switcher.latest);
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
  }

  #open(key: string, rendition: Rendition): Channel {
    const followers = new Set<(frame: Frame) => void>();
    const { slates, onStatus, slateAfterMs, firstPictureMs } = this.#options;
    const switcher = new Switcher({
      rendition,
      slates,
      onFrame: (frame) => {
        for (const follower of [...followers]) follower(frame);
      },
      onStatus,
      ...(slateAfterMs === undefined ? {} : { slateAfterMs }),
      ...(firstPictureMs === undefined ? {} : { firstPictureMs }),
    });
    const channel: Channel = { switcher, followers };
    this.#channels.set(key, channel);
    switcher.set(this.#target);
    return channel;
  }
}
