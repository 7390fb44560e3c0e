import { expect, test } from 'vitest';
import { stageToggle, stage, take, waits } from '../../../../renderer/state/take.ts';
import { prefer } from '../../../../renderer/state/ui-store.ts';
import { makeApp } from '../../../support/renderer-app.tsx';
import { rigState } from '../../../support/renderer-state.ts';

const onAir = () => {
  const state = rigState();
  return { ...state, status: { ...state.status, tally: { 'desk.webcam': true } } };
};

test('only what is on air waits, and only in take mode', () => {
  const state = onAir();
  const app = makeApp(state);
  expect(waits(app, state, 'desk.webcam')).toBe(false);
  prefer(app.ui, { takeMode: true });
  expect(waits(app, state, 'desk.webcam')).toBe(true);
  expect(waits(app, state, 'office.webcam')).toBe(false);
});

test('the second click takes the first back; a picture output holds one waiting source', () => {
  const state = onAir();
  const app = makeApp(state);
  stageToggle(app, state, 'cam:two', 'desk.webcam');
  stage(app, state, 'ingest:obs', 'desk.webcam', 'route');
  expect(app.ui.getState().staged).toEqual({ 'ingest:obs|desk.webcam': 'route' });
  stageToggle(app, state, 'ingest:obs', 'desk.webcam');
  expect(app.ui.getState().staged).toEqual({});
});

test('all that waits is taken at once; when it is refused it waits on', async () => {
  const state = onAir();
  const app = makeApp(state);
  stageToggle(app, state, 'cam:one', 'desk.webcam');
  stageToggle(app, state, 'mic:two', 'desk.mic');
  app.client.answer = () => {
    throw new Error('locked');
  };
  await take(app);
  expect(Object.keys(app.ui.getState().staged)).toHaveLength(2);
  app.client.answer = () => ({ revision: 8, results: [{}, {}] });
  await take(app);
  expect(app.ui.getState().staged).toEqual({});
  expect(app.client.sent.slice(-2)).toEqual([
    { type: 'unroute', source: 'cam:one', destination: 'desk.webcam' },
    { type: 'route', source: 'mic:two', destination: 'desk.mic' },
  ]);
});
