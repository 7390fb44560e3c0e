import { useCallback, type KeyboardEvent, type RefObject } from 'react';
import { carry, drop, pointAt, putBack } from '../dnd/carry.ts';
import { useApp, type App } from '../state/app-context.ts';
import { moveChannel } from '../state/move.ts';
import { toggleFolded } from '../state/ui-store.ts';
import { nudgeGain, toggleCellMute, toggleLock, toggleMute, toggleRoute, toggleSolo } from './actions.ts';
import { HEAD, parsePosition, positionKey, settle, step, type Position } from './navigation.ts';
import { type Line } from './model.ts';

export interface GridAxes {
  readonly rows: readonly Line[];
  readonly columns: readonly Line[];
  readonly transposed: boolean;
}

/** What a position of the grid stands for. */
export interface Spot {
  readonly source: Line | undefined;
  readonly destination: Line | undefined;
}

export function spotOf({ rows, columns, transposed }: GridAxes, { row, column }: Position): Spot {
  const atRow = rows.find(({ key }) => key === row);
  const atColumn = columns.find(({ key }) => key === column);
  return transposed ? { source: atRow, destination: atColumn } : { source: atColumn, destination: atRow };
}

export const keysOf = ({
  rows,
  columns,
}: GridAxes): { rows: readonly string[]; columns: readonly string[] } => ({
  rows: rows.map(({ key }) => key),
  columns: columns.map(({ key }) => key),
});

const only = (line: Line | undefined): string | undefined =>
  line && !line.folded ? line.channels[0] : undefined;

export interface Openers {
  /** Gain, mute and details of a crosspoint. */
  openCell(source: string, destination: string, anchor: Element): void;
  /** Details of a source or destination. */
  openChannel(id: string, anchor: Element): void;
}

/** While a source is carried by keyboard: where it hangs over now. */
function hangOver(app: App, axes: GridAxes, position: Position): void {
  const { destination } = spotOf(axes, position);
  if (!destination) pointAt(app, null);
  else if (destination.folded)
    pointAt(
      app,
      destination.group.gadget === null ? null : { place: 'gadget', id: destination.group.gadget },
    );
  else pointAt(app, { place: 'destination', id: destination.key });
}

/** A key while something is carried. @returns was it used? */
function keyWhileCarrying(app: App, key: string): boolean {
  if (app.ui.getState().drag?.by !== 'keyboard') return false;
  if (key === 'Escape') putBack(app);
  else if (key === 'Enter' || key === ' ') void drop(app);
  else return false;
  return true;
}

function keyOnCell(
  app: App,
  key: string,
  fine: boolean,
  source: string,
  destination: string,
  open: () => void,
): boolean {
  switch (key) {
    case ' ':
      void toggleRoute(app, source, destination);
      return true;
    case 'Enter':
      open();
      return true;
    case 'm':
    case 'M':
      void toggleCellMute(app, source, destination);
      return true;
    case 's':
    case 'S':
      void toggleSolo(app, source);
      return true;
    case '+':
    case '=':
    case '*':
      void nudgeGain(app, source, destination, 1, fine);
      return true;
    case '-':
    case '_':
      void nudgeGain(app, source, destination, -1, fine);
      return true;
    default:
      return false;
  }
}

function keyOnHeader(app: App, key: string, id: string, isSource: boolean, open: () => void): boolean {
  switch (key) {
    case 'Enter':
    case ' ':
      if (!isSource) open();
      else {
        const { selection } = app.ui.getState();
        carry(app, selection.includes(id) ? selection : [id], 'keyboard');
      }
      return true;
    case 'd':
    case 'D':
      open();
      return true;
    case 'm':
    case 'M':
      void toggleMute(app, id);
      return true;
    case 's':
    case 'S':
      void toggleSolo(app, id);
      return true;
    case 'l':
    case 'L':
      if (isSource) return false;
      void toggleLock(app, id);
      return true;
    default:
      return false;
  }
}

/** A row that was out of sight is drawn first. */
function focusOn(grid: HTMLElement | null, position: string, tries = 10): void {
  const found = grid?.querySelector<HTMLElement>(`[data-pos="${CSS.escape(position)}"]`);
  if (found) found.focus();
  else if (tries > 0) requestAnimationFrame(() => focusOn(grid, position, tries - 1));
}

/** The keyboard of the grid: one tab stop, arrows move it, the rest acts where it stands. */
export function useGridKeys(
  grid: RefObject<HTMLElement | null>,
  axes: GridAxes,
  openers: Openers,
): (event: KeyboardEvent) => void {
  const app = useApp();
  return useCallback(
    (event) => {
      if (event.metaKey) return;
      const { key, shiftKey, ctrlKey } = event;
      if (event.altKey) {
        const id = (event.target as HTMLElement).dataset.id;
        const back = key === 'ArrowUp' || key === 'ArrowLeft';
        if (id === undefined || !(back || key === 'ArrowDown' || key === 'ArrowRight')) return;
        event.preventDefault();
        event.stopPropagation();
        void moveChannel(app, id, back ? -1 : 1);
        return;
      }
      const done = (): void => {
        event.preventDefault();
        event.stopPropagation();
      };
      const from = settle(parsePosition(app.ui.getState().active), keysOf(axes));
      const to = step(from, { key, ctrl: ctrlKey }, keysOf(axes));
      if (to) {
        done();
        const position = positionKey(to);
        app.ui.setState({ active: position });
        focusOn(grid.current, position);
        if (app.ui.getState().drag?.by === 'keyboard') hangOver(app, axes, to);
        return;
      }
      if (ctrlKey) return;
      if (keyWhileCarrying(app, key)) {
        done();
        return;
      }
      const { source, destination } = spotOf(axes, from);
      const anchor = event.target as Element;
      const line = source && destination ? undefined : (source ?? destination);
      const fold =
        source && destination ? (destination.folded ? destination : source.folded ? source : null) : line;
      if (fold && (key === 'f' || key === 'F' || (fold.folded && (key === 'Enter' || key === ' ')))) {
        toggleFolded(app.ui, fold.group.key);
        // Unfolded: on the group's first line; folded: on the line that stands for it.
        const next = fold.folded ? (fold.channels[0] ?? HEAD) : fold.group.key;
        const onRow = (fold === source) === axes.transposed;
        const position = positionKey(onRow ? { ...from, row: next } : { ...from, column: next });
        app.ui.setState({ active: position });
        requestAnimationFrame(() =>
          grid.current?.querySelector<HTMLElement>(`[data-pos="${CSS.escape(position)}"]`)?.focus(),
        );
        done();
        return;
      }
      const sourceId = only(source);
      const destinationId = only(destination);
      let used = false;
      if (sourceId !== undefined && destinationId !== undefined)
        used = keyOnCell(app, key, shiftKey, sourceId, destinationId, () =>
          openers.openCell(sourceId, destinationId, anchor),
        );
      else {
        const id = line && only(line);
        if (id !== undefined)
          used = keyOnHeader(app, key, id, line === source, () => openers.openChannel(id, anchor));
      }
      if (used) done();
    },
    [app, axes, grid, openers],
  );
}
