import { type Socket } from 'node:net';
import { type Logger } from '../../base/logger.ts';
import { CrosspointError, messageOf } from '../../contract/index.ts';
import { ChunkReader, type RtmpMessage } from './chunk-reader.ts';
import { DeliveryTracker, RateLimit } from './flow.ts';
import { HandshakeReader } from './handshake.ts';
import { type RtmpLimits } from './limits.ts';
import { encodeControl, encodeUserControl } from './messages.ts';
import {
  ACKNOWLEDGEMENT,
  PING_REQUEST,
  PING_RESPONSE,
  SET_PEER_BANDWIDTH,
  USER_CONTROL,
  WINDOW_ACK_SIZE,
} from './protocol.ts';
import { type Outbox, type Pending, type Sender } from './outbox.ts';

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly role: 'server' | 'client';
  /** C0+C1 or S0+S1. */
  readonly hello: Buffer;
  readonly limits: RtmpLimits;
  readonly log: Logger;
  /** Without: everything is written at once. */
  readonly outbox?: Outbox;
  /** The socket gives what it reads to `receive`, in memory that it uses again; it emits no data. Default false. */
  readonly lent?: boolean;
}

/** What the session makes of a connection. Everything here may throw: that closes this connection only. */
export interface ConnectionListener {
  /** The handshake is done. */
  onReady(): void;
  /** A message begins; false: skip it. */
  admit(typeId: number, sizeBytes: number): boolean;
  /** A message that is not about the connection itself. */
  onMessage(message: RtmpMessage): void;
  /** Backlog has shrunk. */
  onProgress(): void;
  /** No more calls after this. Called once. */
  onClose(reason: string): void;
}

/** How long a connection that we ended may take to go. */
const LINGER_MS = 1000;
/** We acknowledge at least so often, also to peers which did not say their window. */
const LARGEST_WINDOW = 1024 * 1024;
/** A peer which has told nothing for so long, neither acknowledgement nor pong, never will. */
const MUTE_AFTER_MS = 2000;

