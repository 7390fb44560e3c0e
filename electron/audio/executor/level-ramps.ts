import { type Disposable } from '../../base/disposable.ts';
import { type Level, sameLevel } from '../graph/levels.ts';
import { amplitudeOfRaw, type PulseClient, rawOfAmplitude, type SinkInputInfo } from '../pulse/index.ts';

type LevelClient = Pick<PulseClient, 'setSinkInputVolume' | 'setSinkInputMuted'>;
type Stream = Pick<SinkInputInfo, 'index' | 'volumes' | 'muted'>;

/** Steps shorter than a block of the server (PulseAudio 3.3 ms, PipeWire 5.3 ms) would fall together. */
const STEP_MS = 5;
/** No step is larger than this part of full amplitude; what is smaller is set at once. */
const STEP_AMPLITUDE = 1 / 24;
/**
 * A server that is slow to take steps gets fewer and larger ones: each stops its thread of the device for a moment, and
 * 256 streams that open at once would be 6000 of them. Silence waits for no answer.
 */
const UNANSWERED_MAX = 2;
/** Silence is wanted soon: a few quick steps take the edge off. */
const MUTE_STEPS = 4;
const MUTE_STEP_MS = 2.5;
/** What the server says of a stream may be older than what it was told so recently. */
const ECHO_MS = 300;

/** What a stream was told to be. */
interface Assigned {
  readonly level: Level;
  /** The last steps on the way there, as they were sent. */
  amplitude: number;
  muted: boolean;
  sentAt: number;
  /** It was seen to be so: whatever else it is from now on, something else has done. */
  confirmed: boolean;
}

/** How long a glide may take, in milliseconds. */
export interface Pace {
  readonly leastMs?: number;
  readonly mostMs?: number;
}

interface Ramp {
  readonly channels: number;
  target: Level;
  amplitude: number;
  muted: boolean;
  stepsLeft: number;
  /** Volumes that the server has not confirmed yet. */
  unanswered: number;
  timer: NodeJS.Timeout | undefined;
  done: Promise<void>;
  settle: () => void;
}

/** Brings streams to their levels in small steps of amplitude, so that nothing clicks. In the background. */
export class LevelRamps implements Disposable {
  readonly #client: LevelClient;
  readonly #onError: (error: unknown) => void;
  readonly #ramps = new Map<number, Ramp>();
  readonly #assigned = new Map<number, Assigned>();

  /** @param onError a stream that is gone, a connection that is lost */
  constructor(client: LevelClient, onError: (error: unknown) => void) {
    this.#client = client;
    this.#onError = onError;
  }

  /** What a stream was last told to be, and was seen to be or is on its way to. */
  assigned(index: number): Level | undefined {
    const assigned = this.#assigned.get(index);
    return assigned && (assigned.confirmed || this.#ramps.has(index)) ? assigned.level : undefined;
  }

  /** This is what the server says of a stream. */
  observe({ index, volumes, muted }: Stream): void {
    const assigned = this.#assigned.get(index);
    if (!assigned || assigned.confirmed || this.#ramps.has(index)) return;
    assigned.confirmed = muted === assigned.level.muted && volumes.every((raw) => raw === assigned.level.raw);
  }

  #assign(index: number, level: Level): Assigned {
    const before = this.#assigned.get(index);
    if (before && sameLevel(before.level, level)) return before;
    const assigned: Assigned = {
      level,
      amplitude: before?.amplitude ?? 0,
      muted: before?.muted ?? false,
      sentAt: before?.sentAt ?? Number.NEGATIVE_INFINITY,
      confirmed: false,
    };
    this.#assigned.set(index, assigned);
    return assigned;
  }

  #note(index: number, change: { readonly amplitude?: number; readonly muted?: boolean }): void {
    const assigned = this.#assigned.get(index);
    if (assigned) Object.assign(assigned, change, { sentAt: performance.now() });
  }

