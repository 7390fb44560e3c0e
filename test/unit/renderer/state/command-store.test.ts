import { expect, test } from 'vitest';
import { CrosspointError } from '../../../../electron/contract/index.ts';
import { Commander } from '../../../../renderer/state/command-store.ts';
import { HandClient } from '../../../support/renderer-app.tsx';

test('a refusal stays where the command was given until one works there', async () => {
  const client = new HandClient();
  const commander = new Commander(client);
  client.answer = () => {
    throw new CrosspointError('locked', 'Desk is locked.', { hint: 'Unlock it.' });
  };
  expect(await commander.run('cell:a|b', { type: 'panic' })).toBeNull();
  expect(commander.store.getState().refusals['cell:a|b']).toEqual({
    code: 'locked',
    message: 'Desk is locked.',
    hint: 'Unlock it.',
  });
  client.answer = () => ({ revision: 1, results: [{}] });
  await commander.run('elsewhere', { type: 'panic' });
  expect(commander.store.getState().refusals).toHaveProperty('cell:a|b');
  await commander.run('cell:a|b', { type: 'panic' });
  expect(commander.store.getState().refusals).toEqual({});
});

test('a refusal can be dismissed', async () => {
  const client = new HandClient();
  const commander = new Commander(client);
  client.answer = () => {
    throw new Error('odd');
  };
  await commander.run('bar', { type: 'undo' });
  expect(commander.store.getState().refusals.bar).toMatchObject({ code: 'internal', message: 'odd' });
  commander.dismiss('bar');
  expect(commander.store.getState().refusals).toEqual({});
});

test('a place is busy as long as one of its commands is on its way', async () => {
  const commander = new Commander(new HandClient());
  const first = commander.run('bar', { type: 'undo' });
  const second = commander.run('bar', { type: 'redo' });
  expect(commander.store.getState().busy).toEqual({ bar: 2 });
  await Promise.all([first, second]);
  expect(commander.store.getState().busy).toEqual({});
});
