import { join } from 'node:path';
import { app, Menu, session } from 'electron';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { messageOf } from '../contract/index.ts';
import { type EnginePort } from '../engine/port.ts';
import { Autostart, autostartFile, startCommand } from './autostart.ts';
import { Ipc } from './ipc.ts';
import { handleScheme } from './scheme.ts';
import { hardenSession } from './security.ts';
import { hasTrayHost } from './tray-host.ts';
import { AppTray } from './tray.ts';
import { type TrayAction } from './tray-menu.ts';
import { type Trouble } from './trouble.ts';
import { MainWindow } from './window.ts';

export interface ShellOptions {
  readonly engine: EnginePort;
  /** What support needs, as a zip without secrets. */
  readonly diagnostics: () => Promise<Uint8Array>;
  readonly log: Logger;
  /** The built renderer. */
  readonly rendererDir: string;
  /** Folder with `icons/` and `tray/`. */
  readonly assetsDir: string;
  readonly preload: string;
  readonly trouble: Trouble;
  /** Start in the tray. Without one the window is shown all the same. */
  readonly hidden: boolean;
  /** Ends the app; called when the person asks for it, whether or not a window was ever shown. */
  readonly quit: () => void;
}

/** Window, tray and bridge on a running engine. Electron must be ready. */
export class Shell implements Disposable {
  readonly #options: ShellOptions;
  readonly #disposables = new DisposableStore();
  readonly #window: MainWindow;
  readonly #tray: AppTray;
  readonly #autostart: Autostart;

  constructor(options: ShellOptions) {
    this.#options = options;
    const { engine, diagnostics, log, rendererDir, assetsDir, preload, trouble } = options;
    Menu.setApplicationMenu(null);
    hardenSession(session.defaultSession, log);
    handleScheme(session.defaultSession, { engine, diagnostics, rendererDir, log });

    const ipc = this.#disposables.add(new Ipc({ engine, log }));
    this.#window = this.#disposables.add(
      new MainWindow({
        preload,
        icon: join(assetsDir, 'icons', '256x256.png'),
        stateFile: join(app.getPath('userData'), 'window.json'),
        devTools: !app.isPackaged,
        log,
        onCreated: (window) => ipc.admit(window.webContents),
        onVisible: (window, visible) => ipc.setVisible(window.webContents, visible),
        hidesOnClose: hasTrayHost,
        onClosedForGood: options.quit,
        onPageGone: (details, reopen) => trouble.pageGone(details, reopen),
        onPageHangs: (reopen) => trouble.pageHangs(reopen),
      }),
    );

    const command = startCommand(process.env, process.execPath, app.isPackaged ? null : app.getAppPath());
    this.#autostart = new Autostart(autostartFile(), command);
    this.#tray = this.#disposables.add(
      new AppTray({
        engine,
        iconDir: join(assetsDir, 'tray'),
        autostart: () => this.#autostart.enabled,
        reports: () => trouble.count,
        onAction: (action) => this.#act(action),
      }),
    );
  }

  get engine(): EnginePort {
    return this.#options.engine;
  }

  /** Shows the window, unless the app was asked to start hidden and there is a tray to hide in. */
  async open(): Promise<void> {
    try {
      this.#autostart.repair();
    } catch (error) {
      this.#options.log.warn('the autostart entry could not be renewed', { error: messageOf(error) });
    }
    if (!this.#options.hidden || !(await hasTrayHost())) this.show();
  }

  show(): void {
    if (!this.#disposables.disposed) this.#window.show();
  }

  dispose(): Promise<void> {
    return this.#disposables.dispose();
  }

  #act(action: TrayAction): void {
    switch (action.kind) {
      case 'commands':
        this.#options.engine
          .execute(action.commands, 'tray')
          .catch((error: unknown) =>
            this.#options.log.error('a command of the tray failed', { error: messageOf(error) }),
          )
          .finally(() => this.#tray.refresh());
        break;
      case 'show':
        this.show();
        break;
      case 'autostart':
        try {
          this.#autostart.set(action.enabled);
        } catch (error) {
          this.#options.log.error('the autostart entry could not be changed', { error: messageOf(error) });
        }
        this.#tray.refresh();
        break;
      case 'reports':
        this.#options.trouble
          .show()
          .catch((error: unknown) =>
            this.#options.log.warn('the reports could not be shown', { error: messageOf(error) }),
          );
        break;
      case 'quit':
        this.#options.quit();
        break;
    }
  }
}
