import { type Logger } from '../../electron/base/logger.ts';
import { type AmfValue } from '../../electron/video/rtmp/amf0.ts';
import { parseAudioTag, parseVideoTag } from '../../electron/video/rtmp/ex-video.ts';
import { type RtmpLimits } from '../../electron/video/rtmp/limits.ts';
import { createRtmpServer } from '../../electron/video/rtmp/server.ts';
import {
  type MediaMessage,
  type PublisherSink,
  type RtmpHandler,
  type RtmpServer,
  type StreamRequest,
  type Viewer,
} from '../../electron/video/rtmp/types.ts';
import { Watch } from './rtmp-watch.ts';

/** What goes through one stream name. */
class Channel {
  /** Value: has had its first key frame. */
  readonly viewers = new Map<Viewer, boolean>();
  readonly heads = new Map<string, MediaMessage>();
  messages = 0;
}

/** A server that hands on to the players of a name what its publisher sends, and writes down what happens. */
export interface Relay {
  readonly server: RtmpServer;
  readonly port: number;
  readonly watch: Watch;
  readonly requests: StreamRequest[];
  /** `publish desk`, `end desk: unpublished`, `play desk`, `command x`, `pause true` … */
  readonly events: string[];
  readonly commands: (readonly [string, readonly AmfValue[]])[];
  readonly viewers: Viewer[];
  /** What came from publishers; kept only on demand. */
  readonly received: MediaMessage[];
  readonly logs: { readonly level: string; readonly message: string; readonly fields: unknown }[];
  channel(name: string): Channel;
}

export interface RelayOptions {
  readonly limits?: Partial<RtmpLimits>;
  readonly keep?: boolean;
  /** Replaces parts of the relay's own handler. */
  readonly handler?: (own: RtmpHandler) => Partial<RtmpHandler>;
}

/** Names that are refused. */
export const WRONG_KEY = 'wrong-key';

export async function startRelay({ limits = {}, keep = false, handler }: RelayOptions = {}): Promise<Relay> {
  const watch = new Watch();
  const events: string[] = [];
  const requests: StreamRequest[] = [];
  const logs: Relay['logs'] = [];
  const received: MediaMessage[] = [];
  const commands: Relay['commands'] = [];
  const viewers: Viewer[] = [];
  const channels = new Map<string, Channel>();
  const channel = (name: string): Channel => {
    const found = channels.get(name) ?? new Channel();
    channels.set(name, found);
    return found;
  };
  const note = (event: string): void => {
    events.push(event);
    watch.notify();
  };
  const write =
    (level: string) =>
    (text: string, fields?: unknown): void => {
      logs.push({ level, message: text, fields });
      watch.notify();
    };
  const log: Logger = {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  };

  const own: RtmpHandler = {
    publish(request) {
      requests.push(request);
      if (request.name === WRONG_KEY)
        return { accept: false, code: 'NetStream.Publish.BadName', description: 'No such stream key.' };
      note(`publish ${request.name}`);
      return { accept: true, sink: makeSink(request.name) };
    },
    play(request) {
      requests.push(request);
      if (request.name === WRONG_KEY)
        return { accept: false, code: 'NetStream.Play.StreamNotFound', description: 'No such stream.' };
      return {
        accept: true,
        start: (viewer) => {
          const { viewers: watching, heads } = channel(request.name);
          for (const head of heads.values()) viewer.send(head);
          watching.set(viewer, false);
          viewers.push(viewer);
          note(`play ${request.name}`);
          return {
            onProgress: watch.notify,
            onPause: (paused) => note(`pause ${paused}`),
            onCommand: (name, args) => {
              commands.push([name, args]);
              note(`command ${name}`);
            },
            onEnd: (reason) => {
              watching.delete(viewer);
              note(`end of play ${request.name}: ${reason}`);
            },
          };
        },
      };
    },
  };

  const makeSink = (name: string): PublisherSink => ({
    onMedia(message) {
      const { heads, viewers: watching } = channel(name);
      channel(name).messages++;
      if (keep) received.push({ ...message, payload: Buffer.from(message.payload) });
      const tag = message.type === 9 ? parseVideoTag(message.payload) : parseAudioTag(message.payload);
      if (message.type === 18) heads.set('data', message);
      else if (tag?.kind === 'sequence-header') heads.set(message.type === 9 ? 'video' : 'audio', message);
      const isKey = message.type === 9 && (tag as { keyFrame?: boolean } | undefined)?.keyFrame === true;
      for (const [viewer, began] of watching) {
        if (!began && message.type === 9 && !isKey) continue;
        if (!began && isKey) watching.set(viewer, true);
        viewer.send(message);
      }
      watch.notify();
    },
    onEnd(reason) {
      channel(name).heads.clear();
      note(`end ${name}: ${reason}`);
    },
  });

  const server = createRtmpServer({ handler: { ...own, ...handler?.(own) }, log, limits });
  const { port } = await server.listen('127.0.0.1', 0);
  return { server, port, watch, events, requests, commands, viewers, received, logs, channel };
}
