import { type Disposable } from '../base/disposable.ts';
import { type Event } from '../base/emitter.ts';
import {
  type FoundGadget,
  type GadgetAction,
  type GadgetId,
  type GadgetManagement,
} from '../contract/index.ts';

/** A gadget as the engine wants it. Those without a host are left alone. */
export interface GadgetDesired {
  readonly id: GadgetId;
  readonly label: string;
  /** Name or address for SSH; null: not managed. */
  readonly host: string | null;
  readonly port: number;
  readonly user: string;
  /** What it shows to play its stream. A secret. */
  readonly token: string;
  /** The largest picture that its webcam is sent, in bytes. */
  readonly maxFrameBytes: number;
}

export interface GadgetsDesired {
  readonly gadgets: readonly GadgetDesired[];
}

/** How to log in where the box's own key does not do (yet). Used for one action, then forgotten. */
export interface Credentials {
  /** Also sudo's. */
  readonly password?: string | undefined;
  /** File of a private key, on the box. */
  readonly key?: string | undefined;
}

/** What the gadgets need to know of the box. */
export interface BoxFacts {
  /** Port of the RTMP server, and whether it listens beyond loopback. */
  readonly rtmp: { readonly port: number; readonly loopback: boolean };
  /** How gadgets reach the sound server; null: they do not, and get pictures only. The cookie is a secret. */
  readonly sound: { readonly port: number; readonly loopback: boolean; readonly cookie: Uint8Array } | null;
}

/** What the other planes see of a gadget. */
export interface GadgetLinks {
  readonly video: boolean;
  readonly audio: boolean;
  /** What the client computer negotiated, and what the gadget reports of itself. */
  readonly format?: { readonly width: number; readonly height: number; readonly fps: number };
  readonly stats?: Readonly<Record<string, number>>;
}

export interface GadgetsStatus {
  /** By gadget id, for each with a host. */
  readonly gadgets: Readonly<Record<string, GadgetManagement>>;
  readonly found: readonly FoundGadget[];
}

/** Looks after the Raspberry Pis over SSH. */
export interface GadgetsPlane extends Disposable {
  apply(desired: GadgetsDesired): void;
  readonly status: GadgetsStatus;
  readonly onStatus: Event<GadgetsStatus>;
  /**
   * Begin an action; how it goes is in the status.
   * @returns its number in the gadget's status
   * @throws CrosspointError `unknown-id`, `bad-request` for a gadget without a host, `in-use` while another action runs,
   *   `untrusted` while its host key is another one than before
   */
  act(id: GadgetId, action: GadgetAction, credentials?: Credentials): number;
  /**
   * Take the host key that the gadget shows now.
   * @param fingerprint the one that a person has seen; another one is refused
   * @throws CrosspointError `not-found` when there is none to take, `bad-request` when it is another
   */
  trust(id: GadgetId, fingerprint?: string): Promise<void>;
  /** The last lines of the gadget's log, then every new one, until it is disposed or `onEnd` tells why it ended. */
  followLog(
    id: GadgetId,
    onLines: (lines: readonly string[]) => void,
    onEnd: (reason: string) => void,
  ): Disposable;
}
