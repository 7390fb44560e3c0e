import { isDeepStrictEqual } from 'node:util';
import { type Disposable, toDisposable } from '../base/disposable.ts';
import { type DestinationId, GAIN_MIN_DB, type Levels, type SourceId } from '../contract/index.ts';
import { type MixerTap } from './mixer/protocol.ts';
import { type PulseClient, type RecordStream } from './pulse/index.ts';

type ChannelId = SourceId | DestinationId;

/** Where the sound of a channel can be heard. */
export interface MeterPoint {
  /** Name of a PulseAudio source. */
  readonly source: string;
  readonly channels: number;
  /** Our own mixer hears the same there; null: a stream is needed. */
  readonly tap: MixerTap | null;
}

const RATE_HZ = 25;
/** A meter that hears nothing for so long (its device sleeps) shows silence. */
const STALE_MS = 200;
/** After a failure to open. */
const RETRY_MS = 500;
const MAX_CHANNELS = 8;

interface Meter {
  watchers: number;
  stream: RecordStream | null;
  opening: boolean;
  retryAt: number;
  point: MeterPoint | null;
  /** Where what is shown was heard. */
  heard: MeterPoint | null;
  /** Highest since it was looked at, linear, per channel. */
  peaks: number[];
  last: number[];
  heardAt: number;
}

interface Watcher {
  readonly ids: readonly ChannelId[];
  readonly onLevels: (levels: Levels) => void;
}

const dbfs = (peak: number): number =>
  peak <= 1e-5 ? GAIN_MIN_DB : Math.max(GAIN_MIN_DB, 20 * Math.log10(peak));

/**
 * Peak meters: one record stream for each channel that somebody looks at, shared by all who do; none where our own mixer
 * hears the same.
 */
export class MeterHub implements Disposable {
  readonly #locate: (id: ChannelId) => MeterPoint | null;
  readonly #onTaps: (needed: boolean) => void;
  readonly #meters = new Map<ChannelId, Meter>();
  readonly #watchers = new Set<Watcher>();
  #client: PulseClient | null = null;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param locate null while the channel is unknown or its device is away
   * @param onTaps are peaks of our own mixer needed? They come by `hearTap`
   */
  constructor(locate: (id: ChannelId) => MeterPoint | null, onTaps: (needed: boolean) => void) {
    this.#locate = locate;
    this.#onTaps = onTaps;
  }

