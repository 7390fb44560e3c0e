import { type Socket } from 'node:net';
import { type Logger } from '../../base/logger.ts';
import { CrosspointError } from '../../contract/index.ts';
import { splitAggregate } from './aggregate.ts';
import { type AmfValue } from './amf0.ts';
import { type RtmpMessage } from './chunk-reader.ts';
import { type Command, readCommand } from './command.ts';
import { RtmpConnection } from './connection.ts';
import { type RtmpLimits } from './limits.ts';
import { type MediaEncoder } from './media-encoder.ts';
import { asMedia } from './media.ts';
import {
  encodeCommand,
  encodeControl,
  encodeMediaPieces,
  encodeStatus,
  encodeUserControl,
} from './messages.ts';
import {
  ACK_WINDOW,
  AGGREGATE,
  COMMAND_AMF0,
  COMMAND_AMF3,
  DATA_AMF3,
  SEND_CHUNK_SIZE,
  SET_CHUNK_SIZE,
  SET_PEER_BANDWIDTH,
  STREAM_BEGIN,
  STREAM_ID,
  WINDOW_ACK_SIZE,
} from './protocol.ts';
import { type Outbox } from './outbox.ts';
import { parseStreamName } from './stream-name.ts';
import {
  AUDIO,
  DATA_AMF0,
  type MediaMessage,
  type OutgoingMedia,
  type PlayAccepted,
  type PublisherSink,
  type Refusal,
  type RtmpHandler,
  type StreamRequest,
  VIDEO,
  type ViewerListener,
} from './types.ts';

export interface SessionOptions {
  readonly socket: Socket;
  readonly hello: Buffer;
  readonly limits: RtmpLimits;
  readonly log: Logger;
  readonly handler: RtmpHandler;
  readonly outbox: Outbox;
  readonly encoder: MediaEncoder;
}

type Stream =
  | { readonly kind: 'none' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'publishing'; readonly sink: PublisherSink }
  | { readonly kind: 'playing'; readonly viewer: { active: boolean }; readonly listener: ViewerListener };

const NONE: Stream = { kind: 'none' };
const MAX_CONTROL_BYTES = 64;
const UNKNOWN_PEER_UNFINISHED_BYTES = 256 * 1024;
const BANDWIDTH_DYNAMIC = 2;
const PUBLISHER_BANDWIDTH = 2_500_000;

const isWhole = (message: OutgoingMedia): message is MediaMessage => message.payload instanceof Uint8Array;

const isPromise = <T>(value: T | Promise<T>): value is Promise<T> => value instanceof Promise;

