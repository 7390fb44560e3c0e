import { type WebSocket } from '@fastify/websocket';
import { type Logger } from '../base/logger.ts';
import { ClientMessage, isAudio, type ServerEvent } from '../contract/index.ts';
import { Feed } from '../engine/feed.ts';
import { type EnginePort } from '../engine/port.ts';
import { type RemoteLimits } from './limits.ts';

const ALIVE_MS = 1000;
const ALIVE: ServerEvent = { type: 'alive' };

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
  /** Say every second that the connection lives. */
  readonly alive: boolean;
  readonly log: Logger;
  readonly limits: RemoteLimits;
}

/**
 * Close a WebSocket for good: politely, and soon without politeness, for who does not read does not say goodbye either.
 */
export function letGo(socket: WebSocket, code: number, reason: string, farewellMs: number): void {
  socket.close(code, reason);
  const timer = setTimeout(() => socket.terminate(), farewellMs);
  socket.once('close', () => clearTimeout(timer));
}

/**
 * Serve one client of `/api/events`: a snapshot, then patches; meters, pictures and logs as it asks for them. One that
 * does not keep up goes without levels and pictures, and is let go when too much waits for it or it does not answer.
 */
export function serveEvents(socket: WebSocket, engine: EnginePort, options: EventOptions): void {
  const { limits, log } = options;
  const feed = new Feed(engine, log);
  const end = (code: number, reason: string): void => {
    // From here on nothing more may pile up.
    feed.dispose();
    clearInterval(heart);
    clearInterval(pulse);
    log.debug('event client let go', { code, reason });
    letGo(socket, code, reason, limits.farewellMs);
  };
  let answered = true;
  const heart = setInterval(() => {
    if (!answered) {
      end(1013, 'too slow');
      return;
    }
    answered = false;
    socket.ping();
  }, limits.heartbeatMs);
  socket.on('pong', () => (answered = true));
  // A page does not see pings.
  const pulse = options.alive
    ? setInterval(() => {
        if (!isBusy()) socket.send(textOf(ALIVE));
      }, ALIVE_MS)
    : undefined;

  const mayAsk = allowance(limits.messagesPerSecond);
  socket.on('message', (data, isBinary) => {
    if (socket.readyState !== socket.OPEN) return;
    if (!mayAsk()) {
      end(1008, 'too many messages');
      return;
    }
    const message = isBinary || !Buffer.isBuffer(data) ? undefined : parseMessage(data.toString());
    if (message) feed.watch(message);
    else end(1008, 'unknown message');
  });
  socket.on('error', (error) => log.debug('event client failed', { error: error.message }));
  socket.on('close', () => {
    clearInterval(heart);
    clearInterval(pulse);
    feed.dispose();
  });
  const isBusy = (): boolean => socket.bufferedAmount >= limits.busyBytes;
  feed.subscribe({
    event(event) {
      if (event.type === 'events' && !options.withEvents) return;
      if (event.type === 'levels' && isBusy()) return;
      if (socket.bufferedAmount > limits.stuckBytes) end(1013, 'too slow');
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

/** `perSecond` times in a second, after a burst of five times that. */
function allowance(perSecond: number): () => boolean {
  const most = perSecond * 5;
  let left = most;
  let lastMs = performance.now();
  return () => {
    const nowMs = performance.now();
    left = Math.min(most, left + ((nowMs - lastMs) * perSecond) / 1000);
    lastMs = nowMs;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}

function parseMessage(text: string): ClientMessage | undefined {
  try {
    return ClientMessage.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
