import { copyFile, type FileHandle, open, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type Logger } from '../../base/logger.ts';
import { makeDirectory } from '../../base/make-directory.ts';
import { CrosspointError } from '../../contract/index.ts';
import { applyChanges, CHANGEABLE, type Change, EMPTY_MODEL, type Model } from './model.ts';
import { type Checkpoint, formatStateFile, parseStateFile } from './state-file.ts';

const STATE = 'state.json';
const BACKUP = 'state.json.bak';
const JOURNAL = 'state.journal';

/** A checkpoint is written when the journal has grown to this many bytes. */
const CHECKPOINT_BYTES = 1 << 20;

const JournalLine = z.object({
  revision: z.int(),
  changes: z.array(
    z.object({ collection: z.enum(CHANGEABLE), key: z.string(), index: z.int(), after: z.unknown() }),
  ),
});

export interface StoreOptions {
  readonly directory: string;
  readonly log: Logger;
  /** Start from the backup when the state file is damaged; the damaged one is kept under another name. */
  readonly restoreBackup?: boolean;
}

/**
 * Keeps the desired routing on disk: a whole-file checkpoint (`state.json`, written atomically, the former one kept as
 * `state.json.bak`) and a journal of the changes since. An acknowledged change survives the death of the process and
 * of the machine: it is in the journal, synced, before `append` resolves. Appends that come while a sync is under way
 * share the next one, so a moving fader costs bytes, not files.
 */
export class Store {
  readonly #directory: string;
  readonly #log: Logger;
  readonly #journal: FileHandle;
  #pending: {
    readonly line: string;
    readonly resolve: () => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  #writing: Promise<void> | undefined;
  #journalBytes: number;
  #checkpoint: Checkpoint;
  #closed = false;

  private constructor(
    options: StoreOptions,
    journal: FileHandle,
    journalBytes: number,
    checkpoint: Checkpoint,
  ) {
    this.#directory = options.directory;
    this.#log = options.log;
    this.#journal = journal;
    this.#journalBytes = journalBytes;
    this.#checkpoint = checkpoint;
  }

  /**
   * @returns the store, and the last acknowledged state; `fresh` when there was none
   * @throws CrosspointError `state-broken`, `state-newer`: nothing on disk was changed
   */
  static async open(
    options: StoreOptions,
  ): Promise<{ store: Store; checkpoint: Checkpoint; fresh: boolean }> {
    const { directory } = options;
    await makeDirectory(directory);
    const { base, fresh } = await readCheckpoint(options);
    const journalText = (await readIfThere(join(directory, JOURNAL))) ?? '';
    const checkpoint = replay(base, journalText, directory);
    const journal = await open(join(directory, JOURNAL), 'a', 0o600);
    const store = new Store(options, journal, Buffer.byteLength(journalText), checkpoint);
    // A fresh checkpoint: the journal's torn end, if it has one, must not precede new lines.
    if (journalText !== '' || options.restoreBackup === true) await store.#writeCheckpoint();
    return { store, checkpoint, fresh: fresh && journalText === '' };
  }

