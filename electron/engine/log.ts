import pino from 'pino';
import { type Logger } from '../base/logger.ts';

/** Stream keys and tokens as they look in addresses: `live/<key>`, `token=<token>`, `?key=…`. */
const SECRETS = /((?:token|key|password|passwd|cookie)=|live\/)[^\s"'&?|]+/gi;
const scrub = (value: unknown): unknown =>
  typeof value === 'string' ? value.replace(SECRETS, '$1…') : value;

export interface LogOptions {
  readonly level?: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** File descriptor; 2 (stderr) by default. */
  readonly destination?: number | string;
}

/** JSON lines, one for each event; secrets that found their way into a text are blotted out. */
export function createLogger({ level = 'info', destination = 2 }: LogOptions = {}): Logger {
  const root = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: destination, sync: true }),
  );
  const wrap = (room: string | undefined): Logger => {
    const write =
      (method: 'debug' | 'info' | 'warn' | 'error') =>
      (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
        const clean = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, scrub(value)]));
        root[method]({ ...(room === undefined ? {} : { room }), ...clean }, scrub(message) as string);
      };
    return {
      debug: write('debug'),
      info: write('info'),
      warn: write('warn'),
      error: write('error'),
      child: (name) => wrap(room === undefined ? name : `${room}/${name}`),
    };
  };
  return wrap(undefined);
}
