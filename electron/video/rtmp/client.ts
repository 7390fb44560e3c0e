import { connect, type Socket } from 'node:net';
import { type Disposable } from '../../base/disposable.ts';
import { Emitter, type Event } from '../../base/emitter.ts';
import { type Logger, silentLogger } from '../../base/logger.ts';
import { within } from '../../base/time.ts';
import { CrosspointError, messageOf } from '../../contract/index.ts';
import { type AmfObject, type AmfValue } from './amf0.ts';
import { type RtmpMessage } from './chunk-reader.ts';
import { type Command, readCommand } from './command.ts';
import { RtmpConnection } from './connection.ts';
import { makeHello } from './handshake.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { asMedia } from './media.ts';
import { encodeCommand, encodeControl, encodeMedia, encodeUserControl } from './messages.ts';
import {
  COMMAND_AMF0,
  COMMAND_AMF3,
  SEND_CHUNK_SIZE,
  SET_BUFFER_LENGTH,
  SET_CHUNK_SIZE,
  STREAM_ID,
  WINDOW_ACK_SIZE,
} from './protocol.ts';
import { type MediaMessage } from './types.ts';

export interface RtmpClientOptions {
  /** `rtmp://HOST[:PORT]/APP/NAME[?QUERY]` */
  readonly url: string;
  readonly log?: Logger;
  /** Ends the connection, or the attempt. */
  readonly signal?: AbortSignal;
  /** For the connection and for each answer. Default 10 s. */
  readonly timeoutMs?: number;
}

/** One connection to an RTMP server, for one stream. */
export interface RtmpClient extends Disposable {
  /**
   * Resolves when the server says that the stream plays. Listen to `onMedia` before.
   * @throws CrosspointError `forbidden` with the server's status code, `unavailable`, `timeout`
   */
  play(): Promise<void>;
  /** Resolves when the server takes the stream. @throws as `play` */
  publish(): Promise<void>;
  /** Send one message of the published stream. False: the connection is gone. */
  send(message: MediaMessage): boolean;
  /** Send an AMF0 command without asking for an answer. */
  command(name: string, ...args: readonly AmfValue[]): void;
  /** Stop reading from the socket, as a stalled player does, and go on. */
  pauseReading(): void;
  resumeReading(): void;
  /** Bytes sent that the server has not acknowledged. */
  readonly backlogBytes: number;
  readonly ended: boolean;
  readonly onMedia: Event<MediaMessage>;
  /** Commands of the server that are not answers, `onStatus` too. */
  readonly onCommand: Event<{ readonly name: string; readonly args: readonly AmfValue[] }>;
  /** The connection has ended. Fired once. */
  readonly onEnd: Event<string>;
}

const DEFAULT_PORT = 1935;
const DEFAULT_TIMEOUT_MS = 10_000;
const MEDIA_BUFFER_MS = 100;
/**
 * All clients read into the same memory, which holds most key frames: getting 64 KB for each read, and giving it back, is a
 * quarter of what a player costs.
 */
const INBOX = Buffer.allocUnsafeSlow(256 * 1024);
/** How often the server is to acknowledge what is published. */
const PUBLISH_WINDOW = 256 * 1024;

/** Connect and create a stream. @throws CrosspointError `bad-request`, `unavailable`, `timeout` or `forbidden` */
export async function connectRtmp(options: RtmpClientOptions): Promise<RtmpClient> {
  options.signal?.throwIfAborted();
  const target = parseUrl(options.url);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const receive = (sizeBytes: number): boolean => {
    client.receive(INBOX.subarray(0, sizeBytes));
    return true;
  };
  const socket = connect({
    host: target.host,
    port: target.port,
    noDelay: true,
    onread: { buffer: INBOX, callback: receive },
  });
  const client = new NetRtmpClient(socket, target, timeoutMs, options.log ?? silentLogger);
  const abort = (): void => client.dispose();
  options.signal?.addEventListener('abort', abort, { once: true });
  client.onEnd(() => options.signal?.removeEventListener('abort', abort));
  try {
    await within(timeoutMs, `The connection to ${target.host}:${target.port}`, client.open());
    return client;
  } catch (error) {
    client.dispose();
    throw error;
  }
}

