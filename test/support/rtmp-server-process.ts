import { createRtmpServer } from '../../electron/video/rtmp/server.ts';
import { silentLogger } from '../../electron/base/logger.ts';
import { parseAudioTag, parseVideoTag } from '../../electron/video/rtmp/ex-video.ts';
import { type MediaMessage, type Viewer } from '../../electron/video/rtmp/types.ts';

/**
 * A relay in a process of its own, for measurements. Prints `{"port":…}`; answers each line on stdin with
 * `{"rssBytes":…,"heldBytes":…,"connections":…}` after a garbage collection. A viewer that lags by more than 1 MB gets no frames
 * until it has caught up.
 */
const MAX_LAG_BYTES = 1024 * 1024;
const ACK_WINDOW_BYTES = 384 * 1024;

class Channel {
  readonly viewers = new Set<Viewer>();
  readonly heads = new Map<string, MediaMessage>();
}
const channels = new Map<string, Channel>();
const channelOf = (name: string): Channel => {
  const channel = channels.get(name) ?? new Channel();
  channels.set(name, channel);
  return channel;
};

const server = createRtmpServer({
  log: silentLogger,
  handler: {
    publish({ name }) {
      const { viewers, heads } = channelOf(name);
      return {
        accept: true,
        sink: {
          onMedia(message) {
            const tag = message.type === 9 ? parseVideoTag(message.payload) : parseAudioTag(message.payload);
            if (message.type !== 18 && tag?.kind === 'sequence-header')
              heads.set(`${message.type}`, { ...message, payload: Buffer.from(message.payload) });
            for (const viewer of viewers) if (viewer.backlogBytes < MAX_LAG_BYTES) viewer.send(message);
          },
          onEnd: () => undefined,
        },
      };
    },
    play({ name }) {
      const { viewers, heads } = channelOf(name);
      return {
        accept: true,
        ackWindowBytes: ACK_WINDOW_BYTES,
        start(viewer) {
          for (const head of heads.values()) viewer.send(head);
          viewers.add(viewer);
          return { onEnd: () => void viewers.delete(viewer) };
        },
      };
    },
  },
});

const { port } = await server.listen('127.0.0.1', Number(process.argv[2] ?? 0));
process.stdout.write(`${JSON.stringify({ port })}\n`);
process.stdin.on('data', () => {
  globalThis.gc?.();
  globalThis.gc?.();
  const { rss, heapUsed, external } = process.memoryUsage();
  // What the allocator keeps for later is in `rss`; what is really held is not more than this.
  const figures = { rssBytes: rss, heldBytes: heapUsed + external, connections: server.connections };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
});
process.stdin.on('end', () => void server.dispose());
