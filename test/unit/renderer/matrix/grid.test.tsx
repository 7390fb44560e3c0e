// @vitest-environment jsdom
import '../../../support/renderer-dom.ts';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { CrosspointError, type CellState, type State } from '../../../../electron/contract/index.ts';
import { RoutingDrag } from '../../../../renderer/dnd/routing-drag.tsx';
import { Grid } from '../../../../renderer/matrix/grid.tsx';
import { useMatrixAxes } from '../../../../renderer/matrix/use-matrix-model.ts';
import { prefer } from '../../../../renderer/state/ui-store.ts';
import { draw, makeApp, type Page, type TestApp } from '../../../support/renderer-app.tsx';
import { largeRig, rigState, type RigChange } from '../../../support/renderer-state.ts';

// A whole grid in jsdom on a busy machine.
vi.setConfig({ testTimeout: 40_000 });

function Whole() {
  return (
    <RoutingDrag>
      <Grid axes={useMatrixAxes()} />
    </RoutingDrag>
  );
}

let page: Page | undefined;
afterEach(async () => {
  await page?.close();
  page = undefined;
});

async function open(state: State = rigState()): Promise<{ app: TestApp; page: Page }> {
  const app = makeApp(state);
  page = await draw(app, <Whole />);
  return { app, page };
}

const stopsOf = ({ all }: Page): string[] =>
  all('[data-pos][tabindex="0"]').map(({ dataset }) => dataset.pos!);
const focused = (): string | undefined => (document.activeElement as HTMLElement | null)?.dataset.pos;

async function focusCell(page: Page, source: string, destination: string): Promise<HTMLElement> {
  const cell = page.get(`cell:${source}|${destination}`);
  await page.settle(() => cell.focus());
  return cell;
}

describe('a cell', () => {
  test.each(['live', 'degraded', 'error', 'offline', 'pending'] as CellState[])(
    'that is %s says so by its own shape, its state and its name',
    async (state) => {
      const { page } = await open(rigState({ cells: { 'mic:one|office.mic': { state } } }));
      const cell = page.get('cell:mic:one|office.mic');
      expect(cell.dataset.state).toBe(state);
      expect(cell.querySelector(`.sign-${state}`)).not.toBeNull();
      expect(cell.getAttribute('aria-label')).toMatch(/^Mic 1 to Office PC, routed, −6.0 dB, /);
    },
  );

  test('where sound would meet pictures is blank and takes no click', async () => {
    const { app, page } = await open();
    const cell = page.get('cell:cam:one|desk.mic');
    expect(cell.dataset.state).toBe('none');
    expect(cell.textContent).toBe('');
    await page.click(cell);
    expect(app.client.sent).toEqual([]);
  });

  test('that would let a computer hear itself is impossible and takes no click', async () => {
    const { app, page } = await open();
    await page.click(page.get('cell:desk.return|desk.mic'));
    expect(page.get('cell:desk.return|desk.mic').dataset.state).toBe('impossible');
    expect(app.client.sent).toEqual([]);
  });

  test('connects and disconnects by a click', async () => {
    const { app, page } = await open();
    await page.click(page.get('cell:cam:two|desk.webcam'));
    await page.click(page.get('cell:mic:one|office.mic'));
    expect(app.client.sent).toEqual([
      { type: 'route', source: 'cam:two', destination: 'desk.webcam' },
      { type: 'unroute', source: 'mic:one', destination: 'office.mic' },
    ]);
  });

  test('keeps the mark of a refusal until it works', async () => {
    const { app, page } = await open();
    app.client.answer = () => {
      throw new CrosspointError('locked', 'Desk is locked.');
    };
    const cell = page.get('cell:cam:two|desk.webcam');
    await page.click(cell);
    expect(cell.dataset.refused).toBe('');
    expect(cell.getAttribute('aria-label')).toContain('Desk is locked.');
    app.client.answer = () => ({ revision: 7, results: [{}] });
    await page.click(cell);
    expect(cell.dataset.refused).toBeUndefined();
  });

  test('shows the three mutes apart', async () => {
    const change: RigChange = {
      routes: [{ ...rigState().config.routes[1]!, muted: true }],
      sources: (source) => ({ ...source, muted: source.id === 'mic:one' }),
    };
    const { page } = await open(rigState(change));
    const cell = page.get('cell:mic:one|office.mic');
    expect(cell.dataset.muted).toBe('true');
    expect(cell.getAttribute('aria-label')).toContain('muted, source muted');
    expect(cell.getAttribute('aria-label')).not.toContain('destination muted');
  });
});

