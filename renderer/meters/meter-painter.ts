import { AMBER_DB, heightOf, METER_MIN_DB, RED_DB } from './ballistics.ts';
import { type MeterReading } from './level-hub.ts';

export interface MeterColours {
  readonly green: string;
  readonly amber: string;
  readonly red: string;
  readonly bed: string;
  readonly hold: string;
}

/** The colours of the meter in the scheme of now. */
export function meterColours(element: Element): MeterColours {
  const style = getComputedStyle(element);
  const of = (name: string): string => style.getPropertyValue(`--meter-${name}`).trim() || '#888';
  return { green: of('green'), amber: of('amber'), red: of('red'), bed: of('bed'), hold: of('hold') };
}

const CLIP_LENGTH = 0.05;
const GAP = 1;

/** The parts of a bar that are lit at a level: from, to (0…1) and colour. */
export function segmentsOf(
  db: number,
  colours: MeterColours,
): readonly (readonly [number, number, string])[] {
  const top = heightOf(db);
  const parts = [
    [0, heightOf(AMBER_DB), colours.green],
    [heightOf(AMBER_DB), heightOf(RED_DB), colours.amber],
    [heightOf(RED_DB), 1, colours.red],
  ] as const;
  return parts
    .filter(([from]) => top > from)
    .map(([from, to, colour]) => [from, Math.min(to, top), colour] as const);
}

/** What a reading looks like in a meter of so many pixels: as long as this is the same, there is nothing to draw. */
export function signatureOf(reading: MeterReading, pixels: number): string {
  return reading.needles
    .map(
      ({ db, holdDb, clipped }) =>
        `${Math.round(heightOf(db) * pixels)},${Math.round(heightOf(holdDb) * pixels)},${clipped ? 1 : 0}`,
    )
    .join(';');
}

/**
 * Draw a meter into a canvas, one bar per channel; a last stretch is the clip lamp. A blank reading shows an empty bed
 * with a dotted line: nothing is known.
 */
export function paintMeter(
  canvas: HTMLCanvasElement,
  reading: MeterReading,
  colours: MeterColours,
  orientation: 'vertical' | 'horizontal',
): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height } = canvas;
  const upright = orientation === 'vertical';
  const length = upright ? height : width;
  const breadth = upright ? width : height;
  const scale = length * (1 - CLIP_LENGTH) - GAP;
  // from, to along the bar (pixels), across: start and size.
  const fill = (from: number, to: number, start: number, size: number, colour: string): void => {
    context.fillStyle = colour;
    if (upright) context.fillRect(start, length - to, size, to - from);
    else context.fillRect(from, start, to - from, size);
  };
  context.clearRect(0, 0, width, height);
  if (reading.needles.length === 0) {
    const middle = Math.floor(breadth / 2);
    for (let at = 0; at < length; at += 6) fill(at, at + 3, middle, 1, colours.bed);
    return;
  }
  const bar = (breadth - GAP * (reading.needles.length - 1)) / reading.needles.length;
  reading.needles.forEach((needle, channel) => {
    const start = channel * (bar + GAP);
    fill(0, scale, start, bar, colours.bed);
    fill(length - length * CLIP_LENGTH, length, start, bar, needle.clipped ? colours.red : colours.bed);
    for (const [from, to, colour] of segmentsOf(needle.db, colours))
      fill(from * scale, to * scale, start, bar, colour);
    if (needle.holdDb > METER_MIN_DB) {
      const at = Math.max(2, Math.round(heightOf(needle.holdDb) * scale));
      fill(at - 2, at, start, bar, colours.hold);
    }
  });
}
