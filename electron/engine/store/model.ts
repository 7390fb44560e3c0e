import { type Config, EMPTY_CONFIG, type Settings } from '../../contract/index.ts';

/** A stream key or a gadget token. Never part of `config`, so never in the API's state, logs or diagnostics. */
export interface Secret {
  /** The ingest or gadget that it belongs to. */
  readonly id: string;
  readonly secret: string;
}

/** Everything that is persisted: the desired routing and its secrets. Immutable. */
export interface Model extends Config {
  readonly secrets: readonly Secret[];
}

export const EMPTY_MODEL: Model = { ...EMPTY_CONFIG, secrets: [] };

export const configOf = ({ secrets: _, ...config }: Model): Config => config;

/** How the members of each collection are told apart. */
export const KEYS = {
  sources: (entity: Model['sources'][number]): string => entity.id,
  destinations: (entity: Model['destinations'][number]): string => entity.id,
  routes: (entity: Model['routes'][number]): string => `${entity.source}|${entity.destination}`,
  scenes: (entity: Model['scenes'][number]): string => entity.name,
  gadgets: (entity: Model['gadgets'][number]): string => entity.id,
  groups: (entity: Model['groups'][number]): string => entity.id,
  secrets: (entity: Secret): string => entity.id,
} as const;

export type Collection = keyof typeof KEYS;
export const COLLECTIONS = Object.keys(KEYS) as Collection[];

type Entity = Model[Collection][number];
const keyOf = (collection: Collection, entity: Entity): string =>
  (KEYS[collection] as (e: Entity) => string)(entity);

/** The settings are one value: they change, but are never added or removed. */
const SETTINGS = 'settings';
export const CHANGEABLE = [...COLLECTIONS, SETTINGS] as const;

/** One member of a collection before and after: added when `before` is absent, removed when `after` is. */
export interface Change {
  readonly collection: (typeof CHANGEABLE)[number];
  readonly key: string;
  readonly before?: Entity | Settings;
  readonly after?: Entity | Settings;
  /** Where it stood (removed) or stands (added, changed) in its collection. */
  readonly index: number;
}

/** What happened between two models. Relies on structural sharing: the same object is the same value. */
export function diff(before: Model, after: Model): Change[] {
  const changes: Change[] = [];
  for (const collection of COLLECTIONS) {
    if (before[collection] === after[collection]) continue;
    const old = new Map(
      before[collection].map((entity, index) => [keyOf(collection, entity), { entity, index }]),
    );
    after[collection].forEach((entity: Entity, index) => {
      const key = keyOf(collection, entity);
      const former = old.get(key);
      old.delete(key);
      if (former?.entity === entity) return;
      changes.push({ collection, key, index, after: entity, ...(former ? { before: former.entity } : {}) });
    });
    for (const [key, { entity, index }] of old) changes.push({ collection, key, index, before: entity });
  }
  if (before.settings !== after.settings)
    changes.push({
      collection: SETTINGS,
      key: SETTINGS,
      index: 0,
      before: before.settings,
      after: after.settings,
    });
  return changes;
}

/** Put each change's `after` in place, whatever stands there now. */
export function applyChanges(model: Model, changes: readonly Change[]): Model {
  const result: Record<Collection, Entity[] | undefined> = {
    sources: undefined,
    destinations: undefined,
    routes: undefined,
    scenes: undefined,
    gadgets: undefined,
    groups: undefined,
    secrets: undefined,
  };
  let { settings } = model;
  const additions: { list: Entity[]; index: number; after: Entity }[] = [];
  for (const { collection, key, after: value, index } of changes) {
    if (collection === SETTINGS) {
      settings = value as Settings;
      continue;
    }
    const after = value as Entity | undefined;
    const list = (result[collection] ??= [...model[collection]]);
    const at = list.findIndex((entity) => keyOf(collection, entity) === key);
    if (after === undefined) {
      if (at >= 0) list.splice(at, 1);
    } else if (at >= 0) list[at] = after;
    else additions.push({ list, index, after });
  }
  // From the front, so that each finds the place that it had among those before it.
  for (const { list, index, after } of additions.sort((a, b) => a.index - b.index))
    list.splice(Math.min(index, list.length), 0, after);
  const touched = Object.fromEntries(Object.entries(result).filter(([, list]) => list !== undefined));
  return { ...model, ...touched, settings };
}

/** The changes that take back the given ones. */
export const invert = (changes: readonly Change[]): Change[] =>
  changes
    .map(({ collection, key, index, before, after }) => ({
      collection,
      key,
      index,
      ...(after === undefined ? {} : { before: after }),
      ...(before === undefined ? {} : { after: before }),
    }))
    .reverse();
