import { type Logger } from '../base/logger.ts';

const KEPT = 200;
const LINE_LIMIT = 2_000;

/** The last lines of the log, for reports: what led up to an error says more than the error. */
export class RecentLog {
  readonly #lines: string[] = [];

  /** Oldest first. */
  get lines(): readonly string[] {
    return this.#lines;
  }

  /** A logger that says the same, and is remembered. */
  watch(logger: Logger, room = ''): Logger {
    const note =
      (level: 'debug' | 'info' | 'warn' | 'error') =>
      (message: string, fields?: Readonly<Record<string, unknown>>): void => {
        logger[level](message, fields);
        if (level === 'debug') return;
        const words = [new Date().toISOString(), level, room, message, fields ? JSON.stringify(fields) : ''];
        this.#lines.push(
          words
            .filter((word) => word !== '')
            .join(' ')
            .slice(0, LINE_LIMIT),
        );
        if (this.#lines.length > KEPT) this.#lines.shift();
      };
    return {
      debug: note('debug'),
      info: note('info'),
      warn: note('warn'),
      error: note('error'),
      child: (name) => this.watch(logger.child(name), room === '' ? name : `${room}/${name}`),
    };
  }
}
