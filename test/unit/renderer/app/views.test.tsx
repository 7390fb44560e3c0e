// @vitest-environment jsdom
import '../../../support/renderer-dom.ts';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { EMPTY_CONFIG, EMPTY_STATUS, type State } from '../../../../electron/contract/index.ts';
import { Root } from '../../../../renderer/app/app.tsx';
import { draw, makeApp, type Page, type TestApp } from '../../../support/renderer-app.tsx';
import { rigState } from '../../../support/renderer-state.ts';

vi.setConfig({ testTimeout: 60_000 });

let page: Page | undefined;
beforeEach(() => window.history.replaceState(null, '', '/'));
afterEach(async () => {
  await page?.close();
  page = undefined;
});

async function open(state: State | undefined, hash = ''): Promise<{ app: TestApp; page: Page }> {
  window.location.hash = hash;
  const app = makeApp(state);
  page = await draw(app, <Root />);
  return { app, page };
}

const EMPTY: State = { revision: 0, config: EMPTY_CONFIG, status: EMPTY_STATUS };

describe('the window', () => {
  test('waits in words for the first snapshot', async () => {
    const { app, page } = await open(undefined);
    expect(page.get('waiting').textContent).toContain('Connecting');
    await page.settle(() => app.client.connection({ state: 'waiting', retryAt: Date.now() + 1000 }));
    expect(page.get('waiting').textContent).toContain('does not answer');
  });

  test('says that it is not connected, and goes on showing what was known', async () => {
    const { app, page } = await open(rigState());
    expect(page.find('not-connected')).toBeNull();
    await page.settle(() => app.client.connection({ state: 'waiting', retryAt: Date.now() + 1000 }));
    expect(page.get('not-connected').textContent).toContain('Not connected');
    expect(page.find('matrix')).not.toBeNull();
    expect(page.all('.picture:not(.old)')).toEqual([]);
    await page.settle(() => app.client.snapshot(rigState()));
    expect(page.find('not-connected')).toBeNull();
  });

  test('asks for the token when there is none', async () => {
    const { app, page } = await open(undefined);
    await page.settle(() => app.client.connection({ state: 'refused' }));
    expect(page.find('token')).not.toBeNull();
  });

  test('offers the demo rig and the first steps while there is nothing', async () => {
    const { app, page } = await open(EMPTY);
    await page.click(page.get('start-demo'));
    expect(app.client.sent).toEqual([{ type: 'demo.start' }]);
  });

  test('has panic and mute of all microphones in every view', async () => {
    for (const view of ['matrix', 'cameras', 'gadgets', 'mixer', 'scenes', 'settings']) {
      const { app, page } = await open(rigState(), `#/${view}`);
      expect(page.find(`view:${view}`)).not.toBeNull();
      await page.click(page.get('panic'));
      await page.click(page.get('mute-microphones'));
      expect(app.client.sent).toEqual([{ type: 'panic' }, { type: 'mute', id: 'microphones' }]);
      await page.close();
    }
  });

  test('panics by Ctrl+Shift+M, undoes by Ctrl+Z, redoes by Ctrl+Shift+Z', async () => {
    const { app, page } = await open(rigState());
    await page.key(document.body, 'M', { ctrlKey: true, shiftKey: true });
    await page.key(document.body, 'z', { ctrlKey: true });
    await page.key(document.body, 'Z', { ctrlKey: true, shiftKey: true });
    expect(app.client.sent.map(({ type }) => type)).toEqual(['panic', 'undo', 'redo']);
  });

  test('leaves Ctrl+Z to a text field', async () => {
    const { app, page } = await open(rigState());
    await page.key(page.get('find-sources'), 'z', { ctrlKey: true });
    expect(app.client.sent).toEqual([]);
  });

  test('counts problems until they are solved', async () => {
    const state = rigState();
    const { app, page } = await open({
      ...state,
      status: {
        ...state.status,
        problems: [{ id: 'a', severity: 'error', message: 'The sound server stopped.' }],
      },
    });
    expect(page.get('problems').getAttribute('aria-label')).toBe('1 problem');
    await page.click(page.get('problems'));
    expect(document.body.textContent).toContain('The sound server stopped.');
    await page.settle(() =>
      app.client.event({
        type: 'patch',
        revision: 7,
        ops: [{ op: 'replace', path: '/status/problems', value: [] }],
      }),
    );
    expect(page.get('problems').getAttribute('aria-label')).toBe('No problems');
  });
});

describe('the mixer', () => {
  test('has a strip for every sound, and each fader moves its own', async () => {
    const { app, page } = await open(rigState(), '#/mixer');
    expect(page.all('[data-testid^="strip:"]')).toHaveLength(8);
    await page.key(page.get('fader:speaker:room'), 'ArrowDown');
    expect(app.client.sent).toEqual([{ type: 'setGain', id: 'speaker:room', gain: -1 }]);
  });
});

describe('the scenes', () => {
  test('are saved under a name', async () => {
    const { app, page } = await open(rigState(), '#/scenes');
    await page.type(page.get('scene-name'), ' Talk ');
    await page.click(page.get('scene-save'));
    expect(app.client.sent).toEqual([{ type: 'scene.save', name: 'Talk' }]);
  });
});

describe('streams', () => {
  test('show server, key and address once they are made', async () => {
    const state = rigState();
    const { app, page } = await open(
      {
        ...state,
        status: {
          ...state.status,
          services: { ...state.status.services, rtmp: { state: 'ready', address: 'rtmp://10.0.0.2:1935' } },
        },
      },
      '#/cameras',
    );
    app.client.answer = () => ({ revision: 8, results: [{ id: 'ingest:larix', key: 'k123' }] });
    await page.click(page.get('add-ingest'));
    await page.type(page.get('ingest-name'), 'Larix');
    await page.click(page.get('ingest-submit'));
    expect(app.client.sent).toEqual([{ type: 'ingest.add', name: 'Larix' }]);
    expect((page.get('ingest-server') as HTMLInputElement).value).toBe('rtmp://10.0.0.2:1935/live');
    expect((page.get('ingest-key') as HTMLInputElement).value).toBe('k123');
  });
});

describe('gadgets', () => {
  test('show token and address once they are made', async () => {
    const { app, page } = await open(rigState(), '#/gadgets');
    app.client.answer = () => ({ revision: 8, results: [{ id: 'lab', token: 't-1' }] });
    await page.click(page.get('add-gadget'));
    await page.type(page.get('gadget-name'), 'Lab');
    await page.click(page.get('gadget-submit'));
    expect(app.client.sent).toEqual([{ type: 'gadget.add', name: 'Lab', host: null }]);
    expect((page.get('gadget-address') as HTMLInputElement).value).toContain('/gadget/lab?token=t-1');
  });
});
