import './renderer-dom.ts';
import { act, type ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import { ThemeProvider } from '@mui/material/styles';
import {
  type CommandInput,
  type CommandsResponse,
  type ServerEvent,
  type State,
} from '../../electron/contract/index.ts';
import {
  type Commands,
  type Connection,
  type EngineClient,
  type EngineListener,
  type WatchWish,
} from '../../renderer/api/client.ts';
import { LevelHub } from '../../renderer/meters/level-hub.ts';
import { PictureHub } from '../../renderer/pictures/picture-hub.ts';
import { AppContext, type App } from '../../renderer/state/app-context.ts';
import { Commander } from '../../renderer/state/command-store.ts';
import { createEventStore } from '../../renderer/state/event-store.ts';
import { startFeed } from '../../renderer/state/feed.ts';
import { HoldKeys } from '../../renderer/state/hold-keys.ts';
import { LogHub } from '../../renderer/state/log-hub.ts';
import { createServerStore } from '../../renderer/state/server-store.ts';
import { createUiStore } from '../../renderer/state/ui-store.ts';
import { WatchRegistry } from '../../renderer/state/watch-registry.ts';
import { theme } from '../../renderer/theme/theme.ts';

/** The other end of the wire, by hand. */
export class HandClient implements EngineClient {
  readonly sent: CommandInput[] = [];
  readonly wishes: WatchWish[] = [];
  resyncs = 0;
  /** What the next commands come to; throws to refuse. */
  answer: (commands: readonly CommandInput[]) => CommandsResponse = () => ({ revision: 0, results: [{}] });
  #listener: EngineListener | null = null;

  connect(listener: EngineListener): void {
    this.#listener = listener;
  }
  resync(): void {
    this.resyncs += 1;
  }
  // eslint-disable-next-line @typescript-eslint/require-await -- refuses by throwing, as the real ones do
  async send(commands: Commands): Promise<CommandsResponse> {
    const list = Array.isArray(commands) ? (commands as readonly CommandInput[]) : [commands as CommandInput];
    this.sent.push(...list);
    return this.answer(list);
  }
  watch(wish: WatchWish): void {
    this.wishes.push(wish);
  }
  pictureUrl(): string | null {
    return null;
  }
  diagnostics(): Promise<Blob> {
    return Promise.resolve(new Blob());
  }
  setToken(): void {
    // none
  }
  dispose(): void {
    this.#listener = null;
  }

  event(event: ServerEvent): void {
    this.#listener?.onEvent(event);
  }
  picture(message: Uint8Array): void {
    this.#listener?.onPicture(message);
  }
  connection(connection: Connection): void {
    this.#listener?.onConnection(connection);
  }
  snapshot(state: State): void {
    this.connection({ state: 'open' });
    this.event({ type: 'snapshot', revision: state.revision, state });
  }
}

export function memoryStorage(entries: Readonly<Record<string, string>> = {}): Storage {
  const map = new Map(Object.entries(entries));
  return {
    get length() {
      return map.size;
    },
    clear: () => map.clear(),
    getItem: (key) => map.get(key) ?? null,
    key: (index) => [...map.keys()][index] ?? null,
    removeItem: (key) => void map.delete(key),
    setItem: (key, value) => void map.set(key, value),
  };
}

export interface TestApp extends App {
  readonly client: HandClient;
}

/** An app whose engine is played by hand. */
export function makeApp(state?: State): TestApp {
  const client = new HandClient();
  const commander = new Commander(client);
  const app: TestApp = {
    client,
    server: createServerStore(),
    ui: createUiStore(memoryStorage()),
    commander,
    levels: new LevelHub({ now: () => 0, frame: () => undefined }),
    pictures: new PictureHub(() => Promise.reject(new Error('no pictures here'))),
    watching: new WatchRegistry(client),
    holds: new HoldKeys(commander),
    events: createEventStore(),
    logs: new LogHub(),
  };
  startFeed(client, app);
  if (state) client.snapshot(state);
  return app;
}

export interface Page {
  /** What was drawn; null when it is not there. */
  find(testId: string): HTMLElement | null;
  /** Like `find`, but it must be there. */
  get(testId: string): HTMLElement;
  readonly all: (selector: string) => readonly HTMLElement[];
  key(
    target: Element,
    key: string,
    modifiers?: Pick<KeyboardEventInit, 'ctrlKey' | 'shiftKey'>,
  ): Promise<void>;
  click(target: Element, modifiers?: MouseEventInit): Promise<void>;
  /** Type into a field, as React expects it. */
  type(target: Element, text: string): Promise<void>;
  /** Let React draw what `change` brings about. */
  settle(change?: () => void): Promise<void>;
  close(): Promise<void>;
}

const byTestId = (testId: string): string => `[data-testid="${CSS.escape(testId)}"]`;

/** Draws into a document of jsdom. */
export async function draw(app: App, element: ReactElement): Promise<Page> {
  const container = document.body.appendChild(document.createElement('div'));
  const root = createRoot(container);
  const settle = (change?: () => void): Promise<void> =>
    // eslint-disable-next-line @typescript-eslint/require-await -- an asynchronous act also waits for promises
    act(async () => change?.());
  await settle(() =>
    root.render(
      <ThemeProvider theme={theme}>
        <AppContext value={app}>{element}</AppContext>
      </ThemeProvider>,
    ),
  );
  const find = (testId: string): HTMLElement | null => document.querySelector(byTestId(testId));
  return {
    find,
    get(testId) {
      const found = find(testId);
      if (!found) throw new Error(`nothing is ${testId}`);
      return found;
    },
    all: (selector) => [...document.querySelectorAll<HTMLElement>(selector)],
    key: (target, key, modifiers = {}) =>
      settle(() =>
        target.dispatchEvent(
          new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...modifiers }),
        ),
      ),
    click: (target, modifiers = {}) =>
      settle(() =>
        target.dispatchEvent(new MouseEvent('click', { bubbles: true, cancelable: true, ...modifiers })),
      ),
    type: (target, text) =>
      settle(() => {
        // eslint-disable-next-line @typescript-eslint/unbound-method -- called on the field
        const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set;
        set?.call(target, text);
        target.dispatchEvent(new Event('input', { bubbles: true }));
      }),
    settle,
    async close() {
      await settle(() => root.unmount());
      container.remove();
    },
  };
}
