import { type EngineClient } from '../api/client.ts';
import { type LevelHub } from '../meters/level-hub.ts';
import { type PictureHub } from '../pictures/picture-hub.ts';
import { takeEvent, type ServerStore } from './server-store.ts';

/** Connects the engine's events with the stores and hubs that show them. */
export function startFeed(
  client: EngineClient,
  server: ServerStore,
  levels: LevelHub,
  pictures: PictureHub,
): void {
  client.connect({
    onEvent(event) {
      if (event.type === 'levels') levels.take(event.levels);
      else if (takeEvent(server, event) === 'out-of-step') client.resync();
    },
    onPicture: (message) => pictures.take(message),
    onConnection(connection) {
      server.setState({ connection });
      if (connection.state !== 'open') levels.reset();
      pictures.setLive(connection.state === 'open');
    },
  });
}
