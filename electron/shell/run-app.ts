import { app, dialog } from 'electron';
import { CrosspointError, messageOf } from '../contract/index.ts';
import { type EnginePort } from '../engine/port.ts';
import { filesOf, openSceneFiles } from './open-files.ts';
import { registerScheme } from './scheme.ts';
import { hardenApp } from './security.ts';
import { Shell, type ShellOptions } from './shell.ts';

/** A clean stop that hangs is ended by force after this time, in ms. */
const STOP_LIMIT_MS = 2_800;

/** Engine and API, started. */
export interface Host {
  readonly engine: EnginePort;
  /** What support needs, as a zip without secrets. */
  readonly diagnostics: () => Promise<Uint8Array>;
  dispose(): Promise<void>;
}

export interface AppOptions extends Omit<ShellOptions, 'engine' | 'diagnostics' | 'quit'> {
  /** Scene files that the app was opened with. */
  readonly files: readonly string[];
  readonly startHost: () => Promise<Host>;
}

/** The app's whole life. Must be called before Electron is ready. */
export async function runApp({ startHost, files, ...options }: AppOptions): Promise<void> {
  const { log } = options;
  if (!app.requestSingleInstanceLock({ files })) {
    log.info('already running: its window is shown');
    app.exit(0);
    return;
  }
  options.trouble.start();
  registerScheme();
  hardenApp(app, log);

  let shell: Shell | undefined;
  let wantsWindow = !options.hidden;
  let host: Promise<Host> | undefined;
  let stopping: Promise<void> | undefined;

  const stop = async (code: number): Promise<void> => {
    const limit = setTimeout(() => {
      log.error('the clean stop took too long');
      app.exit(1);
    }, STOP_LIMIT_MS);
    try {
      await shell?.dispose();
      await (await host?.catch(() => undefined))?.dispose();
    } catch (error) {
      log.error('the stop was not clean', { error: messageOf(error) });
    }
    clearTimeout(limit);
    app.exit(code);
  };
  const quit = (): void => {
    stopping ??= stop(0);
  };

  // Also what the system sends at logout, SIGTERM and Ctrl+C come to.
  app.on('before-quit', (event) => {
    event.preventDefault();
    quit();
  });
  // The app lives in the tray; who closes the window for good ends it through `quit`.
  app.on('window-all-closed', () => undefined);
  let waiting = files;
  const openFiles = async (): Promise<void> => {
    if (!shell) return;
    const opened = waiting;
    waiting = [];
    await openSceneFiles(shell.engine, opened, (title, reason) => {
      log.warn('a file was not opened', { reason });
      dialog.showErrorBox(title, reason);
    });
  };
  app.on('second-instance', (_event, _argv, _directory, handover) => {
    wantsWindow = true;
    shell?.show();
    waiting = [...waiting, ...filesOf(handover)];
    void openFiles();
  });

  await app.whenReady();
  try {
    host = startHost();
    const { engine, diagnostics } = await host;
    if (stopping) return;
    shell = new Shell({ ...options, hidden: !wantsWindow, engine, diagnostics, quit });
    await shell.open();
    await openFiles();
    options.trouble.tellLastTime();
  } catch (error) {
    if (stopping) return;
    log.error('the start failed', { error: messageOf(error) });
    const hint = error instanceof CrosspointError && error.hint !== undefined ? `\n\n${error.hint}` : '';
    dialog.showErrorBox('Crosspoint cannot start', `${messageOf(error)}${hint}`);
    stopping = stop(1);
  }
}
