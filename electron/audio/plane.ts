import {
  type DestinationId,
  type GadgetId,
  type Levels,
  type ServiceStatus,
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
}

export type AudioSourceDesired = {
  readonly id: SourceId;
  readonly gainDb: number;
  readonly muted: boolean;
} &
  /** `device`: PulseAudio source name. */
  (
    | { readonly kind: 'microphone'; readonly device: string }
    | { readonly kind: 'return'; readonly gadget: GadgetId }
  );

export type AudioDestinationDesired = {
  readonly id: DestinationId;
  readonly gainDb: number;
  readonly muted: boolean;
} & (
  | { readonly kind: 'mic'; readonly gadget: GadgetId }
  /** `device`: PulseAudio sink name. */
  | { readonly kind: 'speaker'; readonly device: string }
);

/** A sound device of the box that is not ours: a source which is no monitor, or a sink. */
export interface SoundDevice {
  /** PulseAudio name: the identity. */
  readonly name: string;
  /** What people call it. */
  readonly description: string;
}

export interface CrosspointStatus {
  readonly state: 'pending' | 'live' | 'degraded' | 'error' | 'offline';
  readonly reason?: string;
  readonly latencyMs?: number;
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
  readonly gadgets: Readonly<Record<string, { readonly connected: boolean }>>;
  /** Where gadgets reach the sound server over the network; absent when they do not. */
  readonly listening?: ServiceStatus;
}

export interface AudioPlane extends Disposable {
  apply(desired: AudioDesired): void;
  readonly status: AudioStatus;
  readonly onStatus: Event<AudioStatus>;
  /** Peak levels of sources and destinations, 25 times a second, while it is not disposed. Unknown ids are left out. */
  meter(ids: readonly (SourceId | DestinationId)[], onLevels: (levels: Levels) => void): Disposable;
}
