import { extname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CrosspointError, SCENE_FILE_EXTENSION } from '../contract/index.ts';
import { type Address, parseAddress } from '../engine/address.ts';

/** What the app was started with: as `crosspoint serve`, and `--hidden`. */
export interface Flags {
  readonly hidden: boolean;
  readonly demo: boolean;
  readonly restoreBackup: boolean;
  readonly stateDir?: string;
  readonly pulse?: string;
  readonly token?: string;
  readonly http?: Address;
  readonly rtmp?: Address;
  readonly audioListen?: Address;
  /** Scene files that the desktop opens with the app, as absolute paths. */
  readonly files: readonly string[];
  readonly osc?: Address;
  readonly oscAllow?: readonly string[];
}

/**
 * @param args without the program (and the app's path)
 * @throws CrosspointError `bad-request`
 */
export function parseFlags(args: readonly string[]): Flags {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      hidden: { type: 'boolean' },
      demo: { type: 'boolean' },
      'restore-backup': { type: 'boolean' },
      'state-dir': { type: 'string' },
      pulse: { type: 'string' },
      token: { type: 'string' },
      http: { type: 'string' },
      rtmp: { type: 'string' },
      'audio-listen': { type: 'string' },
      osc: { type: 'string' },
      'osc-allow': { type: 'string' },
    },
    // Chromium's own switches stand among ours, and a desktop may add a file.
    strict: false,
    allowPositionals: true,
  });
  const text = (name: keyof typeof values): string | undefined => {
    const value = values[name];
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '')
      throw new CrosspointError('bad-request', `--${name} needs a value.`);
    return value;
  };
  const optional = <K extends string, T>(key: K, value: T | undefined): Partial<Record<K, T>> =>
    value === undefined ? {} : ({ [key]: value } as Record<K, T>);
  return {
    hidden: values.hidden === true,
    demo: values.demo === true,
    restoreBackup: values['restore-backup'] === true,
    files: positionals
      .filter((path) => extname(path) === `.${SCENE_FILE_EXTENSION}`)
      .map((path) => resolve(path)),
    ...optional('stateDir', text('state-dir')),
    ...optional('pulse', text('pulse')),
    ...optional('token', text('token')),
    ...optional('http', addressOf('http', text('http'))),
    ...optional('rtmp', addressOf('rtmp', text('rtmp'))),
    ...optional('audioListen', addressOf('audio-listen', text('audio-listen'))),
    ...optional('osc', addressOf('osc', text('osc'))),
    ...optional('oscAllow', text('osc-allow')?.split(',')),
  };
}

function addressOf(name: string, text: string | undefined): Address | undefined {
  if (text === undefined) return undefined;
  const address = parseAddress(text);
  if (!address)
    throw new CrosspointError(
      'bad-request',
      `--${name}: an address looks like 127.0.0.1:8080, not "${text}".`,
    );
  return address;
}