  /** Streams that are not there any more. */
  forgetAllBut(streams: { has(index: number): boolean }): void {
    for (const index of this.#assigned.keys()) if (!streams.has(index)) this.#assigned.delete(index);
  }

  isMoving(index: number): boolean {
    return this.#ramps.has(index);
  }

  get isAnyMoving(): boolean {
    return this.#ramps.size > 0;
  }

  /** Is the stream on its way to this level? */
  isBound(index: number, level: Level): boolean {
    const ramp = this.#ramps.get(index);
    return ramp !== undefined && sameLevel(ramp.target, level);
  }

  /** Set at once, without steps: for streams that nobody can hear yet. */
  async setNow(stream: Stream, level: Level): Promise<void> {
    const { raw, muted } = level;
    this.#cancel(stream.index);
    this.#assign(stream.index, level);
    this.#note(stream.index, { amplitude: amplitudeOfRaw(raw), muted });
    const volume = (): Promise<void> =>
      this.#client.setSinkInputVolume(
        stream.index,
        stream.volumes.map(() => raw),
      );
    const mute = (): Promise<void> => this.#client.setSinkInputMuted(stream.index, muted);
    // The server takes them in this order: silent first, or loud last.
    await Promise.all(muted ? [mute(), volume()] : [volume(), mute()]);
  }

  /**
   * From where the stream is now to the level. The promise settles when it is there; it never rejects.
   * Silence is reached within 10 ms whatever the pace.
   */
  glide(
    stream: Stream,
    level: Level,
    { leastMs = 0, mostMs = Number.POSITIVE_INFINITY }: Pace = {},
  ): Promise<void> {
    this.#assign(stream.index, level);
    const under = this.#ramps.get(stream.index);
    if (under && sameLevel(under.target, level)) return under.done;
    const ramp = under ?? this.#begin(stream, level);
    ramp.target = level;
    const goal = level.muted ? 0 : amplitudeOfRaw(level.raw);
    const distance = Math.abs(goal - ramp.amplitude);
    ramp.stepsLeft = level.muted
      ? distance > 0
        ? MUTE_STEPS
        : 1
      : Math.max(
          1,
          Math.min(
            Math.max(Math.ceil(distance / STEP_AMPLITUDE), distance > 0 ? leastMs / STEP_MS : 1),
            mostMs / STEP_MS,
          ),
        );
    if (!under) this.#step(stream.index, ramp);
    return ramp.done;
  }

  #begin(stream: Stream, target: Level): Ramp {
    let settle = (): void => undefined;
    const done = new Promise<void>((resolve) => (settle = resolve));
    const ramp: Ramp = {
      channels: stream.volumes.length,
      target,
      ...this.#positionOf(stream),
      stepsLeft: 0,
      unanswered: 0,
      timer: undefined,
      done,
      settle,
    };
    this.#ramps.set(stream.index, ramp);
    return ramp;
  }

  /** Where a stream is: as we told it, where that is newer than what the server says. */
  #positionOf({ index, volumes, muted }: Stream): { amplitude: number; muted: boolean } {
    const assigned = this.#assigned.get(index);
    const ours = assigned && performance.now() - assigned.sentAt < ECHO_MS ? assigned : null;
    const position = ours ?? { amplitude: amplitudeOfRaw(Math.max(0, ...volumes)), muted };
    return { amplitude: position.muted ? 0 : position.amplitude, muted: position.muted || muted };
  }

  #step(index: number, ramp: Ramp): void {
    const { target } = ramp;
    if (ramp.unanswered >= UNANSWERED_MAX && !target.muted) {
      if (ramp.stepsLeft > 1) ramp.stepsLeft--;
      ramp.timer = setTimeout(() => this.#step(index, ramp), STEP_MS);
      return;
    }
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

  #volume(index: number, ramp: Ramp, raw: number): void {
    this.#note(index, { amplitude: amplitudeOfRaw(raw) });
    ramp.unanswered++;
    this.#client.setSinkInputVolume(index, new Array<number>(ramp.channels).fill(raw)).then(
      () => ramp.unanswered--,
      (error: unknown) => this.#fail(index, error),
    );
  }

  #mute(index: number, ramp: Ramp, muted: boolean): void {
    ramp.muted = muted;
    this.#note(index, { muted });
    this.#client.setSinkInputMuted(index, muted).catch((error: unknown) => this.#fail(index, error));
  }

  #fail(index: number, error: unknown): void {
    this.#assigned.delete(index);
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
