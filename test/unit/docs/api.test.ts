import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openApi } from '../../../electron/remote/openapi.ts';
import { apiReference } from '../../support/api-reference.ts';
import { commandLineReference } from '../../support/cli-reference.ts';
import { oscTables } from '../../support/osc-reference.ts';

// After a change on purpose: npm run test:unit -- -u test/unit/docs
test('the reference of the commands is what the schemas say', async () => {
  await expect(apiReference()).toMatchFileSnapshot('../../../docs/api-commands.md');
});

test('the reference of the command line is what it takes', async () => {
  await expect(commandLineReference()).toMatchFileSnapshot('../../../docs/command-line.md');
});

test('the description of the API changes on purpose only', async () => {
  await expect(`${JSON.stringify(openApi('0'), null, 1)}\n`).toMatchFileSnapshot(
    '../../../docs/openapi.json',
  );
});

test('the tables of control surfaces are what the code takes and tells', async () => {
  const page = await readFile(join(import.meta.dirname, '../../../docs/control-surfaces.md'), 'utf8');
  for (const table of oscTables()) expect(page).toContain(`\n${table}\n`);
});
