import { type EngineClient } from '../api/client.ts';
import { type App } from './app-context.ts';
import { takeEntries } from './event-store.ts';
import { takeEvent } from './server-store.ts';

/** From the engine's messages to the stores and hubs that show them. */
export function startFeed(
  client: EngineClient,
  { server, levels, pictures, events, logs, holds }: Omit<App, 'client'>,
): void {
  client.connect({
    onEvent(event) {
      switch (event.type) {
        case 'levels':
          levels.take(event.levels);
          break;
        case 'events':
          takeEntries(events, event.entries);
          break;
        case 'log':
          logs.take(event.gadget, event.lines, event.ended);
          break;
        case 'alive':
          break;
        case 'snapshot':
        case 'patch':
          // What an engine before this one remembered is not this one's.
          if (event.type === 'snapshot') events.setState({ entries: [] });
          if (takeEvent(server, event) === 'out-of-step') client.resync();
      }
    },
    onPicture: (message) => pictures.take(message),
    onConnection(connection) {
      server.setState({ connection });
      if (connection.state !== 'open') {
        levels.reset();
        holds.releaseAll();
      }
      pictures.setLive(connection.state === 'open');
    },
  });
}
