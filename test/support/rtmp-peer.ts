import { connect, type Socket } from 'node:net';
import { type AmfValue, decodeAmf0, encodeAmf0 } from '../../electron/video/rtmp/amf0.ts';
import { ChunkReader, type RtmpMessage } from '../../electron/video/rtmp/chunk-reader.ts';
import { message } from './rtmp-bytes.ts';
import { Watch } from './rtmp-watch.ts';

const PART = 1536;

/** One end of an RTMP connection that does exactly what a test tells it, right or wrong. */
export class RawPeer {
  readonly #watch = new Watch();
  readonly #reader: ChunkReader;
  #handshakeLeft = 1 + 2 * PART;
  #chunked = true;
  readonly socket: Socket;
  readonly messages: RtmpMessage[] = [];
  receivedBytes = 0;
  answersPings = false;
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.#reader = new ChunkReader({
      maxChunkStreams: 100,
      admit: () => true,
      onMessage: (one) => {
        this.messages.push({ ...one, payload: Buffer.from(one.payload) });
        if (this.answersPings && one.typeId === 4 && one.payload.readUInt16BE() === 6)
          this.write(message(4, Buffer.concat([Buffer.from([0, 7]), one.payload.subarray(2)]), { csid: 2 }));
      },
    });
    this.#reader.maxUnfinishedBytes = 1e9;
    socket.on('data', (data: Buffer) => {
      this.receivedBytes += data.length;
      const skipped = Math.min(this.#handshakeLeft, data.length);
      this.#handshakeLeft -= skipped;
      if (this.#chunked && skipped < data.length) this.#reader.push(data.subarray(skipped));
      this.#watch.notify();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.closed = true;
      this.#watch.notify();
    });
  }

  static async open(port: number): Promise<RawPeer> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    const peer = new RawPeer(socket);
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return peer;
  }

  /** After the handshake. */
  static async shaken(port: number): Promise<RawPeer> {
    const peer = await RawPeer.open(port);
    peer.write(RawPeer.hello(), Buffer.alloc(PART));
    await peer.until(() => peer.#handshakeLeft === 0, 'the handshake');
    return peer;
  }

  /** After `connect`, answered. */
  static async connected(port: number, app = 'live'): Promise<RawPeer> {
    const peer = await RawPeer.shaken(port);
    peer.command('connect', 1, { app, tcUrl: `rtmp://127.0.0.1:${port}/${app}` });
    await peer.answer(1);
    return peer;
  }

  static async publishing(port: number, name: string): Promise<RawPeer> {
    const peer = await RawPeer.connected(port);
    peer.command('publish', 2, null, name, 'live');
    await peer.status('NetStream.Publish.Start');
    return peer;
  }

  static async playing(port: number, name: string, app = 'live'): Promise<RawPeer> {
    const peer = await RawPeer.connected(port, app);
    peer.command('play', 2, null, name);
    await peer.status('NetStream.Play.Start');
    return peer;
  }

  static hello(version = 3): Buffer {
    return Buffer.concat([Buffer.from([version, 0, 0, 0, 0, 0, 0, 0, 0]), Buffer.alloc(PART - 8, 0xa5)]);
  }

  write(...bytes: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(bytes));
  }

  command(...values: readonly AmfValue[]): void {
    const body = encodeAmf0(...values);
    for (let at = 0, first = true; first || at < body.length; at += 128, first = false) {
      const payload = body.subarray(at, at + 128);
      this.write(
        first ? message(20, payload, { size: body.length }) : Buffer.concat([Buffer.from([0xc3]), payload]),
      );
    }
  }

  /** Commands that have come, decoded: [name, transaction, …]. */
  get commands(): AmfValue[][] {
    return this.messages.filter(({ typeId }) => typeId === 20).map(({ payload }) => decodeAmf0(payload));
  }

  get media(): RtmpMessage[] {
    return this.messages.filter(({ typeId }) => typeId === 8 || typeId === 9);
  }

  until<T>(find: () => T | undefined | false, what: string, ms?: number): Promise<T> {
    return this.#watch.until(
      () => {
        const value = find();
        return value === undefined || value === false ? undefined : value;
      },
      what,
      ms,
    );
  }

  /** The `_result` or `_error` with this transaction id. */
  answer(id: number): Promise<AmfValue[]> {
    return this.until(
      () =>
        this.commands.find(([name, tx]) => (name === '_result' || name === '_error') && Object.is(tx, id)),
      `an answer to ${id}`,
    );
  }

  status(code: string): Promise<AmfValue[]> {
    return this.until(
      () =>
        this.commands.find(
          ([name, , , info]) => name === 'onStatus' && (info as { code?: string }).code === code,
        ),
      code,
    );
  }

  gone(ms?: number): Promise<true> {
    return this.until(() => this.closed || undefined, 'the end of the connection', ms);
  }

  destroy(): void {
    this.#chunked = false;
    this.socket.destroy();
  }
}
