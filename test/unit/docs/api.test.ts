import { expect, test } from 'vitest';
import { openApi } from '../../../electron/remote/openapi.ts';
import { apiReference } from '../../support/api-reference.ts';
import { commandLineReference } from '../../support/cli-reference.ts';

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
