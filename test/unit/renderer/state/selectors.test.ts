import { describe, expect, test } from 'vitest';
import { type CellState, type Destination, type Source } from '../../../../electron/contract/index.ts';
import {
  cellState,
  findDestination,
  findRoute,
  findSource,
  isPanicked,
  obstacleOf,
  routesInto,
} from '../../../../renderer/state/selectors.ts';
import { rigState, type RigChange } from '../../../support/renderer-state.ts';

const shown = (source: string, destination: string, change: RigChange = {}): CellState | 'none' => {
  const state = rigState(change);
  return cellState(state, findSource(state.config, source)!, findDestination(state.config, destination)!);
};

describe('a cell shows', () => {
  test('nothing where sound would meet pictures', () => {
    expect(shown('cam:one', 'desk.mic')).toBe('none');
    expect(shown('mic:one', 'desk.webcam')).toBe('none');
  });
  test.each(['live', 'degraded', 'error', 'offline', 'pending'] as const)(
    '%s as the engine says',
    (state) => {
      expect(shown('cam:one', 'desk.webcam', { cells: { 'cam:one|desk.webcam': { state } } })).toBe(state);
    },
  );
  test('pending while something is asked for and not begun', () => {
    expect(shown('cam:one', 'desk.webcam', { cells: { 'cam:one|desk.webcam': { state: 'off' } } })).toBe(
      'pending',
    );
    expect(
      shown('cam:two', 'office.webcam', {
        routes: [{ source: 'cam:two' as Source['id'], destination: 'office.webcam' as Destination['id'] }],
      }),
    ).toBe('pending');
  });
  test('off where nothing is asked for', () => {
    expect(shown('cam:two', 'office.webcam')).toBe('off');
  });
  test('impossible for a return to its own microphone, before the engine says it', () => {
    expect(shown('desk.return', 'desk.mic')).toBe('impossible');
    expect(shown('desk.return', 'office.mic')).toBe('off');
  });
});

describe('dropping is refused', () => {
  test('between sound and pictures, for loops, and on what is locked', () => {
    const locked = rigState({ destinations: (d) => ({ ...d, locked: d.id === 'office.mic' }) });
    expect(obstacleOf(locked, 'cam:one', 'desk.mic')).toBe('media');
    expect(obstacleOf(locked, 'desk.return', 'desk.mic')).toBe('feedback');
    expect(obstacleOf(locked, 'mic:one', 'office.mic')).toBe('locked');
    expect(obstacleOf(locked, 'mic:one', 'speaker:room')).toBeNull();
    expect(obstacleOf(locked, 'mic:gone', 'speaker:room')).toBe('media');
  });
});

test('routes into a destination are the same list until the routes change', () => {
  const { config } = rigState();
  expect(routesInto(config, 'office.mic')).toHaveLength(1);
  expect(routesInto(config, 'office.mic')).toBe(routesInto(config, 'office.mic'));
  expect(routesInto(config, 'speaker:room')).toBe(routesInto(config, 'desk.mic'));
  expect(findRoute(config, 'mic:one', 'office.mic')?.gain).toBe(-6);
});

test('panic is when every microphone is muted and every picture output is blanked', () => {
  const muted = rigState({
    sources: (s) => ({ ...s, muted: s.kind === 'microphone' }),
    destinations: (d) => ({ ...d, muted: d.media === 'video' }),
  });
  expect(isPanicked(muted.config)).toBe(true);
  expect(isPanicked(rigState().config)).toBe(false);
  expect(isPanicked({ ...muted.config, sources: [], destinations: [] })).toBe(false);
});
