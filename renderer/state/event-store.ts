import { createStore, type StoreApi } from 'zustand/vanilla';
import { type LogEntry } from '../../electron/contract/index.ts';

const LIMIT = 500;

/** What happened, newest last, as the engine told it. */
export type EventStore = StoreApi<{ readonly entries: readonly LogEntry[] }>;

export const createEventStore = (): EventStore => createStore(() => ({ entries: [] }));

/** Entries may come again after a reconnection; an engine that was started anew counts from the beginning. */
export function takeEntries(store: EventStore, fresh: readonly LogEntry[]): void {
  const first = fresh[0]?.number;
  if (first === undefined) return;
  store.setState(({ entries }) => ({
    entries: [...entries.filter(({ number }) => number < first), ...fresh].slice(-LIMIT),
  }));
}
