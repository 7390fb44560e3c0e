import { type CellKey } from '../../contract/index.ts';
import { type Level } from '../graph/levels.ts';

/** The line protocol of `native/mixer` (its README has it in full). */

export const PROTOCOL_VERSION = 1;

/** A point at which the mixer tells peaks: a source as it comes, or the mix for a sink. */
export interface MixerTap {
  readonly of: 'source' | 'sink';
  readonly device: string;
}

/** What the mixer tells. */
export type MixerEvent =
  | { readonly kind: 'mixer'; readonly version: number; readonly pid: number; readonly server: string }
  | {
      readonly kind: 'path';
      readonly number: number;
      readonly key: CellKey;
      readonly from: string;
      readonly to: string;
      readonly latencyMs: number;
      readonly delayMs: number;
      readonly level: Level;
      readonly live: boolean;
    }
  | { readonly kind: 'ready' }
  | { readonly kind: 'live' | 'gone'; readonly number: number }
  | { readonly kind: 'failed'; readonly number: number; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'late';
      readonly number: number;
      readonly latencyMs: number;
      /** How often it ran empty, and how often something was left out. */
      readonly xruns: number;
      readonly drops: number;
    }
  | ({ readonly kind: 'peak'; readonly peaks: readonly number[] } & MixerTap);

/** One word of a line, whatever it holds. */
export function toWord(text: string): string {
  if (text === '') return '%';
  const plain = /[A-Za-z0-9._:|-]/;
  return [...Buffer.from(text)]
    .map((byte) => {
      const letter = String.fromCharCode(byte);
      return plain.test(letter) ? letter : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}

/** @throws URIError for a word that is none */
export const fromWord = (word: string): string => (word === '%' ? '' : decodeURIComponent(word));

/** Null for what a later mixer may tell, or what is no line of one. */
export function parseEvent(line: string): MixerEvent | null {
  const [kind = '', ...words] = line.split(' ');
  try {
    return readEvent(kind, words);
  } catch {
    return null;
  }
}

function readEvent(kind: string, words: readonly string[]): MixerEvent | null {
  const text = (at: number): string => fromWord(words[at] ?? '');
  const number = (at: number): number => Number(words[at] ?? Number.NaN);
  switch (kind) {
    case 'mixer':
      return { kind, version: number(0), pid: number(1), server: text(2) };
    case 'path':
      return {
        kind,
        number: number(0),
        key: text(1) as CellKey,
        from: text(2),
        to: text(3),
        latencyMs: number(4),
        delayMs: number(5),
        level: { raw: number(6), muted: words[7] !== '0' },
        live: words[8] === '1',
      };
    case 'ready':
      return { kind };
    case 'live':
    case 'gone':
      return { kind, number: number(0) };
    case 'failed':
      return { kind, number: number(0), reason: text(1) };
    case 'refused':
      return { kind, reason: text(0) };
    case 'late':
      return { kind, number: number(0), latencyMs: number(1), xruns: number(2), drops: number(3) };
    case 'peak': {
      const of = words[0] === 'source' ? 'source' : 'sink';
      return { kind, of, device: text(1), peaks: [number(2), number(3)] };
    }
    default:
      return null;
  }
}
