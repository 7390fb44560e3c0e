import { describe, expect, test } from 'vitest';
import { applyPatch, PatchError } from '../../../../renderer/api/json-patch.ts';

describe('a patch', () => {
  test('adds, replaces and removes members', () => {
    const before = { a: 1, b: { c: 2 }, d: [1, 2, 3] };
    const after = applyPatch<unknown>(before, [
      { op: 'replace', path: '/a', value: 5 },
      { op: 'add', path: '/b/e', value: true },
      { op: 'remove', path: '/b/c' },
      { op: 'add', path: '/d/1', value: 9 },
      { op: 'add', path: '/d/-', value: 10 },
      { op: 'remove', path: '/d/0' },
    ]);
    expect(after).toEqual({ a: 5, b: { e: true }, d: [9, 2, 3, 10] });
    expect(before).toEqual({ a: 1, b: { c: 2 }, d: [1, 2, 3] });
  });

  test('leaves what it does not touch the same object', () => {
    const before = { touched: { x: 1, inner: { y: 1 } }, other: { z: 1 }, list: [{ id: 1 }, { id: 2 }] };
    const after = applyPatch(before, [
      { op: 'replace', path: '/touched/x', value: 2 },
      { op: 'replace', path: '/list/1/id', value: 3 },
    ]);
    expect(after.other).toBe(before.other);
    expect(after.touched.inner).toBe(before.touched.inner);
    expect(after.list[0]).toBe(before.list[0]);
    expect(after.list[1]).not.toBe(before.list[1]);
  });

  test('reads ~1 and ~0 in names as / and ~', () => {
    expect(applyPatch({ 'a/b': 1, 'c~d': 2 }, [{ op: 'replace', path: '/a~1b', value: 3 }])).toEqual({
      'a/b': 3,
      'c~d': 2,
    });
    expect(applyPatch<unknown>({ 'c~d': 2 }, [{ op: 'remove', path: '/c~0d' }])).toEqual({});
  });

  test('replaces the whole document at the empty path', () => {
    expect(applyPatch<unknown>({ a: 1 }, [{ op: 'replace', path: '', value: [] }])).toEqual([]);
  });

  test.each([
    ['a member that is not there', [{ op: 'replace', path: '/no/where', value: 1 }]],
    ['removing what is not there', [{ op: 'remove', path: '/nothing' }]],
    ['an index beyond the list', [{ op: 'replace', path: '/list/3', value: 1 }]],
    ['an index that is no number', [{ op: 'add', path: '/list/x', value: 1 }]],
    ['a leading zero', [{ op: 'replace', path: '/list/01', value: 1 }]],
    ['a path into a number', [{ op: 'add', path: '/n/a', value: 1 }]],
    ['a path without its slash', [{ op: 'add', path: 'n', value: 1 }]],
    ['the prototype', [{ op: 'add', path: '/__proto__', value: 1 }]],
  ] as const)('does not fit: %s', (_what, operations) => {
    expect(() => applyPatch({ n: 1, list: [1, 2, 3] }, operations)).toThrow(PatchError);
  });
});
