import {
  useEffect,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  type MouseEvent,
  type ReactNode,
} from 'react';
import { useApp, useUi } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { toggleRoute } from './actions.ts';
import { CellPopover, type OpenCell } from './cell-popover.tsx';
import { ChannelPopover, type OpenChannel } from '../controls/channel-popover.tsx';
import { FoldedHeader, GridRow } from './grid-row.tsx';
import { GroupLabel } from './group-label.tsx';
import { DestinationHeader, SourceHeader } from './headers.tsx';
import { layoutOf } from './layout.ts';
import { MatrixTooltip } from './matrix-tooltip.tsx';
import { type Line } from './model.ts';
import { HEAD, parsePosition, positionKey, settle } from './navigation.ts';
import { keysOf, useGridKeys, type Openers } from './use-grid-keys.ts';
import { type MatrixAxes } from './use-matrix-model.ts';
import './matrix.css';

const FOLDED_WIDTH = 40;
/** From so many cells on, rows out of sight are not drawn. */
const LAZY_FROM = 1500;

/** Widths of the columns as a CSS list, e.g. `repeat(3,92px) 40px`. */
const columnTemplate = (columns: readonly Line[], width: number): string =>
  columns.map(({ folded }) => `${folded ? FOLDED_WIDTH : width}px`).join(' ');

