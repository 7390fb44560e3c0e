import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { type Disposable } from '../../electron/base/disposable.ts';

/** A TCP relay to a port of this machine that carries so many bytes a second to the one who connects. */
export class SlowLink implements Disposable {
  bytesPerSecond: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #timers = new Set<NodeJS.Timeout>();

  private constructor(port: number, bytesPerSecond: number) {
    this.bytesPerSecond = bytesPerSecond;
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host: '127.0.0.1', port, noDelay: true });
      for (const [socket, other] of [
        [near, far],
        [far, near],
      ] as const) {
        this.#sockets.add(socket);
        socket.on('error', () => undefined);
        socket.once('close', () => {
          this.#sockets.delete(socket);
          other.destroy();
        });
      }
      near.on('data', (bytes) => far.write(bytes));
      far.on('data', (bytes: Buffer) => {
        near.write(bytes);
        far.pause();
        const timer = setTimeout(
          () => {
            this.#timers.delete(timer);
            far.resume();
          },
          (bytes.length / this.bytesPerSecond) * 1000,
        );
        this.#timers.add(timer);
      });
    });
  }

  static async to(port: number, bytesPerSecond: number): Promise<SlowLink> {
    const link = new SlowLink(port, bytesPerSecond);
    await new Promise<void>((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async dispose(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
