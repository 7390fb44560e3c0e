import { createStore, type StoreApi } from 'zustand/vanilla';
import { type ServerEvent, type State } from '../../electron/contract/index.ts';
import { type Connection } from '../api/client.ts';
import { applyPatch, PatchError } from '../api/json-patch.ts';

/** What the engine said, as it said it. Nothing else writes here. */
export interface ServerState {
  readonly connection: Connection;
  /** The last known document; kept (and shown as old) while there is no connection. Null before the first snapshot. */
  readonly document: State | null;
}

export type ServerStore = StoreApi<ServerState>;

export const createServerStore = (): ServerStore =>
  createStore<ServerState>(() => ({ connection: { state: 'connecting' }, document: null }));

export type Intake = 'taken' | 'ignored' | 'out-of-step';

/**
 * Bring one event into the document.
 * @returns `out-of-step` when a patch is missing or does not fit: a new snapshot is needed
 */
export function takeEvent(store: ServerStore, event: ServerEvent): Intake {
  switch (event.type) {
    case 'snapshot':
      store.setState({ document: event.state });
      return 'taken';
    case 'patch': {
      const { document } = store.getState();
      if (!document || event.revision < document.revision) return 'out-of-step';
      try {
        const patched = applyPatch(document, event.ops);
        store.setState({
          document: patched.revision === event.revision ? patched : { ...patched, revision: event.revision },
        });
        return 'taken';
      } catch (error) {
        if (error instanceof PatchError) return 'out-of-step';
        throw error;
      }
    }
    case 'levels':
    case 'log':
    case 'events':
    case 'alive':
      return 'ignored';
  }
}
