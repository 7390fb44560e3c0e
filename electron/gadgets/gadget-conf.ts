import { CrosspointError, type GadgetId } from '../contract/index.ts';

/** What a gadget has to know, as the box writes it to `/etc/crosspoint/gadget.conf`. */
export interface GadgetConf {
  readonly id: GadgetId;
  readonly label: string;
  readonly token: string;
  /** Where the gadget reaches the box's RTMP server. */
  readonly rtmp: { readonly host: string; readonly port: number };
  /** Where it reaches the box's sound server; without it there are pictures only. */
  readonly sound?: { readonly host: string; readonly port: number };
  /** The largest picture that it is sent, in bytes. */
  readonly maxFrameBytes: number;
  /** Latency that is held in each direction, in milliseconds. */
  readonly audioTargetMs: number;
}

/** Latency that is held in each direction, in milliseconds: by Wi-Fi, packets come in bursts. */
export const AUDIO_TARGET_MS = { cable: 20, wireless: 35 } as const;

/** USB strings of the gadget take so many bytes; " Camera" is added on the gadget. */
const LABEL_BYTES = 23;

/** What each budget carries: 75 % of a frame of 33 ms (docs/hardware.md, USB budget). */
const BUDGETS = [
  ['safe', 50_000],
  ['normal', 101_000],
] as const;

/** The smallest USB budget that carries pictures of this size. */
const budgetFor = (maxFrameBytes: number): string =>
  BUDGETS.find(([, bytes]) => maxFrameBytes <= bytes)?.[0] ?? 'fast';

const address = ({ host, port }: { host: string; port: number }): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The label cut to what USB takes, at the end of a character. */
function shorten(label: string): string {
  let short = '';
  for (const character of label.replace(/\p{Cc}+/gu, ' ').trim()) {
    if (Buffer.byteLength(short + character) > LABEL_BYTES) break;
    short += character;
  }
  return short.trim() || 'Crosspoint';
}

/**
 * The text of the gadget's configuration: lines `key=value`, the value taken as it stands.
 * @throws CrosspointError `bad-request` for a host that is none
 */
export function formatGadgetConf({ maxFrameBytes, audioTargetMs, ...conf }: GadgetConf): string {
  const { id, label, token, rtmp, sound } = conf;
  for (const { host } of sound ? [rtmp, sound] : [rtmp])
    if (!/^[A-Za-z0-9.:_-]+$/.test(host))
      throw new CrosspointError(
        'bad-request',
        `${JSON.stringify(host)} is not the name or address of a host.`,
      );
  const values: Readonly<Record<string, string>> = {
    label: shorten(label),
    budget: budgetFor(maxFrameBytes),
    rtmp_url: `rtmp://${address(rtmp)}/gadget/${id}?token=${encodeURIComponent(token)}`,
    pulse_server: sound ? `tcp:${address(sound)}` : '',
    pulse_cookie: '/etc/crosspoint/pulse-cookie',
    pulse_sink: `crosspoint.${id}.return`,
    pulse_source: `crosspoint.${id}.mic.monitor`,
    audio_target_ms: String(audioTargetMs),
  };
  return `${Object.entries(values)
    .map(([key, value]) => `${key}=${value}`)
    .join('\n')}\n`;
}