  /** Resolves when the changes are on disk. */
  append(revision: number, changes: readonly Change[], model: Model): Promise<void> {
    if (this.#closed) return Promise.reject(new CrosspointError('unavailable', 'The state store is closed.'));
    this.#checkpoint = { revision, model };
    const line = `${JSON.stringify({
      revision,
      changes: changes.map(({ collection, key, index, after }) => ({
        collection,
        key,
        index,
        after: after ?? null,
      })),
    })}\n`;
    return new Promise((resolve, reject) => {
      this.#pending.push({ line, resolve, reject });
      this.#writing ??= this.#drain();
    });
  }

  /** Write what is pending and one last checkpoint. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#writing;
    try {
      if (this.#journalBytes > 0) await this.#writeCheckpoint();
    } catch (error) {
      this.#log.warn('no last checkpoint; the journal holds everything', { error: String(error) });
    }
    await this.#journal.close();
  }

  async #drain(): Promise<void> {
    // Let the appends of this turn gather.
    await Promise.resolve();
    while (this.#pending.length > 0) {
      const batch = this.#pending;
      this.#pending = [];
      const text = batch.map(({ line }) => line).join('');
      try {
        await this.#write(text);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        const failure = new CrosspointError(
          'unavailable',
          `The change could not be saved in ${this.#directory}: ${reason}.`,
          {
            cause: error,
          },
        );
        for (const { reject } of batch) reject(failure);
      }
    }
    this.#writing = undefined;
  }

  async #write(text: string): Promise<void> {
    if (this.#journalBytes > CHECKPOINT_BYTES) {
      // Holds the pending changes too: `#checkpoint` is always the newest.
      await this.#writeCheckpoint();
      return;
    }
    try {
      await this.#journal.appendFile(text);
      await this.#journal.datasync();
      this.#journalBytes += Buffer.byteLength(text);
    } catch (error) {
      // Half a line may be there. A checkpoint makes the journal irrelevant; if that fails as well, so be it.
      this.#log.warn('journal write failed, trying a checkpoint', { error: String(error) });
      this.#journalBytes = CHECKPOINT_BYTES + 1;
      await this.#writeCheckpoint();
    }
  }

  async #writeCheckpoint(): Promise<void> {
    const path = join(this.#directory, STATE);
    const temporary = `${path}.tmp`;
    const file = await open(temporary, 'w', 0o600);
    try {
      await file.writeFile(formatStateFile(this.#checkpoint));
      await file.sync();
    } finally {
      await file.close();
    }
    await copyFile(path, join(this.#directory, BACKUP)).catch((error: unknown) => {
      if (!isMissing(error)) throw error;
    });
    await rename(temporary, path);
    const directory = await open(this.#directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
    // From here on the journal's lines are older than the checkpoint, so they are skipped even if this does not happen.
    await this.#journal.truncate(0);
    this.#journalBytes = 0;
  }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function readCheckpoint({
  directory,
  restoreBackup,
  log,
}: StoreOptions): Promise<{ base: Checkpoint; fresh: boolean }> {
  const path = join(directory, STATE);
  const backupPath = join(directory, BACKUP);
  const text = await readIfThere(path);
  if (text === undefined) return { base: { revision: 0, model: EMPTY_MODEL }, fresh: true };
  try {
    return { base: parseStateFile(text, path), fresh: false };
  } catch (error) {
    if (!(error instanceof CrosspointError) || error.code !== 'state-broken') throw error;
    const backup = await readIfThere(backupPath);
    if (backup === undefined)
      throw new CrosspointError(error.code, `${error.message} There is no backup.`, {
        hint: `The file was left as it is. Move it away to start anew: mv ${path} ${path}.broken`,
        cause: error,
      });
    const restored = parseStateFile(backup, backupPath);
    if (restoreBackup !== true) {
      const saved = (await stat(backupPath)).mtime.toISOString();
      throw new CrosspointError(
        error.code,
        `${error.message} The file was left as it is; there is a good backup of ${saved}.`,
        {
          hint: 'To go on with the backup: crosspoint serve --restore-backup',
          cause: error,
        },
      );
    }
    const kept = `${path}.broken-${new Date().toISOString().replace(/[:.]/g, '-')}`;
    await rename(path, kept);
    log.warn('the state file was damaged; its backup is used', { kept });
    return { base: restored, fresh: false };
  }
}

/** The base and every whole journal line that follows it without a gap. A torn last line was never acknowledged. */
function replay(base: Checkpoint, text: string, directory: string): Checkpoint {
  let { revision, model } = base;
  const lines = text.split('\n');
  const tail = lines.pop();
  for (const [index, line] of lines.entries()) {
    let entry: z.infer<typeof JournalLine>;
    try {
      entry = JournalLine.parse(JSON.parse(line));
    } catch (cause) {
      if (index === lines.length - 1 && tail === '') break;
      throw new CrosspointError(
        'state-broken',
        `${join(directory, JOURNAL)} is damaged in line ${index + 1}.`,
        {
          hint: `The file was left as it is. To go on without the changes in it: mv ${join(directory, JOURNAL)} ${join(directory, JOURNAL)}.broken`,
          cause,
        },
      );
    }
    if (entry.revision <= revision) continue;
    if (entry.revision !== revision + 1) break;
    revision = entry.revision;
    model = applyChanges(
      model,
      entry.changes.map(({ after, ...change }) =>
        after === null || after === undefined
          ? change
          : { ...change, after: after as Model['routes'][number] },
      ),
    );
  }
  // What the journal gave must be a whole model too.
  return parseStateFile(formatStateFile({ revision, model }), join(directory, JOURNAL));
}
