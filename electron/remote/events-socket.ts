import { type WebSocket } from '@fastify/websocket';
import { type Logger } from '../base/logger.ts';
import { ClientMessage, isAudio, type ServerEvent } from '../contract/index.ts';
import { Feed } from '../engine/feed.ts';
import { type EnginePort } from '../engine/port.ts';

/** Meters and pictures are left out while more than this waits for the client. */
const BUSY_BYTES = 256 * 1024;
/** A client that does not read is let go; it reconnects and gets a snapshot. */
const STUCK_BYTES = 8 * 1024 * 1024;

/** One text for all clients that get the same event. */
const texts = new WeakMap<ServerEvent, string>();
function textOf(event: ServerEvent): string {
  const text = texts.get(event) ?? JSON.stringify(event);
  texts.set(event, text);
  return text;
}

export interface EventOptions {
  /** Send the levels of all audio channels, unless the client asks for others. */
  readonly allMeters: boolean;
  /** Send what happened. */
  readonly withEvents: boolean;
  readonly log: Logger;
}

/** Serve one client of `/api/events`: a snapshot, then patches; meters, pictures and logs as it asks for them. */
export function serveEvents(socket: WebSocket, engine: EnginePort, options: EventOptions): void {
  const feed = new Feed(engine, options.log);
  const isBusy = (): boolean => socket.bufferedAmount >= BUSY_BYTES;
  socket.on('message', (data, isBinary) => {
    const message = isBinary || !Buffer.isBuffer(data) ? undefined : parseMessage(data.toString());
    if (message) feed.watch(message);
    else socket.close(1008, 'unknown message');
  });
  socket.on('error', (error) => options.log.debug('event client failed', { error: error.message }));
  socket.on('close', () => {
    feed.dispose();
  });
  feed.subscribe({
    event(event) {
      if (event.type === 'events' && !options.withEvents) return;
      if (event.type === 'levels' && isBusy()) return;
      if (socket.bufferedAmount > STUCK_BYTES) socket.close(1013, 'too slow');
      else socket.send(textOf(event));
    },
    picture(message, taken) {
      if (isBusy()) taken();
      else socket.send(message, taken);
    },
  });
  if (!options.allMeters) return;
  const { sources, destinations } = engine.state.config;
  const meters = [...sources, ...destinations].filter(isAudio).map(({ id }) => id);
  feed.watch({ meters, pictures: [], logs: [] });
}

function parseMessage(text: string): ClientMessage | undefined {
  try {
    return ClientMessage.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
