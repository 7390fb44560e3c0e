import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeDirectory } from '../../../electron/base/make-directory.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'crosspoint-mkdir-'));
});
afterEach(() => rmSync(root, { recursive: true }));

test('makes what is missing, for its owner only, and is content when it is there', async () => {
  const path = join(root, 'a/b/c');
  await Promise.all([makeDirectory(path), makeDirectory(path)]);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  await makeDirectory(path);
});

test.each([
  ['below a file', () => join(root, 'file', 'x')],
  ['where the kernel makes none', () => '/proc/nowhere/x'],
])('%s it ends with a readable error', async (_, path) => {
  writeFileSync(join(root, 'file'), '');
  await expect(makeDirectory(path())).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('cannot be made') as string,
  });
});
