// First: memory for young objects that has grown does not shrink.
import './young-objects.ts';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { app } from 'electron';
import { CrosspointError } from './contract/index.ts';
import { secretsIn } from './engine/doctor/secrets.ts';
import { createLogger } from './engine/log.ts';
import { defaultStateDir } from './engine/paths.ts';
import { findBeside, startHeadless } from './headless.ts';
import { type Flags, parseFlags } from './shell/flags.ts';
import { ErrorReports } from './shell/error-reports.ts';
import { RecentLog } from './shell/recent-log.ts';
import { runApp } from './shell/run-app.ts';
import { Trouble } from './shell/trouble.ts';
import { VERSION } from './version.ts';

/** Where `crosspoint serve` listens, too: there is one engine on a machine. */
const HTTP = { host: '127.0.0.1', port: 7788 };
const RTMP = { host: '127.0.0.1', port: 1935 };

const flags = readFlags();
const stateDir = flags.stateDir ?? defaultStateDir();
const recent = new RecentLog();
const log = recent.watch(createLogger());
const trouble = new Trouble({
  reports: new ErrorReports({
    folder: join(app.getPath('userData'), 'reports'),
    version: VERSION,
    recent: () => recent.lines,
    secrets: () => [...secretsIn(stateDir), ...(flags.token === undefined ? [] : [flags.token])],
  }),
  markFile: join(app.getPath('userData'), 'reports', '.seen'),
  log: log.child('shell'),
});

process.on('uncaughtException', (error) => trouble.appError(error));
process.on('unhandledRejection', (reason) => trouble.appError(reason));

function readFlags(): Flags {
  try {
    return parseFlags(process.argv.slice(app.isPackaged ? 1 : 2));
  } catch (error) {
    process.stderr.write(`crosspoint: ${error instanceof CrosspointError ? error.message : String(error)}\n`);
    process.exit(2);
  }
}

void runApp({
  log: log.child('shell'),
  rendererDir: findBeside('renderer') ?? '',
  assetsDir: findBeside('assets') ?? '',
  preload: join(dirname(fileURLToPath(import.meta.url)), 'preload.cjs'),
  trouble,
  hidden: flags.hidden,
  files: flags.files,
  startHost: () =>
    startHeadless({
      stateDir,
      log,
      http: flags.http ?? HTTP,
      rtmp: flags.rtmp ?? RTMP,
      pulse: flags.pulse ?? 'auto',
      audioListen: flags.audioListen,
      ...(flags.osc ? { osc: { ...flags.osc, allow: flags.oscAllow ?? [] } } : {}),
      demo: flags.demo,
      restoreBackup: flags.restoreBackup,
      token: flags.token,
      version: VERSION,
    }),
});