function useWidth(element: { readonly current: HTMLElement | null }): number {
  const [width, setWidth] = useState(() => window.innerWidth);
  useLayoutEffect(() => {
    const { current } = element;
    if (!current || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

/** A strip of light over the column under the pointer, moved without React. */
function useCrosshair(
  grid: { readonly current: HTMLElement | null },
  strip: { readonly current: HTMLElement | null },
): void {
  useEffect(() => {
    const root = grid.current;
    if (!root) return;
    const over = ({ target, pointerType }: PointerEvent): void => {
      const cell =
        pointerType === 'touch'
          ? null
          : (target as Element).closest<HTMLElement>('.mx-cell, .mx-header.column');
      const light = strip.current;
      if (!light) return;
      light.hidden = cell === null;
      if (!cell) return;
      light.style.left = `${cell.offsetLeft}px`;
      light.style.width = `${cell.offsetWidth}px`;
    };
    const leave = (): void => {
      if (strip.current) strip.current.hidden = true;
    };
    root.addEventListener('pointerover', over);
    root.addEventListener('pointerleave', leave);
    return () => {
      root.removeEventListener('pointerover', over);
      root.removeEventListener('pointerleave', leave);
    };
  }, [grid, strip]);
}

export function Grid({ axes }: { readonly axes: MatrixAxes }): ReactNode {
  const app = useApp();
  const { rows, columns, transposed } = axes;
  const scroller = useRef<HTMLDivElement>(null);
  const strip = useRef<HTMLDivElement>(null);
  const width = useWidth(scroller);
  const wanted = useUi((ui) => ui.preferences.density);
  const dragMedia = useUi((ui) => ui.drag?.media);
  const [openCell, setOpenCell] = useState<OpenCell | null>(null);
  const [openChannel, setOpenChannel] = useState<OpenChannel | null>(null);
  const openers = useMemo<Openers>(
    () => ({
      openCell: (source, destination, anchor) => setOpenCell({ source, destination, anchor }),
      openChannel: (id, anchor) => setOpenChannel({ id, anchor }),
    }),
    [],
  );
  const onKeyDown = useGridKeys(scroller, axes, openers);
  useCrosshair(scroller, strip);

  const layout = layoutOf(width, columns.length, wanted);
  const { density } = layout;
  const lazy = rows.length * columns.length > LAZY_FROM;

  // There is always exactly one tab stop, also after what had it is gone.
  const active = useUi((ui) => ui.active);
  useEffect(() => {
    const settled = positionKey(settle(parsePosition(active), keysOf(axes)));
    if (settled !== active) app.ui.setState({ active: settled });
  }, [active, app, axes]);

  const onClick = (event: MouseEvent): void => {
    const target = event.target as Element;
    const cell = target.closest<HTMLElement>('[data-cell]');
    const { source, destination } = cell?.dataset ?? {};
    if (cell && source !== undefined && destination !== undefined) {
      if (target.closest('[data-tune]')) openers.openCell(source, destination, cell);
      else void toggleRoute(app, source, destination);
      return;
    }
    const header = target.closest<HTMLElement>('[data-header]');
    const id = header?.dataset.id;
    if (!header || id === undefined || target.closest('.meter')) return;
    if (header.dataset.header === 'source' && (event.ctrlKey || event.metaKey || event.shiftKey)) {
      app.ui.setState(({ selection }) => ({
        selection: selection.includes(id) ? selection.filter((other) => other !== id) : [...selection, id],
      }));
      return;
    }
    openers.openChannel(id, header);
  };

  const onContextMenu = (event: MouseEvent): void => {
    const cell = (event.target as Element).closest<HTMLElement>('[data-cell]');
    const { source, destination, state } = cell?.dataset ?? {};
    if (!cell || source === undefined || destination === undefined || state === 'none') return;
    event.preventDefault();
    openers.openCell(source, destination, cell);
  };

  const Header = transposed ? DestinationHeader : SourceHeader;
  return (
    <div className="mx-frame">
      <div
        ref={scroller}
        className={`mx ${density}${width < 640 ? ' narrow' : ''}`}
        data-drag={dragMedia}
        style={{
          ['--gw' as string]: `${layout.groupWidth}px`,
          ['--hw' as string]: `${layout.headerWidth}px`,
          ['--hh' as string]: `${layout.headerHeight}px`,
          ['--rh' as string]: `${layout.rowHeight}px`,
          ['--cols' as string]: columnTemplate(columns, layout.columnWidth),
        }}
      >
        <div
          role="grid"
          className="mx-grid"
          aria-label={S.matrix.label}
          aria-rowcount={rows.length + 2}
          aria-colcount={columns.length + 2}
          aria-multiselectable
          data-testid="matrix"
          onKeyDown={onKeyDown}
          onClick={onClick}
          onContextMenu={onContextMenu}
          onFocus={(event) => {
            const position = (event.target as HTMLElement).dataset.pos;
            if (position !== undefined) app.ui.setState({ active: position });
          }}
        >
          <div ref={strip} className="mx-crosshair" hidden aria-hidden role="presentation" />
          <div className="mx-head" role="rowgroup">
            <div role="row" aria-rowindex={1} className="mx-row groups">
              <div className="mx-corner" role="columnheader">
                <span>{S.matrix.corner(transposed)}</span>
              </div>
              {columns.map((column) =>
                column.first ? <GroupLabel key={column.group.key} line={column} axis="column" /> : null,
              )}
            </div>
            <div role="row" aria-rowindex={2} className="mx-row headers">
              {columns.map((column) =>
                column.folded ? (
                  <FoldedHeader
                    key={column.key}
                    line={column}
                    axis="column"
                    position={`${HEAD}|${column.key}`}
                    edge={column.first}
                  />
                ) : (
                  <Header
                    key={column.key}
                    id={column.key}
                    axis="column"
                    density={density}
                    position={`${HEAD}|${column.key}`}
                    edge={column.first}
                    group={column.group.label}
                  />
                ),
              )}
            </div>
          </div>
          <div className="mx-body" role="rowgroup">
            {rows.map((line, index) => (
              <GridRow
                key={line.key}
                line={line}
                columns={columns}
                transposed={transposed}
                density={density}
                index={index + 3}
                lazy={lazy}
              />
            ))}
          </div>
        </div>
        <MatrixTooltip grid={scroller} />
        <CellPopover open={openCell} onClose={() => setOpenCell(null)} />
        <ChannelPopover open={openChannel} onClose={() => setOpenChannel(null)} />
      </div>
    </div>
  );
}
