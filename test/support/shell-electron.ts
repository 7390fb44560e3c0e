import { EventEmitter } from 'node:events';

/**
 * Stands in for the `electron` module, which must not be imported outside of its runtime: it would download it.
 * `vi.mock('electron', async () => (await import('../../support/shell-electron.ts')).electron)`
 */

type Handler = (...args: never[]) => unknown;

export interface FakeFrame {
  url: string;
  parent: FakeFrame | null;
}

export class FakeContents extends EventEmitter {
  readonly sent: { channel: string; args: unknown[] }[] = [];
  readonly mainFrame: FakeFrame = { url: 'app://crosspoint/', parent: null };
  readonly waiting = new EventEmitter();
  destroyed = false;
  reloads = 0;
  openHandler: ((details: { url: string }) => { action: string }) | undefined;

  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void {
    this.openHandler = handler;
  }
  send(channel: string, ...args: unknown[]): void {
    // What crosses the border is a copy.
    this.sent.push({ channel, args: structuredClone(args) });
    this.waiting.emit('sent');
  }
  isDestroyed(): boolean {
    return this.destroyed;
  }
  reload(): void {
    this.reloads++;
  }
  /** What was sent on a channel. */
  sentOn(channel: string): unknown[][] {
    return this.sent.filter((message) => message.channel === channel).map(({ args }) => args);
  }
}

export class FakeWindow extends EventEmitter {
  readonly webContents = new FakeContents();
  readonly loaded: string[] = [];
  visible = false;
  maximized = false;
  bounds = { x: 10, y: 20, width: 900, height: 700 };

  readonly options: Record<string, unknown>;

  constructor(options: Record<string, unknown>) {
    super();
    this.options = options;
    electronState.windows.push(this);
    electron.app.emit('web-contents-created', {}, this.webContents);
  }
  show(): void {
    this.visible = true;
    this.emit('show');
  }
  hide(): void {
    this.visible = false;
    this.emit('hide');
  }
  focus(): void {
    electronState.focused = this;
  }
  isMinimized(): boolean {
    return false;
  }
  restore(): void {
    this.show();
  }
  maximize(): void {
    this.maximized = true;
  }
  isMaximized(): boolean {
    return this.maximized;
  }
  getNormalBounds(): typeof this.bounds {
    return this.bounds;
  }
  loadURL(url: string): Promise<void> {
    this.loaded.push(url);
    return Promise.resolve();
  }
  isDestroyed(): boolean {
    return this.webContents.destroyed;
  }
  destroy(): void {
    this.webContents.destroyed = true;
    this.webContents.emit('destroyed');
  }
  /** As a person does it. */
  close(): { prevented: boolean } {
    const event = {
      prevented: false,
      preventDefault() {
        event.prevented = true;
      },
    };
    this.emit('close', event);
    if (!event.prevented) this.destroy();
    return event;
  }
}

export interface FakeMenuEntry {
  label?: string;
  type?: string;
  enabled?: boolean;
  checked?: boolean;
  click?: () => void;
}

export class FakeTray extends EventEmitter {
  image: string;
  tooltip = '';
  menu: readonly FakeMenuEntry[] = [];
  menusSet = 0;
  destroyed = false;

  constructor(image: string) {
    super();
    this.image = image;
    electronState.trays.push(this);
  }
  setImage(image: string): void {
    this.image = image;
  }
  setToolTip(tooltip: string): void {
    this.tooltip = tooltip;
  }
  setContextMenu(menu: readonly FakeMenuEntry[]): void {
    this.menu = menu;
    this.menusSet++;
    this.emit('menu');
  }
  destroy(): void {
    this.destroyed = true;
  }
  entry(label: string): FakeMenuEntry {
    const found = this.menu.find((candidate) => candidate.label === label);
    if (!found)
      throw new Error(`the menu has no "${label}": ${this.menu.map((item) => item.label).join(', ')}`);
    return found;
  }
}

class FakeSession {
  permissionRequest: Handler | undefined;
  permissionCheck: Handler | undefined;
  devicePermission: Handler | undefined;
  displayMedia: Handler | undefined;
  beforeRequest: Handler | undefined;
  readonly handlers = new Map<string, (request: Request) => Promise<Response>>();
  readonly protocol = {
    handle: (scheme: string, handler: (request: Request) => Promise<Response>) => {
      this.handlers.set(scheme, handler);
    },
  };
  readonly webRequest = {
    onBeforeRequest: (handler: Handler) => {
      this.beforeRequest = handler;
    },
  };
  setPermissionRequestHandler(handler: Handler): void {
    this.permissionRequest = handler;
  }
  setPermissionCheckHandler(handler: Handler): void {
    this.permissionCheck = handler;
  }
  setDevicePermissionHandler(handler: Handler): void {
    this.devicePermission = handler;
  }
  setDisplayMediaRequestHandler(handler: Handler): void {
    this.displayMedia = handler;
  }
}

