import { type Disposable } from '../../base/disposable.ts';
import { type LatencyReading } from '../graph/latency.ts';
import { type Lateness } from '../graph/observe.ts';
import { PeakProbe } from '../peak-probe.ts';
import { type PulseClient } from '../pulse/index.ts';

/** So many looks in a row must agree: one may fall between two blocks. */
const READINGS = 3;
/** Quieter than this (−50 dBFS) for so long, nobody speaks. */
const QUIET_PEAK = 0.003;
const QUIET_MS = 400;
const PROBE_HZ = 50;
/** A machine that is always too busy is not helped by building anew again and again. */
const REST_MS = 60_000;

/** From where on a path has fallen behind. A loopback is about 3 ms above its aim by itself. */
export const lateFromMs = ({ baseMs, delayMs }: Pick<LatencyReading, 'baseMs' | 'delayMs'>): number =>
  2 * baseMs + 10 + delayMs;

interface Path {
  id: number;
  readings: number[];
  late: boolean;
  /** As it is told: it does not follow every millisecond. */
  shownMs: number | null;
  probe: PeakProbe | null;
  loudAt: number;
}

/**
 * Watches how late crosspoints are. A server raises the latency of a loopback when it could not keep up, and never
 * lowers it again: such a path is reported, and handed to `onQuiet` once nobody speaks on it. Those of our own mixer are
 * only reported: they come back by themselves as soon as they can, and one that is built anew gains nothing.
 */
export class LatencyWatch implements Disposable {
  readonly #client: PulseClient;
  readonly #onQuiet: (paths: ReadonlySet<number>) => void;
  readonly #paths = new Map<string, Path>();
  readonly #restUntil = new Map<string, number>();

  constructor(client: PulseClient, onQuiet: (paths: ReadonlySet<number>) => void) {
    this.#client = client;
    this.#onQuiet = onQuiet;
  }

  /** @param readings by key of the crosspoint */
  note(readings: ReadonlyMap<string, LatencyReading>, now = performance.now()): void {
    for (const [key, path] of this.#paths) if (!readings.has(key)) this.#forget(key, path);
    for (const [key, reading] of readings) this.#noteOne(key, reading, now);
  }

  #noteOne(key: string, reading: LatencyReading, now: number): void {
    let path = this.#paths.get(key);
    if (path && path.id !== reading.path) {
      this.#forget(key, path);
      path = undefined;
    }
    path ??= { id: reading.path, readings: [], late: false, shownMs: null, probe: null, loudAt: now };
    this.#paths.set(key, path);
    path.readings = [...path.readings, reading.latencyMs].slice(-READINGS);
    const middle = [...path.readings].sort((a, b) => a - b)[Math.floor(path.readings.length / 2)] ?? 0;
    if (path.shownMs === null || Math.abs(middle - path.shownMs) > 1) path.shownMs = middle;
    path.late = path.readings.length === READINGS && Math.min(...path.readings) > lateFromMs(reading);
    if (!path.late || reading.mixer === 'own' || now < (this.#restUntil.get(key) ?? 0)) {
      path.probe?.dispose();
      path.probe = null;
      return;
    }
    if (reading.muted || (path.probe && now - path.loudAt >= QUIET_MS)) {
      this.#restUntil.set(key, now + REST_MS);
      this.#onQuiet(new Set([path.id]));
    } else path.probe ??= this.#listen(path, reading.source, now);
  }

  #listen(path: Path, source: string, now: number): PeakProbe {
    path.loudAt = now;
    return new PeakProbe({
      client: this.#client,
      name: 'Crosspoint latency watch',
      source,
      rateHz: PROBE_HZ,
      onPeak: (peak) => {
        if (peak > QUIET_PEAK) path.loudAt = performance.now();
      },
    });
  }

  #forget(key: string, path: Path): void {
    path.probe?.dispose();
    this.#paths.delete(key);
  }

  /** By key of the crosspoint: the middle of the last readings. */
  get latencies(): ReadonlyMap<string, Lateness> {
    return new Map(
      [...this.#paths].map(([key, { shownMs, late }]) => [key, { latencyMs: shownMs ?? 0, late }]),
    );
  }

  dispose(): void {
    for (const [key, path] of this.#paths) this.#forget(key, path);
  }
}
