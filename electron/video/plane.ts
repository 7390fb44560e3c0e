import {
  type CameraSettings,
  type DestinationId,
  type DeviceStatus,
  type FoundCamera,
  type GadgetId,
  type PictureSettings,
  type ServiceStatus,
  type SourceId,
} from '../contract/index.ts';
import { type Disposable } from '../base/disposable.ts';
import { type Event } from '../base/emitter.ts';

/** What the engine wants of the video plane. Immutable; the plane makes it so, whatever breaks. */
export interface VideoDesired {
  readonly sources: readonly VideoSourceDesired[];
  readonly gadgets: readonly { readonly id: GadgetId; readonly token: string }[];
  readonly outputs: readonly VideoOutputDesired[];
  readonly slates: {
    /** So long after the last frame, in milliseconds. */
    readonly afterMs: number;
    /** Image files of the user's own; null: the built-in ones. */
    readonly noSignal: string | null;
    readonly muted: string | null;
  };
}

export type VideoSourceDesired = {
  readonly id: SourceId;
  readonly label: string;
  /** Privacy: its viewers see the muted slate, and the camera is let go. */
  readonly muted: boolean;
  readonly picture: PictureSettings;
} & (
  | { readonly kind: 'camera'; readonly camera: CameraSettings }
  /** `key`: the stream key under `live/`; `takeOver`: a second publisher replaces the first. */
  | { readonly kind: 'ingest'; readonly key: string; readonly takeOver: boolean }
);

export type VideoOutputDesired = {
  readonly id: DestinationId;
  readonly label: string;
  readonly source: SourceId | null;
  readonly muted: boolean;
} & (
  | { readonly kind: 'webcam'; readonly gadget: GadgetId; readonly maxFrameBytes: number }
  | { readonly kind: 'program' }
);

/** The route of an output as it is now. */
export interface OutputStatus {
  /**
   * `live`: the receiver gets the source's pictures; `pending`: the first picture is awaited, the old one stays;
   * `degraded`: pictures flow, but smaller or fewer; `error`: the source fails; `offline`: source or receiver is away.
   * `off`: nothing is routed.
   */
  readonly state: 'off' | 'pending' | 'live' | 'degraded' | 'error' | 'offline';
  readonly reason?: string;
}

export interface GadgetLink {
  readonly connected: boolean;
  readonly remoteAddress?: string;
  readonly format?: { readonly width: number; readonly height: number; readonly fps: number };
  readonly tally: { readonly webcam: boolean; readonly mic: boolean; readonly speaker: boolean };
  readonly stats?: Readonly<Record<string, number>>;
}

export interface VideoStatus {
  readonly sources: Readonly<Record<string, DeviceStatus>>;
  readonly outputs: Readonly<Record<string, OutputStatus>>;
  readonly gadgets: Readonly<Record<string, GadgetLink>>;
  readonly rtmp: ServiceStatus;
  readonly ffmpeg: ServiceStatus;
  /** V4L2 cameras that are plugged in. */
  readonly cameras: readonly FoundCamera[];
  /** Why images of the user's own are not shown as slates; one sentence each. */
  readonly slateProblems?: readonly string[];
}

/** Counters for `/api/metrics`, by source or output id. */
export interface VideoCounters {
  readonly frames: number;
  readonly bytes: number;
  readonly dropped: number;
}

export interface PictureOptions {
  /** Largest width in pixels; the picture keeps its shape. Default: as it is. */
  readonly width?: number;
  /** At most so many a second. Default 30. */
  readonly fps?: number;
}

export interface VideoPlane extends Disposable {
  apply(desired: VideoDesired): void;
  readonly status: VideoStatus;
  readonly onStatus: Event<VideoStatus>;
  /**
   * Follow the pictures of a source, or what an output is being sent (its slates too). Sources run only while
   * somebody follows them. A consumer that is slow misses pictures; it never gets old ones.
   * @throws CrosspointError `unknown-id`
   */
  follow(
    id: SourceId | DestinationId,
    options: PictureOptions,
    onJpeg: (jpeg: Uint8Array) => void,
  ): Disposable;
  /**
   * The sound of an ingest while it is not disposed: interleaved signed 16-bit little-endian stereo at 48 kHz, as it
   * comes. Nothing comes while nobody publishes. Decoded only while somebody listens.
   * @throws CrosspointError `unknown-id`
   */
  listen(ingest: SourceId, onPcm: (pcm: Uint8Array) => void): Disposable;
  counters(): Readonly<Record<string, VideoCounters>>;
}
