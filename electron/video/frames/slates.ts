import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Event } from '../../base/emitter.ts';
import { CrosspointError } from '../../contract/index.ts';
import { type Frame, frameOf } from './frame.ts';
import { type Rendition } from './rendition.ts';

/** What is shown when there is no picture, and why. */
export const SLATE_KINDS = ['no-signal', 'muted', 'connecting', 'error', 'offline'] as const;
export type SlateKind = (typeof SLATE_KINDS)[number];

export type SlateSize = Pick<Rendition, 'width' | 'height' | 'capBytes'>;

/** Where slates come from. */
export interface SlateSource {
  /** The slate in this size, or the nearest there is. `reason`: to be told on it. */
  get(kind: SlateKind, rendition: SlateSize, reason?: string): Frame;
  /** Slates look otherwise now: ask again. */
  readonly onChange?: Event<void>;
}

interface Slate {
  readonly width: number;
  readonly height: number;
  readonly frame: Frame;
}

const FILE = /^(.+)-(\d+)x(\d+)\.jpg$/;

/** The slates of `assets/slates/`, in memory: `<kind>-<width>x<height>.jpg`. */
export class Slates implements SlateSource {
  readonly #byKind: ReadonlyMap<string, readonly Slate[]>;

  private constructor(byKind: ReadonlyMap<string, readonly Slate[]>) {
    this.#byKind = byKind;
  }

  /** @throws CrosspointError `not-found` when a kind has no slate there */
  static load(directory: string): Slates {
    const byKind = new Map<string, Slate[]>(SLATE_KINDS.map((kind) => [kind, []]));
    for (const file of list(directory)) {
      const [, kind = '', width, height] = FILE.exec(file) ?? [];
      const frame = byKind.has(kind) ? frameOf(readFileSync(join(directory, file))) : undefined;
      if (frame) byKind.get(kind)?.push({ width: Number(width), height: Number(height), frame });
    }
    for (const [kind, slates] of byKind)
      if (slates.length === 0)
        throw new CrosspointError('not-found', `There is no "${kind}" slate in ${directory}.`, {
          hint: 'Make the slates with: node build/slates.mjs',
        });
    return new Slates(byKind);
  }

  /** The slate of exactly that size, or the one whose size is nearest. */
  get(kind: SlateKind, { width, height }: SlateSize): Frame {
    let best: Slate | undefined;
    let least = Infinity;
    for (const slate of this.#byKind.get(kind) ?? []) {
      const distance = Math.abs(slate.width - width) + Math.abs(slate.height - height);
      if (distance < least) [best, least] = [slate, distance];
    }
    if (!best) throw new CrosspointError('internal', `There is no slate "${kind}".`);
    return best.frame;
  }
}

function list(directory: string): readonly string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    throw new CrosspointError('not-found', `The slates are missing: ${directory} cannot be read.`, {
      cause: error,
    });
  }
}
