/** The line of headers in front of an axis. */
export const HEAD = '#';

export interface Position {
  readonly row: string;
  readonly column: string;
}

export interface Axes {
  /** Keys of the lines, without the headers. */
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

export const positionKey = ({ row, column }: Position): string => `${row}|${column}`;

export function parsePosition(key: string | null): Position | null {
  if (key === null) return null;
  const at = key.indexOf('|');
  return at < 0 ? null : { row: key.slice(0, at), column: key.slice(at + 1) };
}

/** Where the tab stop is: where it was, or the first cell when that is gone. */
export function settle(position: Position | null, axes: Axes): Position {
  const row = position && [HEAD, ...axes.rows].includes(position.row) ? position.row : (axes.rows[0] ?? HEAD);
  const column =
    position && [HEAD, ...axes.columns].includes(position.column)
      ? position.column
      : (axes.columns[0] ?? HEAD);
  return row === HEAD && column === HEAD ? { row, column: axes.columns[0] ?? HEAD } : { row, column };
}

export interface Key {
  readonly key: string;
  readonly ctrl: boolean;
}

/** Lines that Page Up and Page Down pass over. */
const PAGE = 8;

/** Where a key leads to; null when it is no key of movement. Nothing wraps around. */
export function step(from: Position, { key, ctrl }: Key, axes: Axes): Position | null {
  const rows = [HEAD, ...axes.rows];
  const columns = [HEAD, ...axes.columns];
  const row = Math.max(0, rows.indexOf(from.row));
  const column = Math.max(0, columns.indexOf(from.column));
  const at = (r: number, c: number): Position => {
    const toRow = rows[Math.max(0, Math.min(rows.length - 1, r))] ?? HEAD;
    const toColumn = columns[Math.max(0, Math.min(columns.length - 1, c))] ?? HEAD;
    // The corner has nothing to do in it.
    return toRow === HEAD && toColumn === HEAD ? from : { row: toRow, column: toColumn };
  };
  switch (key) {
    case 'ArrowUp':
      return at(ctrl ? 1 : row - 1, column);
    case 'ArrowDown':
      return at(ctrl ? rows.length - 1 : row + 1, column);
    case 'ArrowLeft':
      return at(row, ctrl ? 1 : column - 1);
    case 'ArrowRight':
      return at(row, ctrl ? columns.length - 1 : column + 1);
    case 'Home':
      return ctrl ? at(1, 1) : at(row, row === 0 ? 1 : 0);
    case 'End':
      return ctrl ? at(rows.length - 1, columns.length - 1) : at(row, columns.length - 1);
    case 'PageUp':
      return at(Math.max(row === 0 ? 0 : 1, row - PAGE), column);
    case 'PageDown':
      return at(row + PAGE, column);
    default:
      return null;
  }
}