/** What one client does on the server: connect, then publish or play. */
export class ServerSession {
  readonly #options: SessionOptions;
  readonly #connection: RtmpConnection;
  #connect: { readonly app: string | undefined; readonly tcUrl: string | undefined } | undefined;
  #stream: Stream = NONE;
  #streamSinceMs = performance.now();
  #endReason: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#connection = new RtmpConnection(
      { ...options, role: 'server' },
      {
        onReady: () => undefined,
        admit: (typeId, sizeBytes) => this.#admit(typeId, sizeBytes),
        onMessage: (message) => this.#onMessage(message),
        onProgress: () => {
          if (this.#stream.kind === 'playing') this.#stream.listener.onProgress?.();
        },
        onClose: (reason) => {
          this.#endReason = reason;
          this.#endStream(reason);
        },
      },
    );
  }

  /** Called every half second or so. */
  check(nowMs: number): void {
    const connection = this.#connection;
    connection.check(nowMs);
    if (connection.closed) return;
    const { limits } = this.#options;
    if (this.#stream.kind === 'publishing') {
      if (connection.silentMs(nowMs) >= limits.publisherIdleMs)
        connection.fail(new CrosspointError('timeout', 'The publisher sends nothing any more.'));
    } else if (this.#stream.kind !== 'playing' && nowMs - this.#streamSinceMs >= limits.idleTimeoutMs)
      connection.fail(new CrosspointError('timeout', 'The client neither publishes nor plays.'));
  }

  destroy(reason: string): void {
    this.#connection.destroy(reason);
  }

  #admit(typeId: number, sizeBytes: number): boolean {
    const { limits } = this.#options;
    const atMost = (limitBytes: number): true => {
      if (sizeBytes > limitBytes)
        throw new CrosspointError(
          'too-large',
          `A message of type ${typeId} with ${sizeBytes} bytes is too large.`,
        );
      return true;
    };
    switch (typeId) {
      case COMMAND_AMF0:
      case COMMAND_AMF3:
        return atMost(limits.maxCommandBytes);
      case AUDIO:
      case VIDEO:
      case DATA_AMF0:
      case DATA_AMF3:
      case AGGREGATE:
        if (this.#stream.kind === 'publishing') return atMost(limits.maxMediaBytes);
        break;
      default:
        if (typeId >= SET_CHUNK_SIZE && typeId <= SET_PEER_BANDWIDTH) return atMost(MAX_CONTROL_BYTES);
    }
    // Not for us, or not from an accepted publisher: read past it.
    this.#connection.countCommand();
    return false;
  }

  #onMessage(message: RtmpMessage): void {
    switch (message.typeId) {
      case COMMAND_AMF0:
      case COMMAND_AMF3:
        this.#connection.countCommand();
        this.#onCommand(readCommand(message));
        return;
      case AGGREGATE:
        for (const part of splitAggregate(message)) this.#onMedia(part);
        return;
      default:
        this.#onMedia(message);
    }
  }

  #onMedia(message: RtmpMessage): void {
    if (this.#stream.kind !== 'publishing') return;
    const media = asMedia(message);
    if (media) this.#stream.sink.onMedia(media);
  }

  #onCommand(command: Command): void {
    const { name, transactionId } = command;
    if (name === 'connect') {
      this.#onConnect(command);
      return;
    }
    if (!this.#connect) throw new CrosspointError('bad-request', 'A command before connect.');
    switch (name) {
      case 'createStream':
        this.#reply(0, '_result', transactionId, null, STREAM_ID);
        return;
      case 'releaseStream':
      case 'FCPublish':
      case '_checkbw':
        this.#reply(0, '_result', transactionId, null, undefined);
        return;
      case 'FCUnpublish':
        this.#reply(0, '_result', transactionId, null, undefined);
        this.#endStream('unpublished');
        return;
      case 'FCSubscribe':
        this.#reply(0, 'onFCSubscribe', 0, null, status('NetStream.Play.Start', 'Subscribed.'));
        return;
      case 'getStreamLength':
        this.#reply(0, '_result', transactionId, null, 0);
        return;
      case 'publish':
        this.#onPublish(command.args[0]);
        return;
      case 'play':
        this.#onPlay(command.args[0]);
        return;
      case 'deleteStream':
      case 'closeStream':
        this.#endStream('closed by the client');
        return;
      case 'pause':
        this.#onPause(command.args[0] === true);
        return;
      default:
        this.#onOtherCommand(command);
    }
  }

  #onConnect({ transactionId, object }: Command): void {
    if (this.#connect) throw new CrosspointError('bad-request', 'A second connect.');
    const text = (key: string): string | undefined => {
      const value = object?.[key];
      return typeof value === 'string' ? value : undefined;
    };
    this.#connect = { app: text('app'), tcUrl: text('tcUrl') };
    this.#send(
      Buffer.concat([
        encodeControl(WINDOW_ACK_SIZE, ACK_WINDOW),
        encodeControl(SET_PEER_BANDWIDTH, PUBLISHER_BANDWIDTH, BANDWIDTH_DYNAMIC),
        encodeControl(SET_CHUNK_SIZE, SEND_CHUNK_SIZE),
        encodeCommand(
          0,
          '_result',
          transactionId,
          { fmsVer: 'FMS/3,0,1,123', capabilities: 31, mode: 1 },
          { ...status('NetConnection.Connect.Success', 'Connected.'), objectEncoding: 0 },
        ),
      ]),
    );
  }

  #request(name: AmfValue): StreamRequest | undefined {
    if (typeof name !== 'string') return undefined;
    const parsed = parseStreamName(this.#connect?.app, this.#connect?.tcUrl, name);
    return parsed.name === '' ? undefined : { ...parsed, remoteAddress: this.#connection.remoteAddress };
  }

  #onPublish(name: AmfValue): void {
    const refusal = (description: string): Refusal => ({
      accept: false,
      code: 'NetStream.Publish.BadName',
      description,
    });
    if (this.#stream.kind !== 'none') {
      this.#refuse(refusal('This connection is in use already.'));
      return;
    }
    const request = this.#request(name);
    if (!request) {
      this.#refuse(refusal('The stream has no name.'));
      return;
    }
    const publisher = {
      remoteAddress: this.#connection.remoteAddress,
      close: (reason: string) => this.#connection.close(reason),
    };
    this.#ask(
      () => this.#options.handler.publish(request, publisher),
      (answer) => {
        if (this.#endReason !== undefined) answer.sink.onEnd(this.#endReason);
        else this.#startPublishing(answer.sink);
      },
      refusal('The stream cannot be published.'),
    );
  }

  #startPublishing(sink: PublisherSink): void {
    this.#setStream({ kind: 'publishing', sink });
    this.#connection.maxUnfinishedBytes = this.#options.limits.maxUnfinishedBytes;
    this.#send(encodeStatus('status', 'NetStream.Publish.Start', 'Publishing.'));
  }

  #onPlay(name: AmfValue): void {
    const refusal = (code: string, description: string): Refusal => ({ accept: false, code, description });
    if (this.#stream.kind !== 'none') {
      this.#refuse(refusal('NetStream.Play.Failed', 'This connection is in use already.'));
      return;
    }
    const request = this.#request(name);
    if (!request) {
      this.#refuse(refusal('NetStream.Play.StreamNotFound', 'The stream has no name.'));
      return;
    }
    this.#ask(
      () => this.#options.handler.play(request),
      (answer) => {
        if (this.#endReason === undefined) this.#startPlaying(answer);
      },
      refusal('NetStream.Play.Failed', 'The stream cannot be played.'),
    );
  }

  #startPlaying({ start, ackWindowBytes = ACK_WINDOW }: PlayAccepted): void {
    const connection = this.#connection;
    this.#send(
      Buffer.concat([
        encodeControl(WINDOW_ACK_SIZE, ackWindowBytes),
        // librtmp acknowledges after a tenth of its bandwidth.
        encodeControl(SET_PEER_BANDWIDTH, 10 * ackWindowBytes, BANDWIDTH_DYNAMIC),
        encodeUserControl(STREAM_BEGIN, STREAM_ID),
        encodeStatus('status', 'NetStream.Play.Reset', 'Starting.'),
        encodeStatus('status', 'NetStream.Play.Start', 'Playing.'),
      ]),
    );
    connection.watch(ackWindowBytes);
    const { encoder } = this.#options;
    const viewer = {
      active: true,
      remoteAddress: connection.remoteAddress,
      get backlogBytes() {
        return connection.backlogBytes;
      },
      send: (message: OutgoingMedia) => {
        if (isWhole(message)) return viewer.sendAll([message]);
        return viewer.active && connection.sendPieces(encodeMediaPieces(message));
      },
      sendAll: (messages: readonly MediaMessage[]) =>
        viewer.active && connection.send(encoder.encode(messages)),
      close: (reason: string) => connection.close(reason),
    };
    const listener = start(viewer);
    this.#setStream({ kind: 'playing', viewer, listener });
    // It may have closed the connection from within `start`.
    if (this.#endReason !== undefined) this.#endStream(this.#endReason);
  }

  #onPause(paused: boolean): void {
    if (this.#stream.kind !== 'playing') return;
    this.#send(
      paused
        ? encodeStatus('status', 'NetStream.Pause.Notify', 'Paused.')
        : encodeStatus('status', 'NetStream.Unpause.Notify', 'Goes on.'),
    );
    this.#stream.listener.onPause?.(paused);
  }

  #onOtherCommand({ name, transactionId, args }: Command): void {
    if (this.#stream.kind === 'playing' && this.#stream.listener.onCommand) {
      this.#stream.listener.onCommand(name, args);
      if (transactionId !== 0) this.#reply(0, '_result', transactionId, null, undefined);
    } else if (transactionId !== 0)
      this.#reply(0, '_error', transactionId, null, {
        level: 'error',
        code: 'NetConnection.Call.Failed',
        description: 'No such command.',
      });
  }

  /** Let the handler decide; nothing further is read until it has. */
  #ask<A extends { readonly accept: true }>(
    decide: () => A | Refusal | Promise<A | Refusal>,
    accepted: (answer: A) => void,
    failed: Refusal,
  ): void {
    const settle = (answer: A | Refusal): void => {
      this.#setStream(NONE);
      if (answer.accept) accepted(answer);
      else this.#refuse(answer);
    };
    const broken = (error: unknown): void => {
      this.#options.log.error('The RTMP stream owner failed', { error });
      this.#setStream(NONE);
      this.#refuse(failed);
    };
    this.#setStream({ kind: 'asking' });
    let answer: A | Refusal | Promise<A | Refusal>;
    try {
      answer = decide();
    } catch (error) {
      broken(error);
      return;
    }
    if (!isPromise(answer)) {
      settle(answer);
      return;
    }
    this.#connection.suspend();
    answer
      .then(settle, broken)
      .catch((error: unknown) => this.#connection.fail(error))
      .finally(() => this.#connection.resume());
  }

  #refuse({ code, description }: Refusal): void {
    if (this.#connection.closed) return;
    this.#send(encodeStatus('error', code, description));
    this.#options.log.info('RTMP peer refused', {
      remoteAddress: this.#connection.remoteAddress,
      code,
      description,
    });
    this.#connection.close(code);
  }

  #endStream(reason: string): void {
    const stream = this.#stream;
    if (stream.kind === 'none' || stream.kind === 'asking') return;
    this.#setStream(NONE);
    if (stream.kind === 'publishing') {
      this.#connection.maxUnfinishedBytes = UNKNOWN_PEER_UNFINISHED_BYTES;
      stream.sink.onEnd(reason);
    } else {
      stream.viewer.active = false;
      this.#connection.watch(0);
      stream.listener.onEnd(reason);
    }
  }

  #setStream(stream: Stream): void {
    this.#stream = stream;
    this.#streamSinceMs = performance.now();
  }

  #reply(streamId: 0 | typeof STREAM_ID, ...values: readonly AmfValue[]): void {
    this.#send(encodeCommand(streamId, ...values));
  }

  #send(bytes: Buffer): void {
    this.#connection.send(bytes);
  }
}

const status = (code: string, description: string) => ({ level: 'status', code, description }) as const;