class FakeIpcMain extends EventEmitter {
  readonly handlers = new Map<string, (event: unknown, ...args: unknown[]) => unknown>();
  handle(channel: string, handler: (event: unknown, ...args: unknown[]) => unknown): void {
    if (this.handlers.has(channel)) throw new Error(`a second handler for ${channel}`);
    this.handlers.set(channel, handler);
  }
  removeHandler(channel: string): void {
    this.handlers.delete(channel);
  }
}

class FakeApp extends EventEmitter {
  isPackaged = false;
  userData = '';
  ready = Promise.resolve();
  firstInstance = true;
  readonly exits: number[] = [];
  whenReady(): Promise<void> {
    return this.ready;
  }
  handover: unknown;
  requestSingleInstanceLock(handover?: unknown): boolean {
    this.handover = handover;
    return this.firstInstance;
  }
  relaunches: unknown[] = [];
  sandboxed = false;
  enableSandbox(): void {
    this.sandboxed = true;
  }
  getPath(name = 'userData'): string {
    return name === 'crashDumps' ? `${this.userData}/Crashpad` : this.userData;
  }
  isReady(): boolean {
    return this.isReadyNow;
  }
  isReadyNow = true;
  relaunch(options: unknown): void {
    this.relaunches.push(options);
  }
  getAppPath(): string {
    return '/opt/crosspoint';
  }
  exit(code: number): void {
    this.exits.push(code);
    this.emit('exited', code);
  }
  /** As Electron does it: a listener may prevent it. */
  quit(): void {
    this.emit('before-quit', { preventDefault: () => undefined });
  }
}

const area = { x: 0, y: 0, width: 1920, height: 1040 };

export const electronState = {
  windows: [] as FakeWindow[],
  trays: [] as FakeTray[],
  focused: undefined as FakeWindow | undefined,
  schemes: [] as unknown[],
  applicationMenu: undefined as unknown,
  errorBoxes: [] as { title: string; content: string }[],
  /** Boxes that ask; the answers are taken from `answers`, by the labels of buttons. */
  questions: [] as { message: string; detail: string; buttons: readonly string[] }[],
  answers: [] as string[],
  opened: [] as string[],
  crashReporter: undefined as unknown,
};

const create = () => ({
  app: new FakeApp(),
  ipcMain: new FakeIpcMain(),
  session: { defaultSession: new FakeSession() },
  BrowserWindow: FakeWindow,
  Tray: FakeTray,
  Menu: {
    buildFromTemplate: (template: readonly FakeMenuEntry[]) => template,
    setApplicationMenu: (menu: unknown) => {
      electronState.applicationMenu = menu;
    },
  },
  nativeImage: { createFromPath: (path: string) => path },
  screen: { getPrimaryDisplay: () => ({ workArea: area }), getAllDisplays: () => [{ workArea: area }] },
  protocol: {
    registerSchemesAsPrivileged: (schemes: unknown[]) => {
      electronState.schemes = schemes;
    },
  },
  dialog: {
    showErrorBox: (title: string, content: string) => {
      electronState.errorBoxes.push({ title, content });
    },
    showMessageBox: (box: { message: string; detail: string; buttons: readonly string[] }) => {
      const { message, detail, buttons } = box;
      electronState.questions.push({ message, detail, buttons });
      const answer = electronState.answers.shift();
      // Nobody answers: it stays open.
      if (answer === undefined) return new Promise(() => undefined);
      return Promise.resolve({ response: buttons.indexOf(answer) });
    },
  },
  shell: {
    openPath: (path: string) => {
      electronState.opened.push(path);
      return Promise.resolve('');
    },
    showItemInFolder: (path: string) => {
      electronState.opened.push(path);
    },
  },
  crashReporter: {
    start: (options: unknown) => {
      electronState.crashReporter = options;
    },
  },
});

export const electron = create();

/** A module as it is before anybody used it. */
export function resetElectron(): void {
  electron.app.removeAllListeners();
  electron.app.exits.length = 0;
  Object.assign(electron.app, {
    isPackaged: false,
    userData: '',
    firstInstance: true,
    isReadyNow: true,
    relaunches: [],
    sandboxed: false,
    ready: Promise.resolve(),
  });
  electron.ipcMain.removeAllListeners();
  electron.ipcMain.handlers.clear();
  electron.session.defaultSession = new FakeSession();
  Object.assign(electronState, {
    windows: [],
    trays: [],
    focused: undefined,
    schemes: [],
    applicationMenu: undefined,
    errorBoxes: [],
    questions: [],
    answers: [],
    opened: [],
    crashReporter: undefined,
  });
}
