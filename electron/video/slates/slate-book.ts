import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import { type SourceTools } from '../sources/encoded-source.ts';
import { ImageSource } from '../sources/image-source.ts';
import { type Frame } from '../frames/frame.ts';
import { type Rendition, renditionKey } from '../frames/rendition.ts';
import { type SlateKind, type Slates, type SlateSize, type SlateSource } from '../frames/slates.ts';
import { SlateWriter } from './slate-writer.ts';

/** The sizes that are made before somebody needs them. */
const SIZES: readonly SlateSize[] = [
  { width: 1280, height: 720 },
  { width: 640, height: 480 },
  { width: 640, height: 360 },
  { width: 320, height: 180 },
];

const OWN = { 'no-signal': 'no signal', muted: 'muted' } as const;
type OwnKind = keyof typeof OWN;

/** All slates: the built-in ones, images of the user's own in their place, and errors with their reason. */
export class SlateBook implements SlateSource, Disposable {
  readonly #builtIn: Slates;
  readonly #tools: SourceTools;
  readonly #writer: SlateWriter;
  readonly #changed = new Emitter<void>();
  readonly #problems = new Emitter<void>();
  readonly #own = new Map<SlateKind, OwnSlate>();

  constructor(builtIn: Slates, tools: SourceTools) {
    this.#builtIn = builtIn;
    this.#tools = tools;
    this.#writer = new SlateWriter(tools, () => this.#changed.fire());
  }

  get onChange(): Event<void> {
    return this.#changed.event;
  }

  /** Why images of the user's own are not shown. */
  get problems(): readonly string[] {
    return [...this.#own.values()].flatMap(({ problem }) => problem ?? []);
  }

  get onProblems(): Event<void> {
    return this.#problems.event;
  }

  /** Image files of the user's own; null: the built-in slate. */
  use({ noSignal, muted }: { readonly noSignal: string | null; readonly muted: string | null }): void {
    this.#use('no-signal', noSignal);
    this.#use('muted', muted);
  }

  get(kind: SlateKind, size: SlateSize, reason?: string): Frame {
    const builtIn = this.#builtIn.get(kind, size);
    if (reason !== undefined) return this.#writer.get(builtIn, size, reason) ?? builtIn;
    return this.#own.get(kind)?.get(size) ?? builtIn;
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#own.values(), this.#writer].map((item) => item.dispose()));
    this.#own.clear();
    this.#changed.dispose();
    this.#problems.dispose();
  }

  #use(kind: OwnKind, file: string | null): void {
    const old = this.#own.get(kind);
    if ((old?.file ?? null) === file) return;
    void old?.dispose();
    this.#own.delete(kind);
    if (file !== null) {
      const own = new OwnSlate(OWN[kind], file, this.#tools, {
        onFrame: () => this.#changed.fire(),
        onProblem: () => this.#problems.fire(),
      });
      this.#own.set(kind, own);
    }
    this.#changed.fire();
    this.#problems.fire();
  }
}

/** One image file, in all sizes that are asked for. */
class OwnSlate implements Disposable {
  readonly file: string;
  readonly #label: string;
  readonly #image: ImageSource;
  readonly #frames = new Map<string, Frame | undefined>();
  readonly #owned = new DisposableStore();
  readonly #onFrame: () => void;

  constructor(
    label: string,
    file: string,
    tools: SourceTools,
    { onFrame, onProblem }: { readonly onFrame: () => void; readonly onProblem: () => void },
  ) {
    this.file = file;
    this.#label = label;
    this.#onFrame = onFrame;
    this.#image = this.#owned.add(new ImageSource(`slate "${label}"`, file, tools));
    this.#owned.add(
      this.#image.onStatus(({ state }) => {
        if (state === 'error') {
          for (const key of this.#frames.keys()) this.#frames.set(key, undefined);
          onFrame();
        }
        onProblem();
      }),
    );
    for (const size of SIZES) this.#make(size);
  }

  get problem(): string | undefined {
    const { state, reason } = this.#image.status;
    return state === 'online' ? undefined : `The built-in “${this.#label}” slate is shown. ${reason ?? ''}`;
  }

  /** In this size; another one while it is being made. */
  get(size: SlateSize): Frame | undefined {
    const key = keyOf(size);
    if (!this.#frames.has(key)) this.#make(size);
    const frame = this.#frames.get(key);
    // Another one may be larger than its receiver's link allows.
    return frame || size.capBytes !== undefined
      ? frame
      : [...this.#frames.values()].find((other) => other !== undefined);
  }

  dispose(): Promise<void> {
    return this.#owned.dispose();
  }

  #make(size: SlateSize): void {
    const key = keyOf(size);
    this.#frames.set(key, undefined);
    this.#owned.add(
      this.#image.follow(renditionOf(size), (frame) => {
        this.#frames.set(key, frame);
        this.#onFrame();
      }),
    );
  }
}

const renditionOf = ({ width, height, capBytes }: SlateSize): Rendition => ({
  width,
  height,
  fps: 30,
  ...(capBytes === undefined ? {} : { capBytes }),
});
const keyOf = (size: SlateSize): string => renditionKey(renditionOf(size));
