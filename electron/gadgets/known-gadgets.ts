import { readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { makeDirectory } from '../base/make-directory.ts';
import { type Logger } from '../base/logger.ts';
import { CrosspointError, type GadgetId, messageOf } from '../contract/index.ts';

const Known = z.object({
  /** Pinned at the first contact. */
  hostKey: z.object({ type: z.string(), key: z.string() }),
  /** The box's key is installed there: it can be looked after without a password. */
  managed: z.boolean(),
});
export type Known = z.infer<typeof Known>;

const File = z.object({ version: z.literal(1), gadgets: z.record(z.string(), Known) });

/** What the box remembers of its gadgets: their host keys. */
export class KnownGadgets {
  readonly #path: string;
  #gadgets: Readonly<Record<string, Known>>;
  #saving: Promise<void> = Promise.resolve();

  private constructor(path: string, gadgets: Readonly<Record<string, Known>>) {
    this.#path = path;
    this.#gadgets = gadgets;
  }

  /** @throws CrosspointError `state-broken`: pinned keys are never given up silently */
  static async open(path: string, log: Logger): Promise<KnownGadgets> {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new KnownGadgets(path, {});
      throw error;
    }
    try {
      return new KnownGadgets(path, File.parse(JSON.parse(text)).gadgets);
    } catch (error) {
      log.error('the pinned host keys cannot be read', { path });
      throw new CrosspointError(
        'state-broken',
        `${path} cannot be read: ${messageOf(error).split('\n')[0]}.`,
        {
          hint: 'Move it away to begin anew; each gadget then shows its host key as at the first contact.',
          cause: error,
        },
      );
    }
  }

  get(id: GadgetId): Known | undefined {
    return this.#gadgets[id];
  }

  /** Resolves when it is on disk. */
  async set(id: GadgetId, known: Known | undefined): Promise<void> {
    if (JSON.stringify(known) === JSON.stringify(this.#gadgets[id])) return;
    const { [id]: _, ...others } = this.#gadgets;
    this.#gadgets = known ? { ...others, [id]: known } : others;
    this.#saving = this.#saving.catch(() => undefined).then(() => this.#write());
    await this.#saving;
  }

  async #write(): Promise<void> {
    await makeDirectory(dirname(this.#path));
    const text = `${JSON.stringify({ version: 1, gadgets: this.#gadgets }, null, 2)}\n`;
    await writeFile(`${this.#path}.new`, text, { mode: 0o600 });
    await rename(`${this.#path}.new`, this.#path);
  }
}
