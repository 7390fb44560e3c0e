import { BrowserWindow, type RenderProcessGoneDetails, screen, type WebPreferences } from 'electron';
import { type Disposable } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { messageOf } from '../contract/index.ts';
import { START_URL } from './policy.ts';
import { MIN_SIZE, placeWindow, readWindowState, writeWindowState } from './window-state.ts';

/** How often a page that dies is brought back before it is left dead: a crash loop helps nobody. */
const MAX_REVIVALS = 3;
const REVIVAL_WINDOW_MS = 60_000;

/** A page that can do nothing but what the preload script gives it. */
export const webPreferences = (preload: string, devTools: boolean): WebPreferences => ({
  preload,
  devTools,
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  experimentalFeatures: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  safeDialogs: true,
  spellcheck: false,
});

export interface MainWindowOptions {
  readonly preload: string;
  readonly icon: string;
  /** Where place and size are kept. */
  readonly stateFile: string;
  readonly devTools: boolean;
  readonly log: Logger;
  /** Called with each window that is made, before its page is loaded. */
  readonly onCreated: (window: BrowserWindow) => void;
  readonly onVisible: (window: BrowserWindow, visible: boolean) => void;
  /** Asked when the person closes the window: true hides it, false lets the app end. */
  readonly hidesOnClose: () => Promise<boolean>;
  readonly onClosedForGood: () => void;
  /** The page died more often than it is brought back by itself; `reopen` makes a new window. */
  readonly onPageGone: (details: RenderProcessGoneDetails, reopen: () => void) => void;
  readonly onPageHangs: (reopen: () => void) => void;
}

/** The one window. It is made when it is first shown: an app that starts hidden needs none. */
export class MainWindow implements Disposable {
  readonly #options: MainWindowOptions;
  #window: BrowserWindow | undefined;
  #revivals: readonly number[] = [];

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  show(): void {
    const window = (this.#window ??= this.#create());
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  }

  dispose(): void {
    const window = this.#window;
    this.#window = undefined;
    if (!window || window.isDestroyed()) return;
    this.#save(window);
    window.destroy();
  }

  #create(): BrowserWindow {
    const { preload, icon, stateFile, devTools, log, onCreated, onVisible } = this.#options;
    const saved = readWindowState(stateFile);
    const areas = [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea);
    const window = new BrowserWindow({
      ...placeWindow(saved, areas),
      minWidth: MIN_SIZE.width,
      minHeight: MIN_SIZE.height,
      show: false,
      title: 'Crosspoint',
      icon,
      autoHideMenuBar: true,
      webPreferences: webPreferences(preload, devTools),
    });
    onCreated(window);
    if (saved?.maximized) window.maximize();
    for (const event of ['show', 'restore'] as const)
      window.on(event as 'show', () => onVisible(window, true));
    for (const event of ['hide', 'minimize'] as const)
      window.on(event as 'hide', () => onVisible(window, false));
    window.on('close', (event) => {
      if (this.#window !== window) return;
      event.preventDefault();
      this.#save(window);
      void this.#onClose(window);
    });
    window.webContents.on('render-process-gone', (_event, details) => {
      if (details.reason === 'clean-exit') return;
      log.error('the page has died', { reason: details.reason });
      if (!this.#revive(window)) this.#options.onPageGone(details, () => this.#reopen(window));
    });
    window.on('unresponsive', () => {
      log.warn('the page does not answer');
      this.#options.onPageHangs(() => this.#reopen(window));
    });
    window
      .loadURL(START_URL)
      .catch((error: unknown) => log.error('the page does not load', { error: messageOf(error) }));
    return window;
  }

  async #onClose(window: BrowserWindow): Promise<void> {
    const hides = await this.#options.hidesOnClose().catch(() => false);
    if (this.#window !== window || window.isDestroyed()) return;
    if (hides) window.hide();
    else this.#options.onClosedForGood();
  }

  /** @returns false: it has died too often for that */
  #revive(window: BrowserWindow): boolean {
    const now = Date.now();
    this.#revivals = [...this.#revivals.filter((time) => now - time < REVIVAL_WINDOW_MS), now];
    if (this.#revivals.length > MAX_REVIVALS) return false;
    if (!window.isDestroyed()) window.webContents.reload();
    return true;
  }

  /** A person asked for it: it may die as often again. */
  #reopen(window: BrowserWindow): void {
    if (this.#window !== window) return;
    this.dispose();
    this.#revivals = [];
    this.show();
  }

  #save(window: BrowserWindow): void {
    try {
      writeWindowState(this.#options.stateFile, {
        bounds: window.getNormalBounds(),
        maximized: window.isMaximized(),
      });
    } catch (error) {
      this.#options.log.warn("the window's place was not saved", { error: messageOf(error) });
    }
  }
}
