/** What one check of the doctor found. */
export interface Finding {
  readonly id: string;
  /** What was looked at, e.g. `ffmpeg`. */
  readonly title: string;
  /** `info`: neither good nor bad, e.g. a part that is not there and not needed. */
  readonly state: 'ok' | 'info' | 'warning' | 'failed';
  /** One sentence. */
  readonly detail: string;
  /** What to do. */
  readonly hint?: string;
}

export type Check = () => Promise<Finding | readonly Finding[]>;
