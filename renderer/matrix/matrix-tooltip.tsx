import { useEffect, useState, type ReactNode, type RefObject } from 'react';
import { useDocument, useRefusal, useUi } from '../state/app-context.ts';
import { cellPlace } from '../state/command-store.ts';
import { groupMutes } from '../state/groups.ts';
import { findDestination, findRoute, findSource, cellState } from '../state/selectors.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT } from '../text/audio.ts';
import { cellHelp, silencedBy } from './cell-help.ts';
import { StateSign } from '../controls/state-sign.tsx';

const DELAY_MS = 420;
const WIDTH = 280;

interface Hover {
  readonly source: string;
  readonly destination: string;
  readonly box: DOMRect;
}

/** The cell under the pointer after it rested there for a moment. One tooltip for all cells. */
function useHover(grid: RefObject<HTMLElement | null>): Hover | null {
  const [hover, setHover] = useState<Hover | null>(null);
  useEffect(() => {
    const root = grid.current;
    if (!root) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = (): void => {
      clearTimeout(timer);
      setHover(null);
    };
    const over = (event: PointerEvent): void => {
      if (event.pointerType === 'touch') return;
      const cell = (event.target as Element).closest<HTMLElement>('[data-cell]');
      clearTimeout(timer);
      setHover((now) =>
        now && cell?.dataset.source === now.source && cell.dataset.destination === now.destination
          ? now
          : null,
      );
      const { source, destination } = cell?.dataset ?? {};
      if (!cell || source === undefined || destination === undefined) return;
      timer = setTimeout(
        () => setHover({ source, destination, box: cell.getBoundingClientRect() }),
        DELAY_MS,
      );
    };
    root.addEventListener('pointerover', over);
    root.addEventListener('pointerleave', hide);
    root.addEventListener('pointerdown', hide);
    root.addEventListener('keydown', hide);
    root.addEventListener('scroll', hide, { passive: true });
    return () => {
      clearTimeout(timer);
      root.removeEventListener('pointerover', over);
      root.removeEventListener('pointerleave', hide);
      root.removeEventListener('pointerdown', hide);
      root.removeEventListener('keydown', hide);
      root.removeEventListener('scroll', hide);
    };
  }, [grid]);
  return hover;
}

export function MatrixTooltip({ grid }: { readonly grid: RefObject<HTMLElement | null> }): ReactNode {
  const hover = useHover(grid);
  const dragging = useUi((ui) => ui.drag !== null);
  if (!hover || dragging) return null;
  return <CellTip {...hover} />;
}

function CellTip({ source: sourceId, destination: destinationId, box }: Hover): ReactNode {
  const refusal = useRefusal(cellPlace(sourceId, destinationId));
  const source = useDocument((state) => findSource(state.config, sourceId));
  const destination = useDocument((state) => findDestination(state.config, destinationId));
  const route = useDocument((state) => findRoute(state.config, sourceId, destinationId));
  const actual = useDocument((state) => state.status.cells[`${sourceId}|${destinationId}`]);
  const state = useDocument((document) =>
    source && destination ? cellState(document, source, destination) : 'none',
  );
  const silent = useDocument(({ config }) =>
    source && destination
      ? silencedBy(route, source, destination, groupMutes(config, sourceId, destinationId))
      : null,
  );
  if (!source || !destination) return null;
  const left = Math.max(8, Math.min(window.innerWidth - WIDTH - 8, box.left + box.width / 2 - WIDTH / 2));
  const below = box.bottom + 170 < window.innerHeight;
  return (
    <div
      role="tooltip"
      className="mx-tip"
      data-testid="cell-tip"
      style={{
        left,
        width: WIDTH,
        ...(below ? { top: box.bottom + 6 } : { bottom: window.innerHeight - box.top + 6 }),
      }}
    >
      <div className="mx-tip-title">
        {source.label} → {destination.label}
      </div>
      <div className={`mx-tip-state tint-${state}`}>
        {state === 'none' ? null : <StateSign state={state} muted={route?.muted ?? false} size={14} />}
        <span>
          {S.states[state]}
          {route && source.media === 'audio' ? ` · ${S.unit.db(route.gain)}` : ''}
          {actual?.latencyMs === undefined ? '' : ` · ${S.unit.ms(actual.latencyMs)}`}
        </span>
      </div>
      <div className="mx-tip-help">{cellHelp(state, actual?.reason, silent)}</div>
      {actual?.heard ? (
        <div className="mx-tip-heard">{AUDIO_TEXT.heard(actual.heard.gain, actual.heard.muted)}</div>
      ) : null}
      {refusal ? (
        <div className="mx-tip-refused">
          {S.cell.refused} {refusal.message} {refusal.hint}
        </div>
      ) : null}
    </div>
  );
}
