import { expect, test } from 'vitest';
import { cellHelp } from '../../../../renderer/matrix/cell-help.ts';
import { S } from '../../../../renderer/strings.ts';

test.each([
  ['live', undefined, null, S.stateHelp.live],
  ['live', undefined, 'source muted', 'Connected, but silent: source muted.'],
  ['live', 'Another program muted this path.', 'source muted', 'Another program muted this path.'],
  ['offline', 'The gadget is away.', null, 'The gadget is away.'],
  [
    'offline',
    'The gadget is away.',
    'source muted',
    'The gadget is away. It will come back silent: source muted.',
  ],
  ['error', 'Fault.', 'source muted', 'Fault.'],
] as const)('%s with reason %s, silenced by %s: %s', (state, reason, silent, help) => {
  expect(cellHelp(state, reason, silent)).toBe(help);
});
