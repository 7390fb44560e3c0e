import { connect, type Socket } from 'node:net';
import { type Disposable } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import { messageOf } from '../../contract/index.ts';
import { formatAddress, type ServerAddress } from './address.ts';
import { COMMAND, CONTROL_CHANNEL, PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from './constants.ts';
import { PulseError, type PulseErrorName } from './errors.ts';
import { frame, FrameParser } from './frames.ts';
import { type Properties, TagReader, TagWriter } from './tagstruct.ts';

type CommandName = keyof typeof COMMAND;

export interface ConnectOptions {
  readonly address: ServerAddress;
  /** 256 bytes. */
  readonly cookie: Uint8Array;
  readonly properties: Properties;
  /** For the connection, the greeting and each call. Default 5000. */
  readonly timeoutMs?: number;
}

interface Pending {
  readonly command: CommandName;
  readonly settle: (reader: TagReader) => void;
  readonly reject: (error: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

/** What a stream hears of the server. */
export interface StreamHandler {
  data?(payload: Buffer): void;
  /** The reader stands after the stream's channel. */
  message(command: number, reader: TagReader): void;
}
type StreamKind = 'playback' | 'record';

/** Messages about a stream: which kind, all with its channel first. */
const STREAM_MESSAGES: ReadonlyMap<number, StreamKind> = new Map<number, StreamKind>([
  [COMMAND.request, 'playback'],
  [COMMAND.overflow, 'playback'],
  [COMMAND.underflow, 'playback'],
  [COMMAND.playbackStreamKilled, 'playback'],
  [COMMAND.playbackStreamSuspended, 'playback'],
  [COMMAND.playbackStreamMoved, 'playback'],
  [COMMAND.playbackStreamEvent, 'playback'],
  [COMMAND.playbackBufferAttrChanged, 'playback'],
  [COMMAND.started, 'playback'],
  [COMMAND.recordStreamKilled, 'record'],
  [COMMAND.recordStreamSuspended, 'record'],
  [COMMAND.recordStreamMoved, 'record'],
  [COMMAND.recordStreamEvent, 'record'],
  [COMMAND.recordBufferAttrChanged, 'record'],
]);

/** A server that leaves so many calls unanswered is stuck. */
const PENDING_MAX = 8192;

/**
 * A server on a Unix socket knows us by our user id, which the kernel tells it from the moment when it asks for that:
 * a greeting that arrives a moment before goes unrecognised.
 */
const UNIX_TRIES = 3;

const done = (): undefined => undefined;

/** One connection to a sound server: greeting, calls and their answers, events. Every call settles, whatever happens. */
export class PulseConnection implements Disposable {
  readonly address: ServerAddress;
  /** Settles when the connection has ended, with the reason. Never rejects. */
  readonly closed: Promise<PulseError>;
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  readonly #pending = new Map<number, Pending>();
  readonly #streams = {
    playback: new Map<number, StreamHandler>(),
    record: new Map<number, StreamHandler>(),
  };
  readonly #subscription = new Emitter<{ readonly event: number; readonly index: number }>();
  readonly #settleClosed: (reason: PulseError) => void;
  #closeReason: PulseError | null = null;
  #nextTag = 0;
  #nextStreamId = 1;
  #version = PROTOCOL_VERSION;

  readonly onSubscription: Event<{ readonly event: number; readonly index: number }> =
    this.#subscription.event;

  private constructor(socket: Socket, options: ConnectOptions) {
    this.#socket = socket;
    this.address = options.address;
    this.#timeoutMs = options.timeoutMs ?? 5000;
    let settle: (reason: PulseError) => void = done;
    this.closed = new Promise((resolve) => (settle = resolve));
    this.#settleClosed = settle;
    const parser = new FrameParser({
      control: (payload) => this.#onControl(payload),
      data: (channel, payload) => this.#streams.record.get(channel)?.data?.(payload),
    });
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      try {
        parser.push(chunk);
      } catch (error) {
        this.#end(
          error instanceof PulseError
            ? error
            : new PulseError('protocol', messageOf(error), { cause: error }),
        );
      }
    });
    socket.on('error', (error) =>
      this.#end(new PulseError('connection-terminated', undefined, { cause: error })),
    );
    socket.on('close', () => this.#end(new PulseError('connection-terminated')));
  }

  /**
   * Connect and introduce ourselves.
   * @throws PulseError `connection-refused` (nobody there), `access`, `version`, `timeout`, `protocol`
   */
  static async open(options: ConnectOptions): Promise<PulseConnection> {
    for (let tries = options.address.kind === 'unix' ? UNIX_TRIES : 1; ; tries--) {
      try {
        return await PulseConnection.#openOnce(options);
      } catch (error) {
        if (tries <= 1 || !(error instanceof PulseError && error.pulse === 'access')) throw error;
      }
    }
  }

  static async #openOnce(options: ConnectOptions): Promise<PulseConnection> {
    const connection = new PulseConnection(await dial(options), options);
    try {
      await connection.#greet(options);
      return connection;
    } catch (error) {
      connection.dispose();
      throw explainGreeting(error, options.address);
    }
  }

  async #greet(options: ConnectOptions): Promise<void> {
    const theirs = await this.call(
      'auth',
      (tags) => tags.u32(PROTOCOL_VERSION).arbitrary(options.cookie),
      (r) => r.u32() & 0xffff,
    );
    if (theirs < PROTOCOL_VERSION_MIN) throw new PulseError('version');
    this.#version = Math.min(theirs, PROTOCOL_VERSION);
    await this.call('setClientName', (tags) => tags.properties(options.properties), done);
  }

  /** The protocol version that both sides speak. */
  get version(): number {
    return this.#version;
  }

  get isOpen(): boolean {
    return this.#closeReason === null;
  }

  /** Bytes that wait to be taken over by the kernel. */
  get backlogBytes(): number {
    return this.#socket.writableLength;
  }

  /**
   * Ask the server something. `parse` runs at once when the answer is there, before anything later from the server.
   * @throws PulseError (as rejection) with the server's error, `timeout`, or why the connection has ended
   */
  call<T>(
    command: CommandName,
    write: (tags: TagWriter) => unknown,
    parse: (reader: TagReader) => T,
    timeoutMs = this.#timeoutMs,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (this.#closeReason) throw this.#closeReason;
      if (this.#pending.size >= PENDING_MAX)
        throw new PulseError('busy', 'The sound server does not answer any more.');
      const tag = this.#nextTag;
      this.#nextTag = (tag + 1) % 0x7fffffff;
      const tags = new TagWriter().u32(COMMAND[command]).u32(tag);
      write(tags);
      const timer = setTimeout(() => {
        this.#pending.delete(tag);
        reject(
          new PulseError('timeout', `The sound server did not answer within ${timeoutMs} ms (${command}).`),
        );
      }, timeoutMs);
      this.#pending.set(tag, { command, settle: (reader) => resolve(parse(reader)), reject, timer });
      this.#socket.write(frame(CONTROL_CHANNEL, tags.finish()));
    });
  }

  /** Streams with the same id would be started and stopped together, so each gets its own. */
  nextStreamId(): number {
    return this.#nextStreamId++;
  }

  /** Send sound of a playback stream. */
  sendData(channel: number, payload: Uint8Array): void {
    if (this.isOpen) this.#socket.write(frame(channel, payload));
  }

  attach(kind: StreamKind, channel: number, handler: StreamHandler): void {
    this.#streams[kind].set(channel, handler);
  }

  detach(kind: StreamKind, channel: number): void {
    this.#streams[kind].delete(channel);
  }

  #onControl(payload: Buffer): void {
    const reader = new TagReader(payload);
    const command = reader.u32();
    const tag = reader.u32();
    const kind = STREAM_MESSAGES.get(command);
    if (kind) {
      this.#streams[kind].get(reader.u32())?.message(command, reader);
      return;
    }
    switch (command) {
      case COMMAND.reply:
      case COMMAND.error:
        this.#onAnswer(command === COMMAND.error, tag, reader);
        return;
      case COMMAND.subscribeEvent:
        this.#subscription.fire({ event: reader.u32(), index: reader.u32() });
        return;
      default:
      // Something newer than we know, e.g. an event for desktop shells.
    }
  }

  #onAnswer(failed: boolean, tag: number, reader: TagReader): void {
    const pending = this.#pending.get(tag);
    // An answer that came after its time.
    if (!pending) return;
    this.#pending.delete(tag);
    clearTimeout(pending.timer);
    try {
      if (failed) pending.reject(PulseError.fromWire(reader.u32(), pending.command));
      else pending.settle(reader);
    } catch (error) {
      pending.reject(error);
    }
  }

  #end(reason: PulseError): void {
    if (this.#closeReason) return;
    this.#closeReason = reason;
    this.#socket.destroy();
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.reject(reason);
    }
    this.#pending.clear();
    this.#streams.playback.clear();
    this.#streams.record.clear();
    this.#subscription.dispose();
    this.#settleClosed(reason);
  }

  /** Ends the connection; calls that wait are rejected. */
  dispose(
    reason = new PulseError('connection-terminated', 'The connection to the sound server was closed.'),
  ): void {
    this.#end(reason);
  }
}