describe('the keyboard', () => {
  test('has exactly one tab stop in the grid', async () => {
    const { page } = await open(largeRig(12));
    expect(stopsOf(page)).toHaveLength(1);
    await focusCell(page, 'mic:m3', 'speaker:s5');
    expect(stopsOf(page)).toEqual(['speaker:s5|mic:m3']);
  });

  test('moves with arrows, Home and End, with Ctrl to the corners', async () => {
    const { page } = await open();
    const cell = await focusCell(page, 'cam:one', 'desk.webcam');
    await page.key(cell, 'ArrowRight');
    expect(focused()).toBe('desk.webcam|cam:two');
    await page.key(document.activeElement!, 'ArrowDown');
    expect(focused()).toBe('desk.mic|cam:two');
    await page.key(document.activeElement!, 'End', { ctrlKey: true });
    expect(focused()).toBe('program:recorder|ingest:obs.audio');
    await page.key(document.activeElement!, 'Home');
    expect(focused()).toBe('program:recorder|#');
  });

  test('Space toggles, M mutes, + and − change the gain, and each is said', async () => {
    const { app, page } = await open();
    const cell = await focusCell(page, 'mic:one', 'office.mic');
    await page.key(cell, '+');
    await page.key(cell, '-', { shiftKey: true });
    await page.key(cell, 'm');
    await page.key(cell, ' ');
    expect(app.client.sent).toEqual([
      { type: 'setGain', source: 'mic:one', destination: 'office.mic', gain: -5 },
      { type: 'setGain', source: 'mic:one', destination: 'office.mic', gain: -6.1 },
      { type: 'mute', source: 'mic:one', destination: 'office.mic' },
      { type: 'unroute', source: 'mic:one', destination: 'office.mic' },
    ]);
    expect(app.ui.getState().announcement.trim()).toBe('Mic 1 to Office PC, routed, −6 dB');
  });

  test('Enter opens gain, mute and details', async () => {
    const { page } = await open();
    await page.key(await focusCell(page, 'mic:one', 'office.mic'), 'Enter');
    expect(page.get('cell-popover').textContent).toContain('12 ms');
    expect(page.get('fader:mic:one|office.mic').getAttribute('aria-valuetext')).toBe('−6.0 dB');
  });

  test('picks a source up at its header, carries it to a row and drops it there', async () => {
    const { app, page } = await open();
    const header = page.get('source:cam:two');
    await page.settle(() => header.focus());
    await page.key(header, 'Enter');
    expect(app.ui.getState().announcement).toContain('Cam 2 picked up');
    await page.key(document.activeElement!, 'ArrowDown');
    expect(app.ui.getState().drag?.target).toMatchObject({ destination: 'desk.webcam', obstacle: null });
    await page.key(document.activeElement!, 'ArrowDown');
    expect(app.ui.getState().drag?.target?.obstacle).toBe('Sound cannot go where pictures go');
    await page.key(document.activeElement!, 'ArrowDown');
    await page.key(document.activeElement!, 'Enter');
    expect(app.client.sent).toEqual([{ type: 'route', source: 'cam:two', destination: 'office.webcam' }]);
    expect(app.ui.getState().drag).toBeNull();
  });

  test('Escape puts it back', async () => {
    const { app, page } = await open();
    const header = page.get('source:cam:two');
    await page.settle(() => header.focus());
    await page.key(header, ' ');
    await page.key(document.activeElement!, 'ArrowDown');
    await page.key(document.activeElement!, 'Escape');
    expect(app.ui.getState().drag).toBeNull();
    expect(app.client.sent).toEqual([]);
    expect(app.ui.getState().announcement).toBe('Put back.');
  });

  test('mutes and locks at a header', async () => {
    const { app, page } = await open();
    const header = page.get('destination:desk.mic');
    await page.settle(() => header.focus());
    await page.key(header, 'm');
    await page.key(header, 'l');
    expect(app.client.sent).toEqual([
      { type: 'mute', id: 'desk.mic' },
      { type: 'lock', id: 'desk.mic' },
    ]);
  });

  test('folds a group and opens it again', async () => {
    const { app, page } = await open();
    await page.key(await focusCell(page, 'cam:one', 'desk.webcam'), 'ArrowLeft');
    await page.key(document.activeElement!, 'f');
    expect(app.ui.getState().preferences.folded).toEqual(['gadget:desk']);
    expect(page.find('destination:desk.webcam')).toBeNull();
    await page.key(page.all('[data-pos="gadget:desk|#"]')[0]!, 'Enter');
    expect(page.find('destination:desk.webcam')).not.toBeNull();
  });
});

describe('the grid', () => {
  test('swaps rows and columns', async () => {
    const { app, page } = await open();
    await page.settle(() => prefer(app.ui, { transposed: true }));
    expect(page.get('source:cam:one').getAttribute('role')).toBe('rowheader');
    expect(page.get('destination:desk.webcam').getAttribute('role')).toBe('columnheader');
    await page.click(page.get('cell:cam:two|desk.webcam'));
    expect(app.client.sent).toEqual([{ type: 'route', source: 'cam:two', destination: 'desk.webcam' }]);
  });

  test('draws only the cell anew that a patch is about', async () => {
    const { app, page } = await open();
    const before = new Map(page.all('[data-cell]').map((cell) => [cell.dataset.testid!, cell.innerHTML]));
    const watched: string[] = [];
    const observer = new MutationObserver((records) => {
      for (const { target } of records)
        watched.push((target as Element).closest<HTMLElement>('[data-cell]')?.dataset.testid ?? 'elsewhere');
    });
    observer.observe(page.get('matrix'), {
      subtree: true,
      childList: true,
      attributes: true,
      characterData: true,
    });
    await page.settle(() =>
      app.client.event({
        type: 'patch',
        revision: 7,
        ops: [{ op: 'replace', path: '/status/cells/mic:one|office.mic/state', value: 'degraded' }],
      }),
    );
    observer.disconnect();
    expect(before.size).toBe(48);
    expect([...new Set(watched)]).toEqual(['cell:mic:one|office.mic']);
  });

  test('picks several sources with Ctrl', async () => {
    const { app, page } = await open();
    await page.click(page.get('source:mic:one'), { ctrlKey: true });
    await page.click(page.get('source:mic:two'), { ctrlKey: true });
    expect(app.ui.getState().selection).toEqual(['mic:one', 'mic:two']);
    const header = page.get('source:mic:two');
    await page.settle(() => header.focus());
    await page.key(header, 'Enter');
    while (app.ui.getState().drag?.target?.destination !== 'speaker:room')
      await page.key(document.activeElement!, 'ArrowDown');
    await page.key(document.activeElement!, 'Enter');
    expect(app.client.sent).toEqual([
      { type: 'route', source: 'mic:one', destination: 'speaker:room' },
      { type: 'route', source: 'mic:two', destination: 'speaker:room' },
    ]);
  });
});
