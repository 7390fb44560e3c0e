import { createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

const MAGIC = 0x31465043;
const HEADER_BYTES = 16;
const REPORT_BYTES = 80;
const PICTURE = 1;

/** `enum feeder_state` of native/gadget/src/common/frame-link.h. */
export const FEEDER = { waiting: 0, unreachable: 1, noSignal: 2, live: 3 } as const;

/** Stands for crosspoint-uvc: takes pictures and states from crosspoint-video, and tells it what the client does. */
export class UvcSocket {
  readonly pictures: Buffer[] = [];
  state = -1;
  connections = 0;
  readonly #server: Server;
  #socket: Socket | undefined;
  #report: { streaming: boolean; width: number; height: number; interval: number };

  private constructor() {
    this.#report = { streaming: false, width: 1280, height: 720, interval: 333_333 };
    this.#server = createServer((socket) => {
      this.#socket = socket;
      this.connections++;
      let bytes = Buffer.alloc(0);
      socket.on('error', () => undefined);
      socket.on('data', (part: Buffer) => {
        bytes = Buffer.concat([bytes, part]);
        for (;;) {
          if (bytes.length < HEADER_BYTES) return;
          if (bytes.readUInt32LE(0) !== MAGIC) throw new Error('crosspoint-video sent a bad header');
          const length = bytes.readUInt32LE(8);
          if (bytes.length < HEADER_BYTES + length) return;
          this.state = bytes.readUInt16LE(6);
          if (bytes.readUInt16LE(4) === PICTURE)
            this.pictures.push(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length));
          bytes = bytes.subarray(HEADER_BYTES + length);
        }
      });
      this.#send();
    });
  }

  static async listen(path: string): Promise<UvcSocket> {
    const uvc = new UvcSocket();
    uvc.#server.listen(path);
    await once(uvc.#server, 'listening');
    return uvc;
  }

  /** What the client does now. */
  report(change: Partial<{ streaming: boolean; width: number; height: number; interval: number }>): void {
    this.#report = { ...this.#report, ...change };
    this.#send();
  }

  #send(): void {
    const { streaming, width, height, interval } = this.#report;
    const bytes = Buffer.alloc(REPORT_BYTES);
    bytes.writeUInt32LE(MAGIC, 0);
    bytes.writeUInt16LE(streaming ? 1 : 0, 4);
    bytes.writeUInt16LE(1, 6);
    bytes.writeUInt16LE(width, 8);
    bytes.writeUInt16LE(height, 10);
    bytes.writeUInt32LE(interval, 12);
    bytes.writeUInt32LE(134_933, 16);
    this.#socket?.write(bytes);
  }

  async dispose(): Promise<void> {
    this.#socket?.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
