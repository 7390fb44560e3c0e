import { cpus } from 'node:os';

/** The value below which this share of the numbers lies. */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;
}

export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? NaN)
    : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2;
}

export const show = (value: number, digits: number): string =>
  Number.isFinite(value) ? value.toFixed(digits) : '–';

export const machine = (): string =>
  `Node ${process.version}, ${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}`;

/** One line of a result: what was measured, the figure, what it must reach, and whether it does. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  readonly digits: number;
  /** At most so much. Undefined: for information. */
  readonly limit?: number;
}

export function figureTable(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, value, unit, digits, limit }) => {
    const goal = limit === undefined ? '' : `≤ ${limit} ${unit}`;
    const verdict = limit === undefined ? '' : value <= limit ? 'yes' : 'no';
    return `| ${what} | ${show(value, digits)} ${unit} | ${goal} | ${verdict} |`;
  });
  return ['| what | measured | goal | reached |', '|---|--:|--:|---|', ...rows].join('\n');
}
