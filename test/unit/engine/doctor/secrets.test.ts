import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { secretsIn } from '../../../../electron/engine/doctor/secrets.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crosspoint-secrets-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

it('finds every secret of the state and of the running engine, as it is and not as JSON spells it', () => {
  writeFileSync(join(folder, 'state.json'), '{"secrets":[{"id":"cam:a","secret":"a\\"b\\\\c"}]}');
  writeFileSync(join(folder, 'state.journal'), '{"put":{"id":"b","secret":"later"}}\n');
  writeFileSync(join(folder, 'engine.json'), '{ "token": "of the engine" }');
  expect(secretsIn(folder)).toEqual(['a"b\\c', 'later', 'of the engine']);
});

it('finds what is left in damaged files, and nothing where there is nothing', () => {
  writeFileSync(join(folder, 'state.json.bak'), '{"secrets":[{"secret":"whole"},{"secret":"cut');
  expect(secretsIn(folder)).toEqual(['whole']);
  expect(secretsIn(join(folder, 'absent'))).toEqual([]);
});
