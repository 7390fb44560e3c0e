import { expect, test } from 'vitest';
import { segmentsOf } from '../../../../renderer/meters/meter-painter.ts';

const colours = { green: 'green', amber: 'amber', red: 'red', bed: '', hold: '' };
const lit = (db: number): string[] => segmentsOf(db, colours).map(([, , colour]) => colour);

test('a bar is green below −20 dBFS, amber to −9, red above', () => {
  expect(lit(-60)).toEqual([]);
  expect(lit(-21)).toEqual(['green']);
  expect(lit(-19)).toEqual(['green', 'amber']);
  expect(lit(-8)).toEqual(['green', 'amber', 'red']);
});

test('the lit part ends at the level', () => {
  expect(segmentsOf(-30, colours).at(-1)?.[1]).toBe(0.5);
  expect(segmentsOf(0, colours).at(-1)?.[1]).toBe(1);
});
