import { memo, useRef, type ReactNode } from 'react';
import { useNearScreen } from '../controls/use-on-screen.ts';
import { useUi } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { Cell } from './cell.tsx';
import { FoldedCell } from './folded-cell.tsx';
import { GroupLabel } from './group-label.tsx';
import { DestinationHeader, SourceHeader } from './headers.tsx';
import { type Line } from './model.ts';
import { HEAD } from './navigation.ts';

/** The header of a folded group: what it stands for. */
export function FoldedHeader({
  line,
  axis,
  position,
  edge,
}: {
  readonly line: Line;
  readonly axis: 'row' | 'column';
  readonly position: string;
  readonly edge: boolean;
}): ReactNode {
  const active = useUi((ui) => ui.active === position);
  return (
    <div
      role={axis === 'row' ? 'rowheader' : 'columnheader'}
      className={`mx-header ${axis} folded${edge ? ' edge' : ''}`}
      tabIndex={active ? 0 : -1}
      data-pos={position}
      {...(line.group.gadget === null ? {} : { 'data-drop': 'gadget', 'data-drop-id': line.group.gadget })}
    >
      <span className="mx-name">
        <span className="mx-label">
          {axis === 'row' ? S.matrix.foldedCount(line.channels.length) : String(line.channels.length)}
        </span>
        {axis === 'column' ? <span className="sr-only">{line.group.label}</span> : null}
      </span>
    </div>
  );
}

const NONE: readonly Line[] = [];

export const GridRow = memo(function GridRow({
  line,
  columns,
  transposed,
  density,
  index,
  lazy,
}: {
  readonly line: Line;
  readonly columns: readonly Line[];
  readonly transposed: boolean;
  readonly density: 'comfortable' | 'compact';
  readonly index: number;
  /** Cells are drawn only while the row is on the screen (or has the focus). */
  readonly lazy: boolean;
}): ReactNode {
  const row = useRef<HTMLDivElement>(null);
  const seen = useNearScreen(row, lazy);
  const focused = useUi((ui) => ui.active?.startsWith(`${line.key}|`) === true);
  const drawn = !lazy || seen || focused;
  const head = `${line.key}|${HEAD}`;
  const Header = transposed ? SourceHeader : DestinationHeader;
  return (
    <div
      ref={row}
      role="row"
      aria-rowindex={index}
      className={`mx-row${line.first ? ' first' : ''}${line.folded ? ' folded' : ''}`}
      data-media={line.media}
    >
      {line.first ? <GroupLabel line={line} axis="row" /> : null}
      {line.folded ? (
        <FoldedHeader line={line} axis="row" position={head} edge={false} />
      ) : (
        <Header
          id={line.key}
          axis="row"
          density={density}
          position={head}
          edge={false}
          group={line.group.label}
        />
      )}
      {(drawn ? columns : NONE).map((column) => {
        const position = `${line.key}|${column.key}`;
        const edge = column.first;
        const [sources, destinations] = transposed
          ? [line.channels, column.channels]
          : [column.channels, line.channels];
        if (line.folded || column.folded)
          return (
            <FoldedCell
              key={column.key}
              sources={sources}
              destinations={destinations}
              position={position}
              edge={edge}
            />
          );
        const [source, destination] = transposed ? [line.key, column.key] : [column.key, line.key];
        return (
          <Cell key={column.key} source={source} destination={destination} position={position} edge={edge} />
        );
      })}
    </div>
  );
});