interface Target {
  readonly host: string;
  readonly port: number;
  readonly app: string;
  /** With its query. */
  readonly name: string;
}

function parseUrl(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const [app = '', ...name] = url?.pathname.split('/').filter((segment) => segment !== '') ?? [];
  if (url?.protocol !== 'rtmp:' || url.hostname === '' || app === '')
    throw new CrosspointError('bad-request', 'An RTMP address is like rtmp://host/app/name.');
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    app,
    name: name.join('/') + url.search,
  };
}

interface Waiter {
  readonly resolve: (args: readonly AmfValue[]) => void;
  readonly reject: (error: CrosspointError) => void;
}

class NetRtmpClient implements RtmpClient {
  readonly #target: Target;
  readonly #timeoutMs: number;
  readonly #connection: RtmpConnection;
  readonly #answers = new Map<number, Waiter>();
  #status: (Waiter & { readonly code: string }) | undefined;
  #ready: Waiter | undefined;
  #transactionId = 0;
  #endReason: string | undefined;
  readonly #media: Emitter<MediaMessage>;
  readonly #commands: Emitter<{ readonly name: string; readonly args: readonly AmfValue[] }>;
  readonly #end: Emitter<string>;

  constructor(socket: Socket, target: Target, timeoutMs: number, log: Logger) {
    this.#target = target;
    this.#timeoutMs = timeoutMs;
    const fail = (error: unknown): void => this.#connection.fail(error);
    this.#media = new Emitter(fail);
    this.#commands = new Emitter(fail);
    this.#end = new Emitter((error) => log.error('RTMP client listener failed', { error }));
    this.#connection = new RtmpConnection(
      { socket, role: 'client', hello: makeHello(), limits: DEFAULT_LIMITS, log, lent: true },
      {
        onReady: () => this.#ready?.resolve([]),
        admit: () => true,
        onMessage: (message) => this.#onMessage(message),
        onProgress: () => undefined,
        onClose: (reason) => this.#onClose(reason),
      },
    );
  }

  get onMedia(): Event<MediaMessage> {
    return this.#media.event;
  }
  get onCommand(): Event<{ readonly name: string; readonly args: readonly AmfValue[] }> {
    return this.#commands.event;
  }
  get onEnd(): Event<string> {
    return this.#end.event;
  }
  get ended(): boolean {
    return this.#endReason !== undefined;
  }
  get backlogBytes(): number {
    return this.#connection.backlogBytes;
  }

  receive(data: Buffer): void {
    this.#connection.receive(data);
  }

  async open(): Promise<void> {
    await new Promise<unknown>((resolve, reject) => (this.#ready = { resolve, reject }));
    this.#connection.maxUnfinishedBytes = DEFAULT_LIMITS.maxUnfinishedBytes;
    const { host, port, app } = this.#target;
    const tcUrl = `rtmp://${host.includes(':') ? `[${host}]` : host}:${port}/${app}`;
    this.#connection.send(encodeControl(SET_CHUNK_SIZE, SEND_CHUNK_SIZE));
    await this.#call('connect', {
      app,
      type: 'nonprivate',
      flashVer: 'FMLE/3.0 (compatible; Crosspoint)',
      tcUrl,
      objectEncoding: 0,
      fourCcList: ['mjpg', 'avc1', 'hvc1', 'av01'],
    });
    this.#connection.send(encodeControl(WINDOW_ACK_SIZE, PUBLISH_WINDOW));
    await this.#call('createStream', null);
  }

  async play(): Promise<void> {
    const started = this.#untilStatus('NetStream.Play.Start');
    this.#connection.send(encodeCommand(STREAM_ID, 'play', 0, null, this.#target.name, -1000));
    this.#connection.send(encodeUserControl(SET_BUFFER_LENGTH, STREAM_ID, MEDIA_BUFFER_MS));
    await started;
  }

  async publish(): Promise<void> {
    const { name } = this.#target;
    const started = this.#untilStatus('NetStream.Publish.Start');
    this.#connection.send(
      Buffer.concat([
        encodeCommand(0, 'releaseStream', 0, null, name),
        encodeCommand(0, 'FCPublish', 0, null, name),
        encodeCommand(STREAM_ID, 'publish', 0, null, name, 'live'),
      ]),
    );
    await started;
  }

  send(message: MediaMessage): boolean {
    return this.#connection.send(encodeMedia(message));
  }

  command(name: string, ...args: readonly AmfValue[]): void {
    this.#connection.send(encodeCommand(STREAM_ID, name, 0, null, ...args));
  }

  pauseReading(): void {
    this.#connection.pauseReading();
  }
  resumeReading(): void {
    this.#connection.resumeReading();
  }

  dispose(): void {
    this.#connection.destroy('closed here');
  }

  async #call(name: string, object: AmfObject | null): Promise<readonly AmfValue[]> {
    const id = ++this.#transactionId;
    const answer = new Promise<readonly AmfValue[]>((resolve, reject) =>
      this.#answers.set(id, { resolve, reject }),
    );
    this.#connection.send(encodeCommand(0, name, id, object));
    return within(this.#timeoutMs, `The answer to ${name}`, answer);
  }

  async #untilStatus(code: string): Promise<void> {
    if (this.#endReason !== undefined) throw unavailable(this.#endReason);
    const status = new Promise<unknown>((resolve, reject) => (this.#status = { code, resolve, reject }));
    await within(this.#timeoutMs, code, status);
  }

  #onMessage(message: RtmpMessage): void {
    if (message.typeId === COMMAND_AMF0 || message.typeId === COMMAND_AMF3) {
      this.#onCommandMessage(readCommand(message));
      return;
    }
    const media = asMedia(message);
    if (media) this.#media.fire(media);
  }

  #onCommandMessage({ name, transactionId, args }: Command): void {
    const waiter = this.#answers.get(transactionId);
    if (waiter && (name === '_result' || name === '_error')) {
      this.#answers.delete(transactionId);
      if (name === '_result') waiter.resolve(args);
      else waiter.reject(refused(args));
      return;
    }
    if (name === 'onStatus') this.#onStatus(args);
    this.#commands.fire({ name, args });
  }

  #onStatus(args: readonly AmfValue[]): void {
    const status = this.#status;
    const info = statusOf(args);
    if (!status || !info) return;
    if (info.code === status.code) status.resolve(args);
    else if (info.level === 'error') status.reject(refused(args));
    else return;
    this.#status = undefined;
  }

  #onClose(reason: string): void {
    this.#endReason = reason;
    const error = unavailable(reason);
    for (const waiter of [this.#ready, this.#status, ...this.#answers.values()]) waiter?.reject(error);
    this.#answers.clear();
    this.#status = undefined;
    this.#end.fire(reason);
  }
}

const unavailable = (reason: string): CrosspointError =>
  new CrosspointError('unavailable', `The RTMP connection has ended: ${messageOf(reason)}.`);

const statusOf = (args: readonly AmfValue[]): AmfObject | undefined =>
  args.find((value): value is AmfObject => typeof value === 'object' && value !== null && 'code' in value);

function refused(args: readonly AmfValue[]): CrosspointError {
  const info = statusOf(args);
  const [code, description] = [info?.code, info?.description];
  return new CrosspointError(
    'forbidden',
    `${typeof code === 'string' ? code : 'Refused'}: ${typeof description === 'string' ? description : 'no reason given'}`,
  );
}
