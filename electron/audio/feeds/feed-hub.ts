import { type Disposable } from '../../base/disposable.ts';
import { type Logger } from '../../base/logger.ts';
import { type SourceId } from '../../contract/index.ts';
import { busName } from '../graph/names.ts';
import { soloHeadphones } from '../graph/wanted.ts';
import { type AudioDesired, type AudioFeeds } from '../plane.ts';
import { type PulseClient } from '../pulse/index.ts';
import { FeedPlayer } from './feed-player.ts';

/** The ingests whose sound somebody hears or looks at: it costs a decoder. */
export function neededFeeds(desired: AudioDesired, metered: ReadonlySet<string>): ReadonlySet<SourceId> {
  const used = new Set<string>([
    ...metered,
    ...desired.routes.map(({ source }) => source),
    ...(soloHeadphones(desired) ? desired.solo.ids : []),
  ]);
  return new Set(
    desired.sources.flatMap((source) =>
      source.kind === 'feed' && used.has(source.id) ? [source.ingest] : [],
    ),
  );
}

/** Plays what is needed of the sound of ingests. */
export class FeedHub implements Disposable {
  readonly #feeds: AudioFeeds;
  readonly #log: Logger;
  readonly #players = new Map<SourceId, FeedPlayer>();
  #client: PulseClient | null = null;

  constructor(feeds: AudioFeeds, log: Logger) {
    this.#feeds = feeds;
    this.#log = log;
  }

  /** A new connection, or none. */
  setClient(client: PulseClient | null): void {
    this.#client = client;
    for (const player of this.#players.values()) void player.dispose();
    this.#players.clear();
  }

  /** @param sinks names of those that are there */
  play(ingests: ReadonlySet<SourceId>, sinks: ReadonlySet<string>): void {
    const client = this.#client;
    const playable = new Set([...ingests].filter((ingest) => sinks.has(busName({ kind: 'feed', ingest }))));
    for (const [ingest, player] of this.#players)
      if (!playable.has(ingest)) {
        void player.dispose();
        this.#players.delete(ingest);
      }
    if (!client) return;
    for (const ingest of playable)
      if (!this.#players.has(ingest))
        this.#players.set(
          ingest,
          new FeedPlayer({
            client,
            feeds: this.#feeds,
            ingest,
            sink: busName({ kind: 'feed', ingest }),
            log: this.#log,
          }),
        );
  }

  async dispose(): Promise<void> {
    const players = [...this.#players.values()];
    this.#players.clear();
    await Promise.all(players.map((player) => player.dispose()));
  }
}
