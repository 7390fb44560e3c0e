import { expect, test } from 'vitest';
import { cropOf, cutsOf } from '../../../../renderer/cameras/picture-dialog.tsx';

test('what is cut off at the edges and the crop of the contract are the same thing', () => {
  expect(cutsOf(null)).toEqual({ left: 0, right: 0, top: 0, bottom: 0 });
  expect(cropOf(cutsOf(null))).toBeNull();
  const cuts = { left: 0.1, right: 0.2, top: 0, bottom: 0.05 };
  expect(cropOf(cuts)).toEqual({ x: 0.1, y: 0, width: 0.7, height: 0.95 });
  expect(cutsOf(cropOf(cuts))).toEqual(cuts);
});