/** One TCP connection that speaks RTMP: handshake, messages, acknowledgements, pings, closing. */
export class RtmpConnection implements Sender {
  readonly remoteAddress: string;
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #delivery = new DeliveryTracker();
  readonly #commands: RateLimit;
  readonly #openedMs = performance.now();
  #handshake: HandshakeReader | undefined = new HandshakeReader();
  #reader: ChunkReader | undefined;
  #closedMs: number | undefined;
  #heardMs = performance.now();
  #pending: Pending | undefined;
  #received = 0;
  #acknowledged = 0;
  #window = LARGEST_WINDOW;
  /** Window of a watched peer; 0: it is not watched. */
  #watched = 0;
  #watchedMs = 0;
  /** The peer does not tell what it has received. */
  #mute = true;
  #pingedMs = 0;
  #token = 0;
  #overMs: number | undefined;

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    const { socket } = options;
    this.#options = options;
    this.#socket = socket;
    this.#listener = listener;
    this.#commands = new RateLimit(options.limits.commandsPerSecond, this.#openedMs);
    this.remoteAddress = socket.remoteAddress ?? '';
    if (options.lent !== true) socket.on('data', (data: Buffer) => this.receive(data));
    socket.on('drain', () => this.#guard(() => this.#listener.onProgress()));
    socket.on('error', (error) => this.#end(messageOf(error)));
    socket.on('close', () => this.#end('the peer has closed the connection'));
    if (options.role === 'client') socket.write(options.hello);
  }

  get closed(): boolean {
    return this.#closedMs !== undefined;
  }

  /** @see Viewer.backlogBytes */
  get backlogBytes(): number {
    return this.#mute ? this.#socket.writableLength : this.#delivery.outstanding;
  }

  /** Nobody is closed on a guess. */
  get #certainBacklog(): number {
    return this.#delivery.known ? this.#delivery.outstanding : this.#socket.writableLength;
  }

  /** Send encoded messages. False: the connection is gone. */
  send(bytes: Buffer): boolean {
    if (this.closed) return false;
    this.#write(bytes);
    return this.#supervise();
  }

  /** Send encoded messages that lie in pieces, in one system call and at once. False: the connection is gone. */
  sendPieces(pieces: readonly Uint8Array[]): boolean {
    if (this.closed) return false;
    this.flush();
    const socket = this.#socket;
    socket.cork();
    for (const piece of pieces) {
      this.#delivery.add(piece.length);
      socket.write(piece);
    }
    socket.uncork();
    return this.#supervise();
  }

  /** After something was sent. False: the viewer lagged beyond all measure, and is gone. */
  #supervise(): boolean {
    if (this.#watched > 0) {
      if (!this.#mute && this.#delivery.worthAsking(this.#watched)) this.#ping();
      if (this.#certainBacklog > 4 * this.#options.limits.viewerHardBytes) {
        this.fail(new CrosspointError('too-large', 'The viewer has stopped reading.'));
        return false;
      }
    }
    return true;
  }

  flush(): void {
    const pending = this.#pending;
    if (!pending) return;
    this.#pending = undefined;
    if (!this.closed) this.#socket.write(pending.join());
  }

  /**
   * Ask the peer from now on whether it lives and how far it has read, and close it when it lags beyond all measure.
   * @param ackWindowBytes after so many it was told to acknowledge; 0: no more
   */
  watch(ackWindowBytes: number): void {
    this.#watched = ackWindowBytes;
    this.#overMs = undefined;
    if (ackWindowBytes === 0) return;
    this.#watchedMs = performance.now();
    this.#mute = false;
    this.#delivery.assumeDelivered();
    this.#ping();
  }

  /** How much memory the peer's unfinished messages may take. */
  set maxUnfinishedBytes(bytes: number) {
    if (this.#reader) this.#reader.maxUnfinishedBytes = bytes;
  }

  /** Read and handle nothing until `resume`. */
  suspend(): void {
    this.#reader?.suspend();
    this.#socket.pause();
  }

  resume(): void {
    if (this.closed) return;
    this.#guard(() => this.#reader?.resume());
    this.#socket.resume();
  }

  /** Stop reading from the socket without a word, and go on. */
  pauseReading(): void {
    this.#socket.pause();
  }
  resumeReading(): void {
    this.#socket.resume();
  }

  /** One more command or control message. @throws CrosspointError `rate-limited` */
  countCommand(): void {
    if (!this.#commands.take(performance.now()))
      throw new CrosspointError('rate-limited', 'The peer sends too many commands.');
  }

  /** End in order: what was sent before still arrives. */
  close(reason: string): void {
    if (this.closed) return;
    this.flush();
    this.#end(reason);
    // What the peer still sends is read and dropped: closing with unread data would reset the connection, and the
    // peer might never see why it was refused.
    this.#socket.resume();
    this.#socket.end();
  }

  /** The peer broke the protocol or a limit, or handling it threw: one line in the log, and it is gone. */
  fail(error: unknown): void {
    if (this.closed) return;
    const reason = messageOf(error);
    const fields = { remoteAddress: this.remoteAddress, reason };
    if (error instanceof CrosspointError) this.#options.log.warn('RTMP connection closed', fields);
    else this.#options.log.error('RTMP connection closed after an internal error', { ...fields, error });
    this.#end(reason);
    this.#socket.destroy();
  }

  /** Gone at once. */
  destroy(reason: string): void {
    this.#end(reason);
    this.#socket.destroy();
  }

  /** Called every half second or so. */
  check(nowMs: number): void {
    const { limits } = this.#options;
    if (this.#closedMs !== undefined) {
      if (nowMs - this.#closedMs >= LINGER_MS) this.#socket.destroy();
      return;
    }
    if (this.#handshake) {
      if (nowMs - this.#openedMs >= limits.handshakeTimeoutMs)
        this.fail(new CrosspointError('timeout', 'No handshake in time.'));
      return;
    }
    if (this.#watched === 0) return;
    this.#mute = !this.#delivery.known && nowMs - this.#watchedMs >= MUTE_AFTER_MS;
    if (this.#delivery.known && nowMs - this.#heardMs >= limits.deadPeerMs) {
      this.fail(new CrosspointError('timeout', 'The viewer does not answer any more.'));
      return;
    }
    if (Math.max(this.#certainBacklog, this.#socket.writableLength) <= limits.viewerHardBytes)
      this.#overMs = undefined;
    else if (nowMs - (this.#overMs ??= nowMs) >= limits.viewerHardMs) {
      this.fail(new CrosspointError('too-large', 'The viewer does not keep up.'));
      return;
    }
    if (nowMs - this.#pingedMs >= limits.pingIntervalMs) this.#ping();
  }

  /** Milliseconds since the peer last sent anything. */
  silentMs(nowMs: number): number {
    return nowMs - this.#heardMs;
  }

  /** The peer has sent this. */
  receive(data: Buffer): void {
    if (this.closed) return;
    this.#heardMs = performance.now();
    const { outbox } = this.#options;
    outbox?.begin();
    this.#guard(() => this.#receive(data));
    outbox?.end();
  }

  #guard(act: () => void): void {
    if (this.closed) return;
    try {
      act();
    } catch (error) {
      this.fail(error);
    }
  }

  #receive(data: Buffer): void {
    let rest = data;
    while (this.#handshake && rest.length > 0) {
      const done = this.#handshake.push(rest);
      if (!done) return;
      rest = done.rest;
      const { role, hello } = this.#options;
      if (done.part === 'first')
        this.#socket.write(role === 'server' ? Buffer.concat([hello, done.bytes]) : done.bytes);
      else this.#ready();
    }
    const reader = this.#reader;
    if (!reader || rest.length === 0) return;
    this.#received += rest.length;
    reader.push(rest);
    if (this.#received - this.#acknowledged < this.#window || this.closed) return;
    this.#acknowledged = this.#received;
    this.send(encodeControl(ACKNOWLEDGEMENT, this.#received));
  }

  #ready(): void {
    this.#handshake = undefined;
    this.#reader = new ChunkReader({
      maxChunkStreams: this.#options.limits.maxChunkStreams,
      lent: this.#options.lent === true,
      admit: (typeId, sizeBytes) => this.#listener.admit(typeId, sizeBytes),
      onMessage: (message) => this.#onMessage(message),
    });
    this.#listener.onReady();
  }

  #onMessage(message: RtmpMessage): void {
    // An earlier message in the same data may have ended it.
    if (this.closed) return;
    const { typeId, payload } = message;
    switch (typeId) {
      case ACKNOWLEDGEMENT:
        if (this.#delivery.acknowledge(number(payload, 0))) this.#listener.onProgress();
        else this.countCommand();
        return;
      case WINDOW_ACK_SIZE:
        this.countCommand();
        this.#window = Math.min(LARGEST_WINDOW, Math.max(1, number(payload, 0)));
        return;
      case SET_PEER_BANDWIDTH:
        this.countCommand();
        return;
      case USER_CONTROL:
        this.#onUserControl(payload);
        return;
      default:
        this.#listener.onMessage(message);
    }
  }

  #onUserControl(payload: Buffer): void {
    if (payload.length < 2) throw new CrosspointError('bad-request', 'Malformed user control message.');
    const event = payload.readUInt16BE();
    if (event === PING_RESPONSE && this.#delivery.answer(number(payload, 2))) {
      this.#listener.onProgress();
      return;
    }
    this.countCommand();
    if (event === PING_REQUEST) this.send(encodeUserControl(PING_RESPONSE, number(payload, 2)));
  }

  #ping(): void {
    const now = performance.now();
    this.#pingedMs = now;
    this.#token = Math.max(this.#token + 1, Math.floor(now)) % 2 ** 32;
    this.#write(encodeUserControl(PING_REQUEST, this.#token));
    this.#delivery.mark(this.#token);
  }

  #write(bytes: Buffer): void {
    this.#delivery.add(bytes.length);
    const { outbox } = this.#options;
    if (!outbox) {
      this.#socket.write(bytes);
      return;
    }
    const wasWaiting = this.#pending !== undefined;
    this.#pending = outbox.append(this.#pending, bytes);
    if (!wasWaiting) outbox.add(this);
  }

  #end(reason: string): void {
    if (this.closed) return;
    this.#closedMs = performance.now();
    this.#reader = undefined;
    try {
      this.#listener.onClose(reason);
    } catch (error) {
      this.#options.log.error('RTMP stream owner failed at the end of a connection', { error });
    }
  }
}

function number(payload: Buffer, offset: number): number {
  if (payload.length < offset + 4) throw new CrosspointError('bad-request', 'Malformed control message.');
  return payload.readUInt32BE(offset);
}
