import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scrub } from '../engine/doctor/scrub.ts';

export interface ErrorReport {
  /** Who it was: the app's own process, the page, or another process of Chromium. */
  readonly who: 'app' | 'page' | 'process';
  /** One sentence. */
  readonly summary: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface ErrorReportsOptions {
  readonly folder: string;
  readonly version: string;
  /** What led up to it. */
  readonly recent: () => readonly string[];
  /** What must not stand in a report, wherever it came from. */
  readonly secrets: () => readonly string[];
  /** How many are kept; the oldest go. */
  readonly kept?: number;
}

/** What fails in a loop shall not fill the disk, nor push the report of the first failure out. */
const PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/** Reports of crashes and errors, kept on this machine. Nothing is ever sent. */
export class ErrorReports {
  readonly folder: string;
  readonly #options: ErrorReportsOptions;
  #number = 0;
  #lately: readonly number[] = [];

  constructor(options: ErrorReportsOptions) {
    this.folder = options.folder;
    this.#options = options;
  }

  /** Oldest first. */
  get names(): readonly string[] {
    try {
      return readdirSync(this.folder)
        .filter((name) => name.endsWith('.txt'))
        .sort();
    } catch {
      return [];
    }
  }

  /** Never throws: a report of an error must not be one more. @returns the file; null: it could not be written, or there were many in this minute */
  write({ who, summary, details }: ErrorReport): string | null {
    const versions: Readonly<Record<string, string | undefined>> = process.versions;
    const now = performance.now();
    this.#lately = this.#lately.filter((time) => now - time < MINUTE_MS);
    if (this.#lately.length >= PER_MINUTE) return null;
    this.#lately = [...this.#lately, now];
    try {
      const at = new Date().toISOString();
      mkdirSync(this.folder, { recursive: true, mode: 0o700 });
      // Two in one millisecond are two.
      const number = String(++this.#number).padStart(3, '0');
      const file = join(this.folder, `${at.replaceAll(':', '-')}-${number}-${who}.txt`);
      const text = [
        summary,
        '',
        `At ${at}. Crosspoint ${this.#options.version}, Electron ${versions.electron ?? '-'}, Node ${process.version}, ${process.platform} ${process.arch}.`,
        'This report is on this machine only; nothing was sent. Stream keys, tokens and passwords were removed.',
        '',
        ...Object.entries(details).map(([name, value]) => `${name}: ${textOf(value)}`),
        '',
        'What the log said before, oldest first:',
        ...this.#options.recent(),
        '',
      ].join('\n');
      writeFileSync(file, scrub(text, this.#options.secrets()), { mode: 0o600 });
      this.#trim();
      return file;
    } catch {
      return null;
    }
  }

  #trim(): void {
    const { names } = this;
    for (const name of names.slice(0, Math.max(0, names.length - (this.#options.kept ?? 20))))
      rmSync(join(this.folder, name), { force: true });
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
