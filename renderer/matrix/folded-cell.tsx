import { memo, type ReactNode } from 'react';
import { useDocument, useUi } from '../state/app-context.ts';
import { S } from '../strings.ts';
import { routesBetween } from './model.ts';

/** Where a folded group is on one side at least: how many connections are inside. */
export const FoldedCell = memo(function FoldedCell({
  sources,
  destinations,
  position,
  edge,
}: {
  readonly sources: readonly string[];
  readonly destinations: readonly string[];
  readonly position: string;
  readonly edge: boolean;
}): ReactNode {
  const count = useDocument((state) => routesBetween(state, sources, destinations));
  const active = useUi((ui) => ui.active === position);
  return (
    <div
      role="gridcell"
      className={`mx-cell folded${edge ? ' edge' : ''}`}
      tabIndex={active ? 0 : -1}
      aria-label={S.matrix.routes(count)}
      data-pos={position}
    >
      {count > 0 ? <span className="mx-count">{count}</span> : null}
    </div>
  );
});
