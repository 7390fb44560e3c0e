import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A Debian package of the gadget's programs, as the box brings it. */
export interface GadgetPackage {
  readonly version: string;
  readonly architecture: string;
  readonly file: string;
}

/** The packages that the box brings for its gadgets, one for each architecture. */
export class PackageShelf {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The newest by file name; undefined when there is none. */
  async find(architecture: string): Promise<GadgetPackage | undefined> {
    const names = await readdir(this.#directory).catch(() => []);
    const found = names.flatMap((file): GadgetPackage[] => {
      const match = /^crosspoint-gadget_([^_]+)_([^_]+)\.deb$/.exec(file);
      return match?.[1] !== undefined && match[2] === architecture
        ? [{ version: match[1], architecture, file: join(this.#directory, file) }]
        : [];
    });
    return found.sort((a, b) => a.version.localeCompare(b.version, 'en', { numeric: true })).at(-1);
  }

  async read({ file }: GadgetPackage): Promise<{ readonly content: Buffer; readonly sha256: string }> {
    const content = await readFile(file);
    return { content, sha256: createHash('sha256').update(content).digest('hex') };
  }
}

/** What the package depends on, each with its alternatives: the names of Bookworm and Trixie differ. */
export const DEPENDENCIES: readonly (readonly string[])[] = [
  ['libasound2t64', 'libasound2'],
  ['libpulse0'],
  ['kmod'],
];