function dial({ address, timeoutMs = 5000 }: ConnectOptions): Promise<Socket> {
  const where = formatAddress(address);
  return new Promise((resolve, reject) => {
    const socket =
      address.kind === 'unix'
        ? connect({ path: address.path })
        : connect({ host: address.host, port: address.port });
    const fail = (error: PulseError): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () => fail(new PulseError('timeout', `No sound server answers at ${where}.`)),
      timeoutMs,
    );
    socket.once('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'EACCES'
          ? new PulseError('access', `The sound server at ${where} belongs to another user.`, {
              cause: error,
            })
          : new PulseError('connection-refused', `No sound server answers at ${where}.`, { cause: error }),
      ),
    );
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
  });
}

/** What it means when the greeting fails so. */
const GREETING_FAILURES: Partial<Record<PulseErrorName, (where: string) => string>> = {
  access: (where) => `The sound server at ${where} refuses Crosspoint: it wants another cookie.`,
  version: (where) => `The sound server at ${where} is too old for Crosspoint.`,
  timeout: (where) => `The program at ${where} took the connection but does not answer as a sound server.`,
  protocol: (where) => `What answers at ${where} is not a sound server.`,
  'connection-terminated': (where) => `The sound server at ${where} closed the connection at once.`,
};
const COOKIE_HINT = 'Copy the cookie of that server to ~/.config/pulse/cookie, or name it in PULSE_COOKIE.';

function explainGreeting(error: unknown, address: ServerAddress): unknown {
  if (!(error instanceof PulseError)) return error;
  const sentence = GREETING_FAILURES[error.pulse]?.(formatAddress(address));
  if (sentence === undefined) return error;
  const hint = error.pulse === 'access' ? { hint: COOKIE_HINT } : {};
  return new PulseError(error.pulse, sentence, { ...hint, cause: error });
}
