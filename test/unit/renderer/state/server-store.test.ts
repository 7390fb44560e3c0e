import { describe, expect, test } from 'vitest';
import { createServerStore, takeEvent } from '../../../../renderer/state/server-store.ts';
import { makeApp } from '../../../support/renderer-app.tsx';
import { rigState } from '../../../support/renderer-state.ts';

describe('the document', () => {
  test('follows snapshot and patches', () => {
    const store = createServerStore();
    takeEvent(store, { type: 'snapshot', revision: 7, state: rigState() });
    const before = store.getState().document!;
    const taken = takeEvent(store, {
      type: 'patch',
      revision: 8,
      ops: [
        { op: 'replace', path: '/revision', value: 8 },
        { op: 'replace', path: '/config/routes/1/gain', value: -3 },
        { op: 'add', path: '/status/cells/cam:two|desk.webcam', value: { state: 'off' } },
      ],
    });
    const after = store.getState().document!;
    expect(taken).toBe('taken');
    expect(after.revision).toBe(8);
    expect(after.config.routes[1]?.gain).toBe(-3);
    expect(after.config.routes[0]).toBe(before.config.routes[0]);
    expect(after.status.cells['mic:one|office.mic']).toBe(before.status.cells['mic:one|office.mic']);
  });

  test('takes the revision of the patch when the patch does not carry it', () => {
    const store = createServerStore();
    takeEvent(store, { type: 'snapshot', revision: 7, state: rigState() });
    takeEvent(store, { type: 'patch', revision: 9, ops: [] });
    expect(store.getState().document?.revision).toBe(9);
  });

  test.each([
    ['does not fit', { revision: 8, ops: [{ op: 'replace', path: '/config/routes/9/gain', value: 0 }] }],
    ['is older than what is known', { revision: 6, ops: [] }],
  ] as const)('is out of step when a patch %s, and stays as it was', (_what, patch) => {
    const store = createServerStore();
    takeEvent(store, { type: 'snapshot', revision: 7, state: rigState() });
    const before = store.getState().document;
    expect(takeEvent(store, { type: 'patch', ...patch })).toBe('out-of-step');
    expect(store.getState().document).toBe(before);
  });

  test('is out of step when a patch comes before the snapshot', () => {
    expect(takeEvent(createServerStore(), { type: 'patch', revision: 1, ops: [] })).toBe('out-of-step');
  });
});

test('a patch that does not fit makes the feed ask for a new snapshot', () => {
  const app = makeApp(rigState());
  app.client.event({ type: 'patch', revision: 8, ops: [{ op: 'remove', path: '/nowhere' }] });
  expect(app.client.resyncs).toBe(1);
});

test('the last known document stays while there is no connection', () => {
  const app = makeApp(rigState());
  app.client.connection({ state: 'waiting', retryAt: 0 });
  expect(app.server.getState().document?.revision).toBe(7);
  expect(app.pictures.live).toBe(false);
});
