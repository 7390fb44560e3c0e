import { type Disposable } from '../../base/disposable.ts';
import { type Event } from '../../base/emitter.ts';
import { type Logger } from '../../base/logger.ts';
import { CrosspointError } from '../../contract/index.ts';
import { type AmfValue } from './amf0.ts';
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
  /** Resolves when the server says that the stream plays. @throws CrosspointError `forbidden` with the status code */
  play(): Promise<void>;
  /** Resolves when the server takes the stream. @throws CrosspointError `forbidden` with the status code */
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

/** Connect and create a stream. @throws CrosspointError `unavailable`, `timeout` or `forbidden` */
export function connectRtmp(options: RtmpClientOptions): Promise<RtmpClient> {
  void options;
  return Promise.reject(new CrosspointError('unavailable', 'The RTMP client is not built yet.'));
}
