import { expect, test } from 'vitest';
import { moveChannel, unitsAround } from '../../../../renderer/state/move.ts';
import { makeApp } from '../../../support/renderer-app.tsx';
import { rigState } from '../../../support/renderer-state.ts';

test('a source moves among its kind', async () => {
  const app = makeApp(rigState());
  await moveChannel(app, 'cam:two', -1);
  expect(app.client.sent).toEqual([{ type: 'channel.update', id: 'cam:one', order: 1 }]);
});

test('the webcam and mic of a gadget move together', async () => {
  const app = makeApp(rigState());
  await moveChannel(app, 'office.mic', -1);
  expect(app.client.sent).toEqual([
    { type: 'channel.update', id: 'desk.webcam', order: 1 },
    { type: 'channel.update', id: 'desk.mic', order: 1 },
  ]);
});

test('at the edge nothing moves', async () => {
  const app = makeApp(rigState());
  await moveChannel(app, 'cam:one', -1);
  await moveChannel(app, 'nobody', 1);
  expect(app.client.sent).toEqual([]);
  expect(unitsAround(rigState().config, 'cam:one').map((unit) => unit[0]?.id)).toEqual([
    'cam:one',
    'cam:two',
  ]);
});
