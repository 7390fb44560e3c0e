import { type Readable, type Writable } from 'node:stream';

/** A program to run as a child of the engine. Never through a shell. */
export interface ChildSpec {
  /** For logs and diagnostics, e.g. `ffmpeg cam:front`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** File descriptors 0, 1, 3, 4 …; 2 (stderr) is always kept by the runner for `stderrTail`. */
  readonly stdin?: 'pipe' | 'ignore';
  readonly stdout?: 'pipe' | 'ignore';
  /** How many further pipes to read from, as descriptors 3, 4 … */
  readonly extraOutputs?: number;
}

export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program could not be started at all. */
  readonly error?: Error;
}

export interface Child {
  /** Undefined when it could not be started. */
  readonly pid: number | undefined;
  readonly stdin: Writable | null;
  readonly stdout: Readable | null;
  readonly extraOutputs: readonly Readable[];
  /** Settles when the program has ended; never rejects. */
  readonly exited: Promise<ChildExit>;
  /** The last lines that it wrote to stderr, at most 4 KiB. */
  stderrTail(): string;
  /** SIGTERM, then SIGKILL after `graceMs` (default 1000). Resolves when it has ended. */
  stop(graceMs?: number): Promise<ChildExit>;
}

/** Starts children and sees to it that none outlives the engine. */
export interface ChildRunner {
  start(spec: ChildSpec): Child;
}
