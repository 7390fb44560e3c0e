import WebSocket from 'ws';
import { CrosspointError, type ServerEvent } from '../contract/index.ts';
import { type Client } from './client.ts';

/** Say each line of a gadget's log until the engine, the gadget or Ctrl+C ends it. */
export function followGadgetLog(client: Client, id: string, say: (line: string) => void): Promise<void> {
  const socket = new WebSocket(client.eventsUrl, { headers: client.headers });
  return new Promise((resolve, reject) => {
    socket.on('open', () => socket.send(JSON.stringify({ type: 'watch', logs: [id] })));
    socket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) return;
      const event = JSON.parse(data.toString()) as ServerEvent;
      if (event.type !== 'log' || event.gadget !== id) return;
      event.lines.forEach(say);
      if (event.ended === undefined) return;
      socket.close();
      reject(new CrosspointError('unavailable', event.ended));
    });
    socket.on('error', (cause) =>
      reject(new CrosspointError('not-running', 'The connection to Crosspoint failed.', { cause })),
    );
    socket.on('close', () => resolve());
    process.once('SIGINT', () => socket.close());
  });
}
