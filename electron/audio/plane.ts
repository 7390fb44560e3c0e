import {
  type DestinationId,
  type EchoStatus,
  type GadgetId,
  type Levels,
  type ServiceStatus,
  type SoundMixer,
  type SourceId,
} from '../contract/index.ts';
import { type Disposable } from '../base/disposable.ts';
import { type Event } from '../base/emitter.ts';

/** What the engine wants of the mixer. Immutable; the plane makes it so, whatever breaks. */
export interface AudioDesired {
  /** Each has two buses: `crosspoint.<id>.return` and `crosspoint.<id>.mic`, named for people by `label`. */
  readonly gadgets: readonly { readonly id: GadgetId; readonly label: string }[];
  readonly sources: readonly AudioSourceDesired[];
  readonly destinations: readonly AudioDestinationDesired[];
  readonly routes: readonly {
    readonly source: SourceId;
    readonly destination: DestinationId;
    readonly gainDb: number;
    readonly muted: boolean;
  }[];
  /** What is listened to on the solo headphones, before its fader. */
  readonly solo: { readonly on: DestinationId | null; readonly ids: readonly (SourceId | DestinationId)[] };
  /** No path gets more than this in total, in dB. */
  readonly gainCeilingDb: number;
  readonly mixer: SoundMixer;
}

export type AudioSourceDesired = {
  readonly id: SourceId;
  readonly gainDb: number;
  readonly muted: boolean;
} &
  /** `device`: PulseAudio source name. */
  (
    | {
        readonly kind: 'microphone';
        readonly device: string;
        readonly echo: { readonly reference: DestinationId; readonly noiseSuppression: boolean } | null;
        /** While somebody speaks here, returns are lowered on speakers with `duckDb`. */
        readonly talkOver: boolean;
      }
    | { readonly kind: 'return'; readonly gadget: GadgetId }
    /** Sound that comes from `AudioFeeds` by the ingest's id. */
    | { readonly kind: 'feed'; readonly ingest: SourceId; readonly label: string }
  );

/** Where the plane gets sound that is not the sound server's. */
export interface AudioFeeds {
  /** Interleaved signed 16-bit little-endian stereo at 48 kHz, as it comes, until it is disposed. */
  open(ingest: SourceId, onPcm: (pcm: Uint8Array) => void): Disposable;
}

export type AudioDestinationDesired = {
  readonly id: DestinationId;
  readonly gainDb: number;
  readonly muted: boolean;
  /** On top of the latency, to trim lip-sync. */
  readonly delayMs: number;
  /** What its crosspoints aim at; null: the default of its kind. */
  readonly latencyMs: number | null;
} & (
  | { readonly kind: 'mic'; readonly gadget: GadgetId }
  /** `device`: PulseAudio sink name. */
  | { readonly kind: 'speaker'; readonly device: string; readonly duckDb: number | null }
);

/** A sound device of the box that is not ours: a source which is no monitor, or a sink. */
export interface SoundDevice {
  /** PulseAudio name: the identity. */
  readonly name: string;
  /** What people call it. */
  readonly description: string;
  /** Microphones: the sink whose monitor it is made of, so that what is played there comes back here. */
  readonly hears?: string;
}

export interface CrosspointStatus {
  readonly state: 'pending' | 'live' | 'degraded' | 'error' | 'offline';
  readonly reason?: string;
  readonly latencyMs?: number;
  /** What it aims at. */
  readonly targetMs?: number;
  /** Level as it is now, when something other than Crosspoint changed it. */
  readonly heard?: { readonly gain: number; readonly muted: boolean };
}

export interface GadgetSound {
  readonly connected: boolean;
  /** Latency of its streams at the box, in milliseconds. */
  readonly micMs?: number;
  readonly returnMs?: number;
  /** How often one of its streams ran empty or over since it connected. */
  readonly xruns?: number;
}

export interface AudioStatus {
  readonly sound: ServiceStatus;
  /** Null until the server was asked for the first time after a connect: then nothing is known, not "no devices". */
  readonly devices: {
    readonly microphones: readonly SoundDevice[];
    readonly speakers: readonly SoundDevice[];
  } | null;
  /** By `<source>|<destination>`, for each desired route. */
  readonly crosspoints: Readonly<Record<string, CrosspointStatus>>;
  /** By gadget id: is somebody else's stream connected to its buses? */
  readonly gadgets: Readonly<Record<string, GadgetSound>>;
  /** By microphone id, for each with echo cancelling. */
  readonly echo: Readonly<Record<string, EchoStatus>>;
  /** Talk-over is lowering the returns now. */
  readonly ducking: boolean;
  /** Where gadgets reach the sound server over the network; absent when they do not. */
  readonly listening?: ServiceStatus;
}

export interface AudioPlane extends Disposable {
  apply(desired: AudioDesired): void;
  readonly status: AudioStatus;
  readonly onStatus: Event<AudioStatus>;
  /** Bring crosspoints which have fallen behind back to their latency; resolves when it is done. */
  resetLatency(
    crosspoints: readonly { readonly source: SourceId; readonly destination: DestinationId }[],
  ): Promise<void>;
  /** Peak levels of sources and destinations, 25 times a second, while it is not disposed. Unknown ids are left out. */
  meter(ids: readonly (SourceId | DestinationId)[], onLevels: (levels: Levels) => void): Disposable;
}
