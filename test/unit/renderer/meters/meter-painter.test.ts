import { expect, test } from 'vitest';
import { REST } from '../../../../renderer/meters/ballistics.ts';
import { segmentsOf, signatureOf } from '../../../../renderer/meters/meter-painter.ts';

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

test('a movement of less than a pixel is not drawn again, a new clip mark is', () => {
  const at = (db: number, clipped = false): string =>
    signatureOf({ needles: [{ ...REST, db, clipped }] }, 90);
  expect(at(-30.1)).toBe(at(-30));
  expect(at(-28)).not.toBe(at(-30));
  expect(at(-30, true)).not.toBe(at(-30));
});
