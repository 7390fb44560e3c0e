import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exclusively, fingerprint, Stamps } from '../../../build/stamp.mjs';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crosspoint-stamp-'));
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'src/a.ts'), 'a');
  writeFileSync(join(root, 'src/b.ts'), 'b');
});
afterEach(() => rmSync(root, { recursive: true }));

describe('the fingerprint of the inputs', () => {
  const print = () => fingerprint(root, ['src', 'package.json']);

  it('stays when only times change', () => {
    const before = print();
    utimesSync(join(root, 'src/a.ts'), 1, 1);
    expect(print()).toBe(before);
  });
  it.each<[string, () => void]>([
    ['a file changes', () => writeFileSync(join(root, 'src/a.ts'), 'A')],
    ['a file comes', () => writeFileSync(join(root, 'src/c.ts'), '')],
    ['a file goes', () => rmSync(join(root, 'src/b.ts'))],
    ['a file that was absent comes', () => writeFileSync(join(root, 'package.json'), '')],
    [
      'text moves from one file to the next',
      () => {
        writeFileSync(join(root, 'src/a.ts'), 'ab');
        writeFileSync(join(root, 'src/b.ts'), '');
      },
    ],
  ])('changes when %s', (_what, change) => {
    const before = print();
    change();
    expect(print()).not.toBe(before);
  });
});

describe('a stamp', () => {
  const stamps = () => new Stamps(join(root, 'out/.stamp.json'));
  const output = () => join(root, 'src/a.ts');

  it('is fresh for the same inputs while the output is there', () => {
    expect(stamps().isFresh('cli', 'x', [output()])).toBe(false);
    stamps().set('cli', 'x');
    expect(stamps().isFresh('cli', 'x', [output()])).toBe(true);
    expect(stamps().isFresh('cli', 'y', [output()])).toBe(false);
    expect(stamps().isFresh('cli', 'x', [join(root, 'gone')])).toBe(false);
    expect(stamps().isFresh('main', 'x', [output()])).toBe(false);
  });
  it('that is broken is no stamp', () => {
    stamps().set('cli', 'x');
    writeFileSync(join(root, 'out/.stamp.json'), '{');
    expect(stamps().isFresh('cli', 'x', [output()])).toBe(false);
    stamps().set('cli', 'x');
    expect(stamps().isFresh('cli', 'x', [output()])).toBe(true);
  });
});

describe('one build at a time', () => {
  const lock = () => join(root, 'out/.lock');

  it('the second waits for the first', async () => {
    const order: string[] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const first = exclusively(lock(), async () => {
      order.push('first starts');
      await gate;
      order.push('first ends');
    });
    const second = exclusively(lock(), () => Promise.resolve(void order.push('second')));
    open();
    await Promise.all([first, second]);
    expect(order).toEqual(['first starts', 'first ends', 'second']);
    expect(readdirSync(join(root, 'out'))).toEqual([]);
  });

  it('is given up when it fails', async () => {
    await expect(exclusively(lock(), () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await exclusively(lock(), () => Promise.resolve('yes'))).toBe('yes');
  });

  it('is taken over from a process that is no more', async () => {
    mkdirSync(join(lock(), '999999999'), { recursive: true });
    expect(await exclusively(lock(), () => Promise.resolve('yes'), 5_000)).toBe('yes');
  });

  it('is not taken from one that lives', async () => {
    mkdirSync(join(lock(), String(process.ppid)), { recursive: true });
    await expect(exclusively(lock(), () => Promise.resolve('yes'), 250)).rejects.toThrow(/another build/);
  });
});
