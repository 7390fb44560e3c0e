import { type PatchOperation } from '../../electron/contract/index.ts';

/** The patch does not fit the document: what is known is out of step with the engine. */
export class PatchError extends Error {}

type Container = Record<string, unknown> | unknown[];

const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

const unescape = (token: string): string => token.replaceAll('~1', '/').replaceAll('~0', '~');

function parsePointer(path: string): readonly string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw new PatchError(`not a pointer: ${path}`);
  return path.slice(1).split('/').map(unescape);
}

function indexOf(token: string, length: number, path: string): number {
  const index = Number(token);
  if (!/^(0|[1-9]\d*)$/.test(token) || index > length) throw new PatchError(`no place ${path}`);
  return index;
}

/**
 * Apply a JSON Patch (RFC 6902: add, replace, remove) without changing the input: what a step does not touch stays
 * the same object, so that views which look at it are not drawn again. A container is copied once per patch.
 * @throws PatchError
 */
export function applyPatch<T>(document: T, operations: readonly PatchOperation[]): T {
  const fresh = new WeakSet<Container>();
  const own = (container: Container): Container => {
    if (fresh.has(container)) return container;
    const copy = Array.isArray(container) ? [...container] : { ...container };
    fresh.add(copy);
    return copy;
  };

  const change = (
    target: unknown,
    tokens: readonly string[],
    depth: number,
    operation: PatchOperation,
  ): unknown => {
    const token = tokens[depth];
    if (token === undefined) {
      if (operation.op === 'remove') throw new PatchError('the document cannot be removed');
      return operation.value;
    }
    if (!isContainer(target)) throw new PatchError(`no place ${operation.path}`);
    const last = depth === tokens.length - 1;
    const copy = own(target);
    if (Array.isArray(copy)) {
      if (last && operation.op === 'add') {
        const at = token === '-' ? copy.length : indexOf(token, copy.length, operation.path);
        copy.splice(at, 0, operation.value);
        return copy;
      }
      const at = indexOf(token, copy.length - 1, operation.path);
      if (last && operation.op === 'remove') copy.splice(at, 1);
      else copy[at] = change(copy[at], tokens, depth + 1, operation);
      return copy;
    }
    const known = Object.hasOwn(copy, token);
    if (!known && !(last && operation.op === 'add')) throw new PatchError(`no place ${operation.path}`);
    if (token === '__proto__') throw new PatchError(`no place ${operation.path}`);
    if (last && operation.op === 'remove') Reflect.deleteProperty(copy, token);
    else if (last && operation.op !== 'remove') copy[token] = operation.value;
    else copy[token] = change(copy[token], tokens, depth + 1, operation);
    return copy;
  };

  let result: unknown = document;
  for (const operation of operations) result = change(result, parsePointer(operation.path), 0, operation);
  return result as T;
}
