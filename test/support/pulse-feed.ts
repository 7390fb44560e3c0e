import { type AudioFeeds } from '../../electron/audio/plane.ts';
import { toDisposable } from '../../electron/base/disposable.ts';

const RATE_HZ = 48_000;
/** Frames of AAC. */
const CHUNK = 1024;

export interface ToneFeed extends AudioFeeds {
  readonly opened: number;
  /** How much faster its clock runs than ours. */
  speed: number;
  /** So many chunks come at once, so much later. */
  burst: number;
  /** Sends a mark: silence until now, a tone from now on. */
  loud: boolean;
}

/** Sound that comes in packets of 21 ms, as an ingest's does. */
export function toneFeed({ hz = 1000, dbfs = -12 } = {}): ToneFeed {
  const amplitude = 32_767 * 10 ** (dbfs / 20);
  const feed: ToneFeed & { opened: number } = {
    opened: 0,
    speed: 1,
    burst: 1,
    loud: true,
    open(_, onPcm) {
      feed.opened++;
      let frame = 0;
      let due = performance.now();
      const timer = setInterval(() => {
        const chunkMs = (CHUNK / RATE_HZ / feed.speed) * 1000;
        while (performance.now() >= due + chunkMs * (feed.burst - 1)) {
          for (let i = 0; i < feed.burst; i++, due += chunkMs) {
            const pcm = Buffer.alloc(CHUNK * 4);
            for (let at = 0; at < pcm.length; at += 4, frame++) {
              const value = feed.loud
                ? Math.round(amplitude * Math.sin((2 * Math.PI * hz * frame) / RATE_HZ))
                : 0;
              pcm.writeInt16LE(value, at);
              pcm.writeInt16LE(value, at + 2);
            }
            onPcm(pcm);
          }
        }
      }, 2);
      return toDisposable(() => {
        clearInterval(timer);
        feed.opened--;
      });
    },
  };
  return feed;
}
