import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { HOST_FROM_GUEST } from './vpi-guest.ts';
import { wallClockNs } from './vpi-pictures.ts';

/** Tells the guest this machine's time: uvc-client measures by it how old a picture is. */
export class ClockServer {
  readonly #server: Server;

  private constructor() {
    this.#server = createServer({ noDelay: true }, (socket) => {
      socket.on('error', () => undefined);
      socket.on('data', () => {
        const answer = Buffer.alloc(8);
        answer.writeBigUInt64LE(wallClockNs());
        socket.write(answer);
      });
    });
  }

  static async start(): Promise<ClockServer> {
    const clock = new ClockServer();
    clock.#server.listen(0, '127.0.0.1');
    await once(clock.#server, 'listening');
    return clock;
  }

  /** For uvc-client's -k. */
  get address(): string {
    return `${HOST_FROM_GUEST}:${(this.#server.address() as AddressInfo).port}`;
  }

  dispose(): void {
    this.#server.close();
  }
}
