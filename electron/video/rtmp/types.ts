import { type Disposable } from '../../base/disposable.ts';
import { type AmfValue } from './amf0.ts';

/** Message type ids (RTMP 1.0 §7.1). */
export const AUDIO = 8;
export const VIDEO = 9;
export const DATA_AMF0 = 18;

/** One audio, video or data message, its payload untouched (an FLV tag body). */
export interface MediaMessage {
  readonly type: typeof AUDIO | typeof VIDEO | typeof DATA_AMF0;
  /** Milliseconds, unwrapped beyond 32 bits, as the sender gave them. */
  readonly timestampMs: number;
  readonly payload: Uint8Array;
}

/** A message whose payload is written as it lies: nothing is joined, or kept for other viewers. */
export interface PiecesMessage extends Omit<MediaMessage, 'payload'> {
  readonly payload: readonly Uint8Array[];
}

export type OutgoingMedia = MediaMessage | PiecesMessage;

/** What a peer asked to publish or play. */
export interface StreamRequest {
  /** From `connect`, without slashes at either end: `live`. */
  readonly app: string;
  /** Stream name without its query: `desk`. */
  readonly name: string;
  /** Query of the stream name, and of tcUrl (the stream name's wins). */
  readonly query: URLSearchParams;
  readonly remoteAddress: string;
}

export interface Refusal {
  readonly accept: false;
  /** `NetStream.Publish.BadName`, `NetStream.Play.StreamNotFound`, `NetStream.Play.Failed` … */
  readonly code: string;
  readonly description: string;
}

export interface Publisher {
  /** Close the publisher's connection. */
  close(reason: string): void;
  readonly remoteAddress: string;
}

/** Gets what an accepted publisher sends. */
export interface PublisherSink {
  onMedia(message: MediaMessage): void;
  /** The publisher has unpublished or is gone. Called once. */
  onEnd(reason: string): void;
}

/** An accepted player, as the stream's owner sees it. */
export interface Viewer {
  readonly remoteAddress: string;
  /**
   * Bytes handed to the connection that its peer has not told to have received: up to `ackWindowBytes` of it is only news
   * that has not come yet. Of a peer that never tells, what waits here.
   */
  readonly backlogBytes: number;
  /** Send one message now; the owner checks `backlogBytes` before. False: the connection is gone. */
  send(message: OutgoingMedia): boolean;
  /** The same with several, in one write. They are encoded once for all who get them one after the other. */
  sendAll(messages: readonly MediaMessage[]): boolean;
  close(reason: string): void;
}

/** What the stream's owner hears of its viewer. */
export interface ViewerListener {
  /** Backlog has shrunk: a viewer that was skipped may be served again. */
  onProgress?(): void;
  /** An AMF0 command that RTMP does not know, e.g. `crosspoint.tally`. */
  onCommand?(name: string, args: readonly AmfValue[]): void;
  onPause?(paused: boolean): void;
  /** The player is gone. Called once. */
  onEnd(reason: string): void;
}

export interface PublishAccepted {
  readonly accept: true;
  readonly sink: PublisherSink;
}

export interface PlayAccepted {
  readonly accept: true;
  /** Called once the player has been told that its stream starts. */
  readonly start: (viewer: Viewer) => ViewerListener;
  /**
   * After how many bytes the player is to acknowledge: `backlogBytes` is as exact as that. Default 65536. Each
   * acknowledgement costs about as much as sending a frame; where half a second of video is exact enough, say so.
   */
  readonly ackWindowBytes?: number;
}

/** Decides who may publish and play what. May be asynchronous; a rejection refuses the peer. */
export interface RtmpHandler {
  publish(
    request: StreamRequest,
    publisher: Publisher,
  ): Refusal | PublishAccepted | Promise<Refusal | PublishAccepted>;
  play(request: StreamRequest): Refusal | PlayAccepted | Promise<Refusal | PlayAccepted>;
}

export interface RtmpServerAddress {
  readonly host: string;
  readonly port: number;
}

export interface RtmpServer extends Disposable {
  /** @throws CrosspointError `port-in-use` */
  listen(host: string, port: number): Promise<RtmpServerAddress>;
  readonly connections: number;
}
