import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/**
 * What Node itself needs to write a relay's bytes, and nothing else. Arguments: `write`, the number of connections to
 * wait for, and the bytes to write to each of them 30 times a second (prints `{"port":…}`); or `read`, the number, and the
 * port to connect to and read from.
 */
const [mode, count = '50', value = '0'] = process.argv.slice(2);
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);

if (mode === 'write') {
  const bytes = Buffer.alloc(Number(value), 1);
  const sockets: Socket[] = [];
  const began = performance.now();
  let ticks = 0;
  const tick = (): void => {
    for (const socket of sockets) socket.write(bytes);
    ticks = Math.max(ticks + 1, Math.floor(((performance.now() - began) * 30) / 1000));
    setTimeout(tick, Math.max(0, began + (ticks * 1000) / 30 - performance.now()));
  };
  const server = createServer({ noDelay: true }, (socket) => {
    socket.resume().on('error', () => undefined);
    if (sockets.push(socket) === Number(count)) tick();
  }).listen(0, '127.0.0.1', () => say({ port: (server.address() as AddressInfo).port }));
} else {
  for (let index = 0; index < Number(count); index++) connect(Number(value), '127.0.0.1').resume();
  say({});
}
createInterface({ input: process.stdin }).on('close', () => process.exit(0));
