import { type Density } from '../state/ui-store.ts';

/** Sizes of the matrix, in CSS pixels. */
export interface MatrixLayout {
  readonly density: 'comfortable' | 'compact';
  /** Names of the row groups; 0: written upright in a narrow strip. */
  readonly groupWidth: number;
  readonly headerWidth: number;
  readonly columnWidth: number;
  readonly headerHeight: number;
  readonly rowHeight: number;
}

const WIDEST = 128;
const ROOMY = 82;
const DENSE = 38;
const NARROW_SCREEN = 640;

/** Chooses sizes so that everything is seen without scrolling where that is possible, and legible where it is not. */
export function layoutOf(width: number, columns: number, wanted: Density): MatrixLayout {
  const narrow = width < NARROW_SCREEN;
  const groupWidth = narrow ? 26 : 120;
  const room = (headerWidth: number): number =>
    (width - groupWidth - headerWidth - 16) / Math.max(1, columns);
  const roomyHeader = narrow ? 132 : 240;
  const density =
    wanted === 'auto' ? (room(roomyHeader) >= ROOMY && !narrow ? 'comfortable' : 'compact') : wanted;
  const headerWidth = density === 'comfortable' ? roomyHeader : narrow ? 124 : 208;
  const columnWidth = Math.floor(
    density === 'comfortable'
      ? Math.min(WIDEST, Math.max(ROOMY, room(headerWidth)))
      : Math.min(56, Math.max(DENSE, room(headerWidth))),
  );
  return {
    density,
    groupWidth,
    headerWidth,
    columnWidth,
    headerHeight: density === 'comfortable' ? 104 : narrow ? 120 : 138,
    rowHeight: density === 'comfortable' ? 52 : 38,
  };
}
