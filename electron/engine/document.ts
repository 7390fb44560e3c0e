import { castDraft, enablePatches, type Patch, produceWithPatches } from 'immer';
import { Emitter, type Event } from '../base/emitter.ts';
import {
  EMPTY_CONFIG,
  EMPTY_STATUS,
  type PatchOperation,
  type ServerEvent,
  type State,
} from '../contract/index.ts';

enablePatches();

/** RFC 6901: `~` and `/` in a member's name are escaped. */
const pointer = (path: readonly (string | number)[]): string =>
  path.map((key) => `/${String(key).replace(/~/g, '~0').replace(/\//g, '~1')}`).join('');

function toOperation(patch: Patch): PatchOperation {
  const path = pointer(patch.path);
  return patch.op === 'remove'
    ? { op: 'remove', path }
    : { op: patch.op, path, value: patch.value as unknown };
}

/**
 * Make `target` deeply equal to `value` by touching only what differs, so that patches stay small and unchanged
 * parts keep their identity.
 */
function assign(target: Record<string, unknown>, value: Readonly<Record<string, unknown>>): void {
  for (const key of Object.keys(target)) if (!(key in value) || value[key] === undefined) delete target[key];
  for (const [key, next] of Object.entries(value)) {
    if (next === undefined) continue;
    const former = target[key];
    if (former === next) continue;
    if (isRecord(former) && isRecord(next)) assign(former, next);
    else if (!equal(former, next)) target[key] = next;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const equal = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);

/** The document `{config, status}`: immutable; every change goes out as a patch. */
export class StateDocument {
  #state: State = { revision: 0, config: EMPTY_CONFIG, status: EMPTY_STATUS };
  readonly #events = new Emitter<ServerEvent>();
  readonly onEvent: Event<ServerEvent> = this.#events.event;

  get state(): State {
    return this.#state;
  }

  set(next: State): void {
    const [state, patches] = produceWithPatches(this.#state, (draft) => {
      draft.revision = next.revision;
      if (next.config !== this.#state.config) {
        const { config } = next;
        for (const key of ['sources', 'destinations', 'routes', 'scenes', 'gadgets', 'groups'] as const)
          assignList(draft.config[key], this.#state.config[key], config[key], (list) => {
            (draft.config as Record<string, unknown>)[key] = list;
          });
        if (config.settings !== this.#state.config.settings)
          draft.config.settings = castDraft(config.settings);
      }
      assign(draft.status, next.status);
    });
    if (patches.length === 0) return;
    this.#state = state;
    this.#events.fire({ type: 'patch', revision: state.revision, ops: patches.map(toOperation) });
  }
}

/** Members that are the same object are left alone; a list of another length or order is replaced where it differs. */
function assignList(
  draft: unknown[],
  before: readonly unknown[],
  after: readonly unknown[],
  replace: (list: unknown[]) => void,
): void {
  if (before === after) return;
  if (before.length === after.length) {
    after.forEach((value, index) => {
      if (before[index] !== value) draft[index] = value;
    });
    return;
  }
  const isAppend = after.length > before.length && before.every((value, index) => after[index] === value);
  if (isAppend) draft.push(...after.slice(before.length));
  else replace([...after]);
}
