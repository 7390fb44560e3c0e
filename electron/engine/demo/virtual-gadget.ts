import { type Disposable, DisposableStore } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { Backoff, delay, isAborted } from '../../base/time.ts';
import { connectRtmp, type RtmpClient } from '../../video/rtmp/client.ts';
import { type SoundConnector, SoundSession } from './sound-session.ts';
import { LoopReader, PCM, toneLoop } from './tones.ts';

export interface VirtualGadgetOptions {
  readonly log: Logger;
  readonly id: string;
  /** Its stream, token included. */
  readonly url: string;
  readonly connect: SoundConnector;
  /** What its imagined client computer uses. */
  readonly tally: { readonly webcam: boolean; readonly mic: boolean; readonly speaker: boolean };
  /** What that computer plays. */
  readonly chordHz: readonly number[];
}

const STATS_MS = 1000;
/** Its streams are a gadget's, not the engine's own. */
const STREAM_PROPERTIES = { 'application.id': 'dev.crosspoint.gadget' };

/** What a Raspberry Pi does, without one: plays its stream, reports upstream, and is on its two audio buses. */
export class VirtualGadget implements Disposable {
  readonly #options: VirtualGadgetOptions;
  readonly #stopped = new AbortController();
  readonly #video: Promise<void>;
  readonly #sound: SoundSession;

  constructor(options: VirtualGadgetOptions) {
    this.#options = options;
    this.#video = this.#playForEver().catch(() => undefined);
    const speaker = new LoopReader(
      toneLoop({ frequenciesHz: options.chordHz, peakDb: -14, swellSeconds: 4 }),
    );
    this.#sound = new SoundSession({
      log: options.log,
      name: options.id,
      connect: options.connect,
      run: async (client, parts) => {
        const bus = `crosspoint.${options.id}`;
        const ended: Promise<unknown>[] = [];
        if (options.tally.speaker) {
          const stream = await client.play({
            ...PCM,
            name: `${options.id} speaker`,
            sink: `${bus}.return`,
            targetMs: 40,
            properties: STREAM_PROPERTIES,
            onWritable: (bytes, writable) => speaker.feed(bytes, (pcm) => writable.write(pcm)),
          });
          parts.add(stream);
          ended.push(stream.closed);
        }
        const microphone = await client.record({
          ...PCM,
          name: `${options.id} microphone`,
          source: `${bus}.mic.monitor`,
          fragmentMs: 20,
          properties: STREAM_PROPERTIES,
          onData: () => undefined,
        });
        parts.add(microphone);
        ended.push(microphone.closed);
        // A bus that went away ends the session; the next one waits for the new bus.
        throw await Promise.race(ended);
      },
    });
  }

  async #playForEver(): Promise<void> {
    const backoff = new Backoff({ firstMs: 100, maxMs: 2000, resetMs: 2000 });
    const { signal } = this.#stopped;
    while (!isAborted(signal)) {
      const startedMs = performance.now();
      try {
        await this.#playOnce(signal);
      } catch (error) {
        if (!isAborted(signal))
          this.#options.log.debug('virtual gadget', { id: this.#options.id, error: String(error) });
      }
      await delay(backoff.next(performance.now() - startedMs), signal);
    }
  }

  async #playOnce(signal: AbortSignal): Promise<void> {
    const parts = new DisposableStore();
    try {
      const client = parts.add(await connectRtmp({ url: this.#options.url, log: this.#options.log, signal }));
      const ended = new Promise<string>((resolve) => parts.add(client.onEnd(resolve)));
      await client.play();
      this.#report(client, parts);
      await ended;
    } finally {
      await parts.dispose();
    }
  }

  #report(client: RtmpClient, parts: DisposableStore): void {
    let frames = 0;
    parts.add(
      client.onMedia(() => {
        frames += 1;
      }),
    );
    client.command('crosspoint.format', { width: 1280, height: 720, fps: 30 });
    client.command('crosspoint.tally', this.#options.tally);
    let sinceMs = performance.now();
    const timer = setInterval(() => {
      const nowMs = performance.now();
      client.command('crosspoint.stats', { fps: Math.round((frames * 10_000) / (nowMs - sinceMs)) / 10 });
      frames = 0;
      sinceMs = nowMs;
    }, STATS_MS);
    parts.defer(() => clearInterval(timer));
  }

  async dispose(): Promise<void> {
    this.#stopped.abort();
    await Promise.all([this.#video, this.#sound.dispose()]);
  }
}
