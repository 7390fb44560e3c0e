import { join } from 'node:path';
import { Menu, type MenuItemConstructorOptions, nativeImage, type NativeImage, Tray } from 'electron';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { type EnginePort } from '../engine/port.ts';
import { type TrayAction, type TrayItem, type TrayState, trayView } from './tray-menu.ts';

export interface AppTrayOptions {
  readonly engine: EnginePort;
  /** Folder with the pictures `<state>.png`. */
  readonly iconDir: string;
  /** See `trayView`; asked whenever the menu is made. */
  readonly autostart: () => boolean | null;
  readonly reports: () => number;
  readonly onAction: (action: TrayAction) => void;
}

/** The icon in the desktop's tray, kept in step with the engine. */
export class AppTray implements Disposable {
  readonly #options: AppTrayOptions;
  readonly #tray: Tray;
  readonly #images = new Map<TrayState, NativeImage>();
  readonly #disposables = new DisposableStore();
  #shown = '';
  #state: TrayState;
  #scheduled = false;

  constructor(options: AppTrayOptions) {
    this.#options = options;
    const view = trayView(options.engine.state, options.autostart(), options.reports());
    this.#state = view.state;
    this.#tray = new Tray(this.#image(view.state));
    this.#disposables.defer(() => this.#tray.destroy());
    this.#tray.on('click', () => options.onAction({ kind: 'show' }));
    this.#update();
    this.#disposables.add(options.engine.onEvent((event) => event.type !== 'levels' && this.#schedule()));
  }

  /** Show again what is so: a checkbox that was clicked has changed by itself. */
  refresh(): void {
    this.#shown = '';
    this.#schedule();
  }

  dispose(): Promise<void> {
    return this.#disposables.dispose();
  }

  /** Patches come in bursts: one look for each turn of the event loop. */
  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      if (!this.#disposables.disposed) this.#update();
    });
  }

  #update(): void {
    const view = trayView(this.#options.engine.state, this.#options.autostart(), this.#options.reports());
    const shown = JSON.stringify(view);
    if (shown === this.#shown) return;
    this.#shown = shown;
    if (view.state !== this.#state) this.#tray.setImage(this.#image(view.state));
    this.#state = view.state;
    this.#tray.setToolTip(view.tooltip);
    // The StatusNotifierItem protocol has no changes: the menu is set anew.
    this.#tray.setContextMenu(Menu.buildFromTemplate(view.items.map((item) => this.#entry(item))));
  }

  #entry(item: TrayItem): MenuItemConstructorOptions {
    switch (item.type) {
      case 'separator':
        return { type: 'separator' };
      case 'text':
        return { label: literal(item.label), enabled: false };
      case 'menu':
        return { label: literal(item.label), submenu: item.items.map((inner) => this.#entry(inner)) };
      case 'action':
        return {
          label: literal(item.label),
          enabled: item.enabled,
          click: () => this.#options.onAction(item.action),
          ...(item.checked === undefined ? {} : { type: 'checkbox', checked: item.checked }),
        };
    }
  }

  #image(state: TrayState): NativeImage {
    const known =
      this.#images.get(state) ?? nativeImage.createFromPath(join(this.#options.iconDir, `${state}.png`));
    this.#images.set(state, known);
    return known;
  }
}

/** In a menu's label an ampersand marks a key. */
const literal = (label: string): string => label.replaceAll('&', '&&');
