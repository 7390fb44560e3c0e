import { startHeadless } from '../headless.ts';
import { type Address } from '../engine/address.ts';
import { createLogger, type LogOptions } from '../engine/log.ts';
import { CrosspointError, messageOf } from '../contract/index.ts';
import { VERSION } from '../version.ts';
import { serviceManager } from './service-manager.ts';

interface ServeFlags {
  readonly stateDir: string;
  readonly http: Address;
  readonly rtmp: Address;
  readonly pulse: string;
  readonly audioListen?: Address;
  readonly osc?: Address;
  readonly oscAllow?: readonly string[];
  readonly demo?: boolean;
  readonly token?: string;
  readonly restoreBackup?: boolean;
  readonly logLevel: string;
  readonly discovery: boolean;
}

export const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
/** A clean stop that hangs is ended by force after this time. */
const STOP_LIMIT_MS = 2800;

/** Runs until SIGTERM or SIGINT. */
export async function runServe(flags: ServeFlags): Promise<void> {
  const level = LEVELS.find((known): known is NonNullable<LogOptions['level']> => known === flags.logLevel);
  if (!level)
    throw new CrosspointError('bad-request', `There is no log level "${flags.logLevel}".`, {
      hint: `Levels: ${LEVELS.join(', ')}.`,
    });
  if (flags.token === '') throw new CrosspointError('bad-request', 'The token must not be empty.');
  const log = createLogger({ level });
  process.on('uncaughtException', (error) => {
    log.error('uncaught exception', { error: error.stack ?? error.message });
  });
  process.on('unhandledRejection', (reason) => {
    log.error('unhandled rejection', {
      error: reason instanceof Error ? (reason.stack ?? reason.message) : String(reason),
    });
  });
  const sayReady = serviceManager();
  const stopAsked = new Promise<NodeJS.Signals>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, resolve);
  });
  const host = await startHeadless({
    stateDir: flags.stateDir,
    log,
    http: flags.http,
    rtmp: flags.rtmp,
    pulse: flags.pulse,
    audioListen: flags.audioListen,
    demo: flags.demo ?? false,
    restoreBackup: flags.restoreBackup ?? false,
    token: flags.token,
    ...(flags.osc ? { osc: { ...flags.osc, allow: flags.oscAllow ?? [] } } : {}),
    version: VERSION,
    discovery: flags.discovery,
  });
  process.stdout.write(`${JSON.stringify(host.ready)}\n`);
  sayReady(`at ${host.ready.http}`).catch((error: unknown) =>
    log.warn('the service manager was not told', { error: messageOf(error) }),
  );
  log.info('stopping', { signal: await stopAsked });
  const limit = setTimeout(() => {
    log.error('the clean stop took too long');
    process.exit(1);
  }, STOP_LIMIT_MS);
  await host.dispose();
  clearTimeout(limit);
}
