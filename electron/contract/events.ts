import { z } from 'zod';
import { type Config } from './config.ts';
import { type Status } from './status.ts';

/** The whole document: what was asked for and what is so. */
export interface State {
  /** Counts accepted changes of `config`. */
  readonly revision: number;
  readonly config: Config;
  readonly status: Status;
}

/** One step of a JSON Patch (RFC 6902). */
export const PatchOperation = z.discriminatedUnion('op', [
  z.object({ op: z.literal('add'), path: z.string(), value: z.unknown() }),
  z.object({ op: z.literal('replace'), path: z.string(), value: z.unknown() }),
  z.object({ op: z.literal('remove'), path: z.string() }),
]);
export type PatchOperation = z.infer<typeof PatchOperation>;

/** Peak levels in dBFS per channel, by source and destination id; silence is −100. */
export type Levels = Readonly<Record<string, readonly number[]>>;

/** Something that an operator may want to look up afterwards. */
export const LogEntry = z.object({
  /** Counts up; of two entries the later one has the higher number. */
  number: z.int(),
  /** When: milliseconds since 1970. */
  at: z.number(),
  /** `command`: somebody did something. `state`: something came, went or failed. */
  kind: z.enum(['command', 'state']),
  severity: z.enum(['info', 'warning', 'error']),
  message: z.string(),
  /** Who did it: `window`, `api`, `tray`, `start` … */
  origin: z.string().optional(),
  /** The source, destination or gadget that it is about. */
  subject: z.string().optional(),
});
export type LogEntry = z.infer<typeof LogEntry>;

/** What a client of `/api/events` (or of the IPC bridge) receives. */
export type ServerEvent =
  | { readonly type: 'snapshot'; readonly revision: number; readonly state: State }
  | { readonly type: 'patch'; readonly revision: number; readonly ops: readonly PatchOperation[] }
  | { readonly type: 'levels'; readonly levels: Levels }
  /** What happened: after a snapshot all that is remembered (at most 500), then each as it happens. */
  | { readonly type: 'events'; readonly entries: readonly LogEntry[] }
  /** Every second, to those who ask for it: silence then means that the connection is dead. */
  | { readonly type: 'alive' }
  /** New lines of a gadget's log; `ended` says why there will be no more. */
  | {
      readonly type: 'log';
      readonly gadget: string;
      readonly lines: readonly string[];
      readonly ended?: string;
    };

/** Subprotocol by which a browser, which cannot set headers on a WebSocket, hands over its token. */
export const TOKEN_PROTOCOL = 'crosspoint.token.';
/** The same for a token with signs that a subprotocol cannot have (RFC 6455, 4.1): as base64url of its UTF-8. */
export const ENCODED_TOKEN_PROTOCOL = 'crosspoint.token64.';

/** What a client may send on `/api/events`: which meters and pictures it looks at. Replaces the former wish. */
export const ClientMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('watch'),
    /** Ids of audio sources and destinations, at most 256. */
    meters: z.array(z.string().max(200)).max(256).default([]),
    /** Ids of video sources and destinations, at most 64: their newest pictures come as binary messages. */
    pictures: z.array(z.string().max(200)).max(64).default([]),
    /** Ids of gadgets, at most 4: the last lines of their logs come, then every new one. */
    logs: z.array(z.string().max(200)).max(4).default([]),
  }),
]);
export type ClientMessage = z.infer<typeof ClientMessage>;

/**
 * A picture as a binary message: one byte with the length of the id, the id (ASCII), then one JPEG of at most
 * 320 pixels' width. At most 5 a second for each id; a picture that cannot be sent at once is dropped.
 */
export function encodePicture(id: string, jpeg: Uint8Array): Uint8Array {
  const message = new Uint8Array(1 + id.length + jpeg.length);
  message[0] = id.length;
  for (let i = 0; i < id.length; i++) message[1 + i] = id.charCodeAt(i);
  message.set(jpeg, 1 + id.length);
  return message;
}

export function decodePicture(message: Uint8Array): { readonly id: string; readonly jpeg: Uint8Array } {
  const length = message[0] ?? 0;
  return { id: String.fromCharCode(...message.subarray(1, 1 + length)), jpeg: message.subarray(1 + length) };
}
