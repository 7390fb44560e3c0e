import { createContext, useContext } from 'react';
import { useStore } from 'zustand';
import { type Config, type State } from '../../electron/contract/index.ts';
import { type EngineClient } from '../api/client.ts';
import { type HoldKeys } from './hold-keys.ts';
import { type EventStore } from './event-store.ts';
import { type LogHub } from './log-hub.ts';
import { type LevelHub } from '../meters/level-hub.ts';
import { type PictureHub } from '../pictures/picture-hub.ts';
import { type Commander, type CommandState, type Refusal } from './command-store.ts';
import { type ServerStore } from './server-store.ts';
import { type UiState, type UiStore } from './ui-store.ts';
import { type WatchRegistry } from './watch-registry.ts';

/** Everything that lives as long as the window; made in main.tsx, in tests by hand. */
export interface App {
  readonly client: EngineClient;
  readonly server: ServerStore;
  readonly ui: UiStore;
  readonly commander: Commander;
  readonly levels: LevelHub;
  readonly pictures: PictureHub;
  readonly watching: WatchRegistry;
  readonly holds: HoldKeys;
  readonly events: EventStore;
  readonly logs: LogHub;
}

export const AppContext = createContext<App | null>(null);

export function useApp(): App {
  const app = useContext(AppContext);
  if (!app) throw new Error('useApp outside of AppContext');
  return app;
}

/** A part of the document. Used below <WhenKnown>, where there is one. */
export function useDocument<T>(select: (state: State) => T): T {
  const { server } = useApp();
  return useStore(server, ({ document }) => {
    if (!document) throw new Error('useDocument before the first snapshot');
    return select(document);
  });
}

export const useConfig = <T>(select: (config: Config) => T): T =>
  useDocument((state) => select(state.config));
export const useConnected = (): boolean =>
  useStore(useApp().server, ({ connection }) => connection.state === 'open');
export const useUi = <T>(select: (state: UiState) => T): T => useStore(useApp().ui, select);
export const useCommands = <T>(select: (state: CommandState) => T): T =>
  useStore(useApp().commander.store, select);
export const useBusy = (place: string): boolean => useCommands(({ busy }) => place in busy);
export const useRefusal = (place: string): Refusal | undefined =>
  useCommands(({ refusals }) => refusals[place]);