  watch(ids: readonly ChannelId[], onLevels: (levels: Levels) => void): Disposable {
    const watcher: Watcher = { ids: [...new Set(ids)], onLevels };
    this.#watchers.add(watcher);
    for (const id of watcher.ids) {
      const meter = this.#meters.get(id);
      if (meter) meter.watchers++;
      else
        this.#meters.set(id, {
          watchers: 1,
          stream: null,
          opening: false,
          retryAt: 0,
          point: null,
          heard: null,
          peaks: [],
          last: [],
          heardAt: 0,
        });
    }
    this.refresh();
    this.#timer ??= setInterval(() => this.#tick(), 1000 / RATE_HZ);
    return toDisposable(() => this.#unwatch(watcher));
  }

  /** Channels that somebody looks at. */
  get watched(): ReadonlySet<string> {
    return new Set(this.#meters.keys());
  }

  #unwatch(watcher: Watcher): void {
    this.#watchers.delete(watcher);
    for (const id of watcher.ids) {
      const meter = this.#meters.get(id);
      if (!meter || --meter.watchers > 0) continue;
      this.#meters.delete(id);
      this.#close(meter);
    }
    if (this.#watchers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#onTaps(false);
  }

  /** A new connection, or none. */
  setClient(client: PulseClient | null): void {
    this.#client = client;
    for (const meter of this.#meters.values()) this.#close(meter);
    this.refresh();
  }

  /** Opens what can be opened now; to be called when devices may have changed. */
  refresh(): void {
    const now = performance.now();
    for (const [id, meter] of this.#meters) {
      const point = this.#locate(id);
      if (meter.point && !isDeepStrictEqual(meter.point, point)) this.#close(meter);
      if (!point || meter.point || meter.opening) continue;
      if (point.tap) begin(meter, point);
      else if (now >= meter.retryAt) void this.#open(id, meter, point);
    }
    this.#onTaps([...this.#meters.values()].some(({ point }) => point?.tap));
  }

  /** What our own mixer hears at one of its taps. */
  hearTap({ of, device }: MixerTap, peaks: readonly number[]): void {
    for (const meter of this.#meters.values()) {
      const { tap, channels = 0 } = meter.point ?? {};
      if (tap?.of !== of || tap.device !== device) continue;
      // A source of one channel is the same on both.
      for (const [channel, peak] of peaks.slice(0, channels).entries())
        meter.peaks[channel] = Math.max(meter.peaks[channel] ?? 0, peak);
      meter.heardAt = performance.now();
    }
  }

  async #open(id: ChannelId, meter: Meter, point: MeterPoint): Promise<void> {
    const client = this.#client;
    if (!client) return;
    const channels = Math.min(MAX_CHANNELS, Math.max(1, point.channels));
    meter.opening = true;
    begin(meter, point);
    try {
      const stream = await client.record({
        name: `Crosspoint meter ${id}`,
        source: point.source,
        format: 'float32le',
        channels,
        rateHz: RATE_HZ,
        peakDetect: true,
        properties: {
          'application.id': 'dev.crosspoint',
          'crosspoint.meter': id,
          'media.role': 'production',
        },
        onData: (pcm) => hear(meter, pcm, channels),
      });
      meter.opening = false;
      if (this.#client !== client || this.#meters.get(id) !== meter || meter.point !== point) {
        await stream.dispose();
        return;
      }
      meter.stream = stream;
      void stream.closed.then(() => {
        if (meter.stream === stream) this.#close(meter);
        meter.retryAt = performance.now() + RETRY_MS;
      });
    } catch {
      meter.opening = false;
      if (meter.point === point) meter.point = null;
      meter.retryAt = performance.now() + RETRY_MS;
    }
  }

  #close(meter: Meter): void {
    void meter.stream?.dispose();
    meter.stream = null;
    meter.point = null;
    meter.retryAt = 0;
  }

  #tick(): void {
    this.refresh();
    const now = performance.now();
    const levels = new Map<ChannelId, readonly number[]>();
    for (const [id, meter] of this.#meters) {
      if (!meter.point) continue;
      const silent = now - meter.heardAt > STALE_MS;
      // What is being opened shows what was heard there by other means until then.
      if (!meter.stream && !meter.point.tap && silent) continue;
      if (meter.heardAt > 0 && meter.peaks.some((peak) => peak >= 0)) {
        meter.last = meter.peaks.map((peak) => Math.max(0, peak));
        meter.peaks = meter.peaks.map(() => -1);
      }
      levels.set(
        id,
        meter.peaks.map((_, channel) => (silent ? GAIN_MIN_DB : dbfs(meter.last[channel] ?? 0))),
      );
    }
    for (const { ids, onLevels } of this.#watchers) {
      const own: Record<string, readonly number[]> = {};
      for (const id of ids) {
        const level = levels.get(id);
        if (level) own[id] = level;
      }
      onLevels(own);
    }
  }

  dispose(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    for (const meter of this.#meters.values()) this.#close(meter);
    this.#meters.clear();
    this.#watchers.clear();
  }
}

function begin(meter: Meter, point: MeterPoint): void {
  const { heard } = meter;
  meter.point = meter.heard = point;
  meter.peaks = new Array<number>(Math.min(MAX_CHANNELS, Math.max(1, point.channels))).fill(-1);
  // The same place by other means, a stream or our own mixer: it goes on without a hole.
  if (heard?.source !== point.source || heard.channels !== point.channels) meter.heardAt = 0;
}

function hear(meter: Meter, pcm: Buffer, channels: number): void {
  for (let at = 0; at + 4 <= pcm.length; at += 4) {
    const channel = (at / 4) % channels;
    const peak = Math.abs(pcm.readFloatLE(at));
    if (peak > (meter.peaks[channel] ?? 0)) meter.peaks[channel] = peak;
    else if ((meter.peaks[channel] ?? 0) < 0) meter.peaks[channel] = 0;
  }
  meter.heardAt = performance.now();
}
