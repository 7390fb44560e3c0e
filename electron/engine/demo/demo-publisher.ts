import { type Child, type ChildRunner } from '../../base/child-process.ts';
import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { Backoff, delay, isAborted } from '../../base/time.ts';

export interface DemoPublisherOptions {
  readonly log: Logger;
  readonly children: ChildRunner;
  readonly ffmpeg: () => string | undefined;
  /** Where to publish, stream key included. */
  readonly url: string;
}

const WIDTH = 1280;
const HEIGHT = 720;
const FPS = 30;

/** A real ffmpeg that publishes a moving test picture and a tone over RTMP, as a phone would. */
export class DemoPublisher implements Disposable {
  readonly #options: DemoPublisherOptions;
  readonly #stopped = new AbortController();
  readonly #done: Promise<void>;
  #child: Child | undefined;

  constructor(options: DemoPublisherOptions) {
    this.#options = options;
    this.#done = this.#run().catch(() => undefined);
  }

  async #run(): Promise<void> {
    const { log, children, ffmpeg, url } = this.#options;
    const backoff = new Backoff({ firstMs: 300, maxMs: 5000, resetMs: 5000 });
    while (!isAborted(this.#stopped.signal)) {
      const command = ffmpeg();
      const startedMs = performance.now();
      if (command !== undefined) {
        this.#child = children.start({
          name: 'ffmpeg demo phone',
          command,
          args: [
            ...['-hide_banner', '-loglevel', 'error', '-nostdin', '-re'],
            ...['-f', 'lavfi', '-i', `testsrc2=size=${WIDTH}x${HEIGHT}:rate=${FPS}`],
            ...['-f', 'lavfi', '-i', 'sine=frequency=660:sample_rate=48000'],
            ...[
              '-c:v',
              'libx264',
              '-preset',
              'ultrafast',
              '-tune',
              'zerolatency',
              '-g',
              String(FPS),
              '-b:v',
              '2M',
              '-pix_fmt',
              'yuv420p',
            ],
            ...['-c:a', 'aac', '-b:a', '96k', '-ar', '48000', '-ac', '2'],
            ...['-f', 'flv', url],
          ],
        });
        const { error, code } = await this.#child.exited;
        if (!isAborted(this.#stopped.signal))
          log.warn('the demo phone stopped', { code, error: error?.message, said: this.#child.stderrTail() });
      }
      await delay(backoff.next(performance.now() - startedMs), this.#stopped.signal);
    }
  }

  async dispose(): Promise<void> {
    this.#stopped.abort();
    await this.#child?.stop();
    await this.#done;
  }
}
