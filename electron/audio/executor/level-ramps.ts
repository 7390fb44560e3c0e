import { type Disposable } from '../../base/disposable.ts';
import { type Level } from '../graph/levels.ts';
import { amplitudeOfRaw, type PulseClient, rawOfAmplitude, type SinkInputInfo } from '../pulse/index.ts';

type LevelClient = Pick<PulseClient, 'setSinkInputVolume' | 'setSinkInputMuted'>;
type Stream = Pick<SinkInputInfo, 'index' | 'volumes' | 'muted'>;

/** Steps shorter than a block of the server would fall together. */
const STEP_MS = 5;
/** No step is larger than this part of full amplitude; what is smaller is set at once. */
const STEP_AMPLITUDE = 1 / 8;
/** Silence is wanted soon: three quick steps take the edge off. */
const MUTE_STEPS = 3;
const MUTE_STEP_MS = 3;

interface Ramp {
  readonly channels: number;
  target: Level;
  amplitude: number;
  muted: boolean;
  stepsLeft: number;
  timer: NodeJS.Timeout | undefined;
  done: Promise<void>;
  settle: () => void;
}

const same = (a: Level, b: Level): boolean => a.raw === b.raw && a.muted === b.muted;

/** Brings streams to their levels in small steps of amplitude, so that nothing clicks. In the background. */
export class LevelRamps implements Disposable {
  readonly #client: LevelClient;
  readonly #onError: (error: unknown) => void;
  readonly #ramps = new Map<number, Ramp>();

  /** @param onError a stream that is gone, a connection that is lost */
  constructor(client: LevelClient, onError: (error: unknown) => void) {
    this.#client = client;
    this.#onError = onError;
  }

  isMoving(index: number): boolean {
    return this.#ramps.has(index);
  }

  /** Is the stream on its way to this level? */
  isBound(index: number, level: Level): boolean {
    const ramp = this.#ramps.get(index);
    return ramp !== undefined && same(ramp.target, level);
  }

  /** Set at once, without steps: for streams that nobody can hear yet. */
  async setNow(stream: Stream, { raw, muted }: Level): Promise<void> {
    this.#cancel(stream.index);
    const volume = (): Promise<void> =>
      this.#client.setSinkInputVolume(
        stream.index,
        stream.volumes.map(() => raw),
      );
    const mute = (): Promise<void> => this.#client.setSinkInputMuted(stream.index, muted);
    // The server takes them in this order: silent first, or loud last.
    await Promise.all(muted ? [mute(), volume()] : [volume(), mute()]);
  }

  /** From where the stream is now to the level. The promise settles when it is there; it never rejects. */
  glide(stream: Stream, level: Level): Promise<void> {
    const under = this.#ramps.get(stream.index);
    if (under && same(under.target, level)) return under.done;
    const ramp = under ?? this.#begin(stream, level);
    ramp.target = level;
    const goal = level.muted ? 0 : amplitudeOfRaw(level.raw);
    const distance = Math.abs(goal - ramp.amplitude);
    ramp.stepsLeft = level.muted
      ? distance > 0
        ? MUTE_STEPS
        : 1
      : Math.max(1, Math.ceil(distance / STEP_AMPLITUDE));
    if (!under) this.#step(stream.index, ramp);
    return ramp.done;
  }

  #begin(stream: Stream, target: Level): Ramp {
    let settle = (): void => undefined;
    const done = new Promise<void>((resolve) => (settle = resolve));
    const ramp: Ramp = {
      channels: stream.volumes.length,
      target,
      amplitude: stream.muted ? 0 : amplitudeOfRaw(Math.max(0, ...stream.volumes)),
      muted: stream.muted,
      stepsLeft: 0,
      timer: undefined,
      done,
      settle,
    };
    this.#ramps.set(stream.index, ramp);
    return ramp;
  }

  #step(index: number, ramp: Ramp): void {
    const { target } = ramp;
    const last = ramp.stepsLeft <= 1;
    const goal = target.muted ? 0 : amplitudeOfRaw(target.raw);
    ramp.amplitude += (goal - ramp.amplitude) / Math.max(1, ramp.stepsLeft);
    ramp.stepsLeft--;
    if (last && target.muted) {
      this.#mute(index, ramp, true);
      this.#volume(index, ramp, target.raw);
    } else {
      this.#volume(index, ramp, last ? target.raw : rawOfAmplitude(ramp.amplitude));
      // The volume is low by now, so nothing is heard too loud.
      if (ramp.muted && !target.muted) this.#mute(index, ramp, false);
    }
    if (last) this.#cancel(index);
    else ramp.timer = setTimeout(() => this.#step(index, ramp), target.muted ? MUTE_STEP_MS : STEP_MS);
  }

  #volume(index: number, { channels }: Ramp, raw: number): void {
    this.#client
      .setSinkInputVolume(index, new Array<number>(channels).fill(raw))
      .catch((error: unknown) => this.#fail(index, error));
  }

  #mute(index: number, ramp: Ramp, muted: boolean): void {
    ramp.muted = muted;
    this.#client.setSinkInputMuted(index, muted).catch((error: unknown) => this.#fail(index, error));
  }

  #fail(index: number, error: unknown): void {
    this.#cancel(index);
    this.#onError(error);
  }

  #cancel(index: number): void {
    const ramp = this.#ramps.get(index);
    if (!ramp) return;
    clearTimeout(ramp.timer);
    this.#ramps.delete(index);
    ramp.settle();
  }

  dispose(): void {
    for (const index of [...this.#ramps.keys()]) this.#cancel(index);
  }
}
