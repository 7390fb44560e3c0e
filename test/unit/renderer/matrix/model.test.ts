import { describe, expect, test } from 'vitest';
import {
  destinationOfGadget,
  matrixModel,
  routesBetween,
  type Line,
  type MatrixFilter,
} from '../../../../renderer/matrix/model.ts';
import { rigState } from '../../../support/renderer-state.ts';

const ALL: MatrixFilter = {
  sourceText: '',
  destinationText: '',
  sourceKinds: [],
  destinationKinds: [],
  media: 'all',
  states: 'all',
  folded: [],
};

const keys = (lines: readonly Line[]): string[] => lines.map(({ key }) => key);
const sources = (filter: Partial<MatrixFilter>): string[] =>
  keys(matrixModel(rigState(), { ...ALL, ...filter }).sources);
const destinations = (filter: Partial<MatrixFilter>): string[] =>
  keys(matrixModel(rigState(), { ...ALL, ...filter }).destinations);

describe('the axes', () => {
  test('sources stand by kind, pictures first', () => {
    expect(sources({})).toEqual([
      'cam:one',
      'cam:two',
      'ingest:obs',
      'mic:one',
      'mic:two',
      'desk.return',
      'office.return',
      'ingest:obs.audio',
    ]);
  });

  test('destinations stand by gadget, then speakers, then programs', () => {
    expect(destinations({})).toEqual([
      'desk.webcam',
      'desk.mic',
      'office.webcam',
      'office.mic',
      'speaker:room',
      'program:recorder',
    ]);
    const { destinations: lines } = matrixModel(rigState(), ALL);
    expect(lines.filter(({ first }) => first).map(({ group, span }) => [group.label, span])).toEqual([
      ['Desk', 2],
      ['Office PC', 2],
      ['Speakers', 1],
      ['Programs', 1],
    ]);
  });

  test('a folded group is one line that stands for all of it', () => {
    const { destinations: lines } = matrixModel(rigState(), { ...ALL, folded: ['gadget:desk'] });
    expect(lines[0]).toMatchObject({
      key: 'gadget:desk',
      folded: true,
      channels: ['desk.webcam', 'desk.mic'],
      media: 'both',
      span: 1,
    });
    expect(lines).toHaveLength(5);
  });
});

describe('filters', () => {
  test('by text, in any order of words, by name, id and group', () => {
    expect(sources({ sourceText: '1 cam' })).toEqual(['cam:one']);
    expect(sources({ sourceText: 'ingest:' })).toEqual(['ingest:obs', 'ingest:obs.audio']);
    expect(sources({ sourceText: 'nobody' })).toEqual([]);
    expect(destinations({ destinationText: 'OFFICE' })).toEqual(['office.webcam', 'office.mic']);
  });
  test('by medium', () => {
    expect(sources({ media: 'video' })).toEqual(['cam:one', 'cam:two', 'ingest:obs']);
    expect(destinations({ media: 'video' })).toEqual(['desk.webcam', 'office.webcam', 'program:recorder']);
  });
  test('by kind', () => {
    expect(sources({ sourceKinds: ['microphone'] })).toEqual(['mic:one', 'mic:two']);
    expect(destinations({ destinationKinds: ['speaker', 'program'] })).toEqual([
      'speaker:room',
      'program:recorder',
    ]);
  });
  test('by what is connected', () => {
    expect(sources({ states: 'routed' })).toEqual(['cam:one', 'mic:one']);
    expect(destinations({ states: 'routed' })).toEqual(['desk.webcam', 'office.mic']);
  });
  test('by trouble', () => {
    const state = rigState({ cells: { 'mic:one|office.mic': { state: 'error' } } });
    const model = matrixModel(state, { ...ALL, states: 'trouble' });
    expect(keys(model.sources)).toEqual(['mic:one']);
    expect(keys(model.destinations)).toEqual(['office.mic']);
  });
});

test('a fader that moves does not change the lines', () => {
  const before = JSON.stringify(matrixModel(rigState(), ALL));
  const after = rigState({
    sources: (source) => (source.media === 'audio' ? { ...source, gain: -3 } : source),
  });
  expect(JSON.stringify(matrixModel(after, ALL))).toBe(before);
});

test('routes between folded groups are counted', () => {
  expect(routesBetween(rigState(), ['mic:one', 'mic:two'], ['office.webcam', 'office.mic'])).toBe(1);
  expect(routesBetween(rigState(), ['mic:two'], ['office.mic'])).toBe(0);
});

test('a gadget takes pictures with its webcam and sound with its mic', () => {
  const { config } = rigState();
  expect(destinationOfGadget(config, 'office', 'video')?.id).toBe('office.webcam');
  expect(destinationOfGadget(config, 'office', 'audio')?.id).toBe('office.mic');
  expect(destinationOfGadget(config, 'nowhere', 'audio')).toBeUndefined();
});
