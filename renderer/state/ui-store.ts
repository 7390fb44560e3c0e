import { createStore, type StoreApi } from 'zustand/vanilla';
import { type Destination, type Source } from '../../electron/contract/index.ts';

export type Density = 'auto' | 'comfortable' | 'compact';
export type MediaFilter = 'all' | 'video' | 'audio';
export type StateFilter = 'all' | 'routed' | 'trouble';

/** What this person likes; kept in the browser. */
export interface Preferences {
  readonly transposed: boolean;
  readonly density: Density;
  readonly media: MediaFilter;
  readonly stripShown: boolean;
  /** Keys of folded groups. */
  readonly folded: readonly string[];
  /** Changes to destinations on air wait until they are taken. */
  readonly takeMode: boolean;
  /** The microphone of the talk and cough keys; empty: none. */
  readonly talkMicrophone: string;
  /** The first steps are not shown any more. */
  readonly guideDone: boolean;
}

/** What waits to be taken. */
export type Staged = 'route' | 'unroute';

export interface DropTarget {
  readonly place: 'cell' | 'destination' | 'gadget';
  /** What was pointed at: a destination or a gadget. */
  readonly id: string;
  /** Where it would go to; null when nothing there takes it. */
  readonly destination: string | null;
  /** Why it cannot go there; null when it can. */
  readonly obstacle: string | null;
}

export interface Drag {
  readonly sources: readonly string[];
  readonly media: 'audio' | 'video';
  readonly by: 'pointer' | 'keyboard';
  readonly target: DropTarget | null;
}

export interface UiState {
  readonly preferences: Preferences;
  readonly sourceText: string;
  readonly destinationText: string;
  readonly sourceKinds: readonly Source['kind'][];
  readonly destinationKinds: readonly Destination['kind'][];
  readonly states: StateFilter;
  /** Sources picked for a drag of several. */
  readonly selection: readonly string[];
  /** The one tab stop of the grid: `<row key>|<column key>`. */
  readonly active: string | null;
  readonly drag: Drag | null;
  /** By `<source>|<destination>`. */
  readonly staged: Readonly<Record<string, Staged>>;
  /** For screen readers. */
  readonly announcement: string;
}

export type UiStore = StoreApi<UiState>;

const KEY = 'crosspoint.preferences';
const DEFAULTS: Preferences = {
  transposed: false,
  density: 'auto',
  media: 'all',
  stripShown: true,
  folded: [],
  takeMode: false,
  talkMicrophone: '',
  guideDone: false,
};

function load(storage: Storage): Preferences {
  try {
    const stored = JSON.parse(storage.getItem(KEY) ?? '{}') as Partial<Preferences>;
    return { ...DEFAULTS, ...stored };
  } catch {
    return DEFAULTS;
  }
}

export function createUiStore(storage: Storage): UiStore {
  const store = createStore<UiState>(() => ({
    preferences: load(storage),
    sourceText: '',
    destinationText: '',
    sourceKinds: [],
    destinationKinds: [],
    states: 'all',
    selection: [],
    active: null,
    drag: null,
    staged: {},
    announcement: '',
  }));
  store.subscribe((state, previous) => {
    if (state.preferences !== previous.preferences) storage.setItem(KEY, JSON.stringify(state.preferences));
  });
  return store;
}

export const prefer = (store: UiStore, change: Partial<Preferences>): void =>
  store.setState((state) => ({ preferences: { ...state.preferences, ...change } }));

export const toggleFolded = (store: UiStore, key: string): void =>
  store.setState(({ preferences }) => ({
    preferences: {
      ...preferences,
      folded: preferences.folded.includes(key)
        ? preferences.folded.filter((other) => other !== key)
        : [...preferences.folded, key],
    },
  }));

/** Say something to screen readers; the same words twice are said twice. */
export const announce = (store: UiStore, text: string): void =>
  store.setState(({ announcement }) => ({ announcement: announcement === text ? `${text}\u00a0` : text }));
