import { type WebSocket } from '@fastify/websocket';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { ClientMessage, encodePicture, messageOf, type ServerEvent } from '../contract/index.ts';
import { LogWatch } from '../engine/log-watch.ts';
import { type EnginePort } from '../engine/port.ts';

/** Meters and pictures are left out while more than this waits for the client. */
const BUSY_BYTES = 256 * 1024;
/** A client that does not read is let go; it reconnects and gets a snapshot. */
const STUCK_BYTES = 8 * 1024 * 1024;

const PICTURE_WIDTH = 320;
const PICTURE_FPS = 5;

/** One text for all clients that get the same event. */
const texts = new WeakMap<ServerEvent, string>();
function textOf(event: ServerEvent): string {
  const text = texts.get(event) ?? JSON.stringify(event);
  texts.set(event, text);
  return text;
}

/** Serve one client of `/api/events`: a snapshot, then patches; meters and pictures as it asks for them. */
export function serveEvents(
  socket: WebSocket,
  engine: EnginePort,
  options: { readonly allMeters: boolean; readonly withEvents: boolean; readonly log: Logger },
): void {
  const subscriptions = new DisposableStore();
  const meters = new Slot();
  const pictures = new Map<string, Disposable>();
  subscriptions.add(meters);
  subscriptions.defer(() => {
    for (const picture of pictures.values()) void picture.dispose();
  });

  const send = (event: ServerEvent): void => {
    if (socket.bufferedAmount > STUCK_BYTES) socket.close(1013, 'too slow');
    else socket.send(textOf(event));
  };
  const logs = subscriptions.add(new LogWatch(engine, send));
  const watchMeters = (ids: readonly string[]): void => {
    meters.set(
      ids.length === 0
        ? undefined
        : engine.meter(ids as Parameters<EnginePort['meter']>[0], (levels) => {
            if (socket.bufferedAmount < BUSY_BYTES) send({ type: 'levels', levels });
          }),
    );
  };
  const watchPictures = (ids: ReadonlySet<string>): void => {
    for (const [id, picture] of pictures) {
      if (ids.has(id)) continue;
      void picture.dispose();
      pictures.delete(id);
    }
    for (const id of ids) {
      if (pictures.has(id)) continue;
      try {
        const picture = engine.follow(
          id as Parameters<EnginePort['follow']>[0],
          { width: PICTURE_WIDTH, fps: PICTURE_FPS },
          (jpeg) => {
            if (socket.bufferedAmount < BUSY_BYTES) socket.send(encodePicture(id, jpeg));
          },
        );
        pictures.set(id, picture);
      } catch (error) {
        // Removed since the client asked; its next patch says so.
        options.log.debug('no picture', { id, error: messageOf(error) });
      }
    }
  };

  socket.on('message', (data, isBinary) => {
    const message = isBinary || !Buffer.isBuffer(data) ? undefined : parseMessage(data.toString());
    if (!message) {
      socket.close(1008, 'unknown message');
      return;
    }
    watchMeters(message.meters);
    watchPictures(new Set(message.pictures));
    logs.set(message.logs);
  });
  socket.on('error', (error) => options.log.debug('event client failed', { error: error.message }));
  socket.on('close', () => void subscriptions.dispose());

  send({ type: 'snapshot', revision: engine.state.revision, state: engine.state });
  if (options.withEvents && engine.log.length > 0) send({ type: 'events', entries: engine.log });
  subscriptions.add(
    engine.onEvent((event) => {
      if (event.type !== 'events' || options.withEvents) send(event);
    }),
  );
  if (options.allMeters) {
    const { sources, destinations } = engine.state.config;
    watchMeters([...sources, ...destinations].filter(({ media }) => media === 'audio').map(({ id }) => id));
  }
}

function parseMessage(text: string): ClientMessage | undefined {
  try {
    return ClientMessage.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Holds one thing; the former one is ended when another comes. */
class Slot implements Disposable {
  #item: Disposable | undefined;

  set(item: Disposable | undefined): void {
    void this.#item?.dispose();
    this.#item = item;
  }

  dispose(): void {
    this.set(undefined);
  }
}
