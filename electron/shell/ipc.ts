import {
  ipcMain,
  type IpcMainEvent,
  type IpcMainInvokeEvent,
  type WebContents,
  type WebFrameMain,
} from 'electron';
import { z } from 'zod';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { type Logger } from '../base/logger.ts';
import { type BridgeAnswer } from '../contract/bridge.ts';
import { ClientMessage, CrosspointError, messageOf, parseCommands } from '../contract/index.ts';
import { Feed } from '../engine/feed.ts';
import { type EnginePort } from '../engine/port.ts';
import { CHANNELS } from './channels.ts';
import { isOwnUrl } from './policy.ts';

const Counter = z.int().min(1);

export interface IpcOptions {
  readonly engine: EnginePort;
  readonly log: Logger;
}

/**
 * The shell's side of the bridge. Only the top frame of a window that was admitted, showing our own page, is heard;
 * what it says is checked by the same schemas as what comes over HTTP.
 */
export class Ipc implements Disposable {
  readonly #engine: EnginePort;
  readonly #log: Logger;
  readonly #pages = new Map<WebContents, Page>();
  readonly #disposables = new DisposableStore();

  constructor({ engine, log }: IpcOptions) {
    this.#engine = engine;
    this.#log = log;
    ipcMain.handle(CHANNELS.commands, (event, commands: unknown) => this.#commands(event, commands));
    this.#disposables.defer(() => ipcMain.removeHandler(CHANNELS.commands));
    this.#on(CHANNELS.subscribe, Counter, (page, number) => page.subscribe(number));
    this.#on(CHANNELS.unsubscribe, Counter, (page, number) => page.unsubscribe(number));
    this.#on(CHANNELS.watch, ClientMessage, (page, wish) => page.feed.watch(wish));
    this.#on(CHANNELS.pictureTaken, Counter, (page, number) => page.taken(number));
    this.#disposables.defer(() => {
      for (const page of this.#pages.values()) page.dispose();
      this.#pages.clear();
    });
  }

  /** Let a window's page use the bridge until it is destroyed. */
  admit(contents: WebContents): void {
    const page = new Page(contents, new Feed(this.#engine, this.#log));
    this.#pages.set(contents, page);
    // A page that is loaded anew starts from nothing.
    contents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) page.reset();
    });
    contents.on('render-process-gone', () => page.reset());
    contents.once('destroyed', () => {
      page.dispose();
      this.#pages.delete(contents);
    });
  }

  /** Meters and pictures of a hidden window rest. */
  setVisible(contents: WebContents, visible: boolean): void {
    this.#pages.get(contents)?.feed.setVisible(visible);
  }

  dispose(): Promise<void> {
    return this.#disposables.dispose();
  }

  async #commands(event: IpcMainInvokeEvent, commands: unknown): Promise<BridgeAnswer> {
    try {
      this.#pageOf(event);
      return { ok: true, response: await this.#engine.execute(parseCommands(commands), 'window') };
    } catch (error) {
      if (error instanceof CrosspointError) return { ok: false, error: error.toJSON() };
      this.#log.error('a command of the window failed', { error: messageOf(error) });
      const message = 'Something went wrong inside Crosspoint. The log has the details.';
      return { ok: false, error: { code: 'internal', message } };
    }
  }

  #on<T>(channel: string, schema: z.ZodType<T>, act: (page: Page, value: T) => void): void {
    const listener = (event: IpcMainEvent, value: unknown): void => {
      try {
        const page = this.#pageOf(event);
        const parsed = schema.safeParse(value);
        if (parsed.success) act(page, parsed.data);
        else this.#log.warn('the page sent something malformed', { channel });
      } catch (error) {
        this.#log.warn('a message was refused', { channel, error: messageOf(error) });
      }
    };
    ipcMain.on(channel, listener);
    this.#disposables.defer(() => void ipcMain.removeListener(channel, listener));
  }

  #pageOf(event: { readonly sender: WebContents; readonly senderFrame: WebFrameMain | null }): Page {
    const page = this.#pages.get(event.sender);
    const frame = event.senderFrame;
    if (!page || frame?.parent !== null || !isOwnUrl(frame.url))
      throw new CrosspointError('forbidden', 'Only the page of Crosspoint itself may do that.');
    return page;
  }
}

/** One window's page: its subscription, and the pictures that it has not taken yet. */
class Page {
  readonly feed: Feed;
  readonly #contents: WebContents;
  readonly #waiting = new Map<number, () => void>();
  #subscription = 0;
  #pictures = 0;

  constructor(contents: WebContents, feed: Feed) {
    this.#contents = contents;
    this.feed = feed;
  }

  subscribe(number: number): void {
    this.#subscription = number;
    this.#waiting.clear();
    this.feed.subscribe({
      event: (event) => this.#send(CHANNELS.event, number, event),
      picture: (message, taken) => {
        const picture = ++this.#pictures;
        this.#waiting.set(picture, taken);
        this.#send(CHANNELS.picture, number, picture, message);
      },
    });
  }

  unsubscribe(number: number): void {
    if (number === this.#subscription) this.feed.unsubscribe();
  }

  taken(number: number): void {
    this.#waiting.get(number)?.();
    this.#waiting.delete(number);
  }

  reset(): void {
    this.#waiting.clear();
    this.feed.unsubscribe();
    this.feed.watch({ meters: [], pictures: [], logs: [] });
  }

  dispose(): void {
    this.#waiting.clear();
    this.feed.dispose();
  }

  #send(channel: string, ...args: readonly unknown[]): void {
    if (!this.#contents.isDestroyed()) this.#contents.send(channel, ...args);
  }
}
