import { memo, type ReactNode } from 'react';
import { useShallow } from 'zustand/react/shallow';
import { formatDb, type CellState, type State } from '../../electron/contract/index.ts';
import { StateSign } from '../controls/state-sign.tsx';
import { useCommands, useDocument, useUi } from '../state/app-context.ts';
import { cellPlace } from '../state/command-store.ts';
import { cellState, findDestination, findRoute, findSource } from '../state/selectors.ts';
import { mutingGroups } from '../state/groups.ts';
import { type Staged, type UiState } from '../state/ui-store.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT } from '../text/audio.ts';
import { TAKE_TEXT } from '../text/desk.ts';

interface CellView {
  readonly state: CellState | 'none';
  readonly routed: boolean;
  readonly gain: number;
  readonly muted: boolean;
  readonly sourceMuted: boolean;
  readonly destinationMuted: boolean;
  /** Groups that mute the source or the destination. */
  readonly sourceGroups: string;
  readonly destinationGroups: string;
  /** Something other than Crosspoint changed its level. */
  readonly heard: boolean;
  readonly media: 'audio' | 'video';
  readonly sourceLabel: string;
  readonly destinationLabel: string;
}

const NOTHING: CellView = {
  state: 'none',
  routed: false,
  gain: 0,
  muted: false,
  sourceMuted: false,
  destinationMuted: false,
  sourceGroups: '',
  destinationGroups: '',
  heard: false,
  media: 'video',
  sourceLabel: '',
  destinationLabel: '',
};

/** Everything that a cell shows, as plain values: a cell is drawn again only when one of them changes. */
export function cellView(state: State, sourceId: string, destinationId: string): CellView {
  const source = findSource(state.config, sourceId);
  const destination = findDestination(state.config, destinationId);
  if (!source || !destination) return NOTHING;
  const route = findRoute(state.config, sourceId, destinationId);
  return {
    state: cellState(state, source, destination),
    routed: route !== undefined,
    gain: route?.gain ?? 0,
    muted: route?.muted ?? false,
    sourceMuted: source.muted,
    destinationMuted: destination.muted,
    sourceGroups: mutingGroups(state.config, sourceId),
    destinationGroups: mutingGroups(state.config, destinationId),
    heard: state.status.cells[`${sourceId}|${destinationId}`]?.heard !== undefined,
    media: source.media,
    sourceLabel: source.label,
    destinationLabel: destination.label,
  };
}

export function nameOfCell(view: CellView, refused: string | undefined, staged?: Staged): string {
  const parts: string[] = [view.routed ? S.cell.routed : S.cell.notRouted];
  if (view.routed && view.media === 'audio') parts.push(formatDb(view.gain));
  if (view.muted) parts.push(S.cell.muted);
  if (view.routed && view.sourceMuted) parts.push(S.cell.sourceMuted);
  if (view.routed && view.destinationMuted) parts.push(S.cell.destinationMuted);
  if (view.routed && view.sourceGroups !== '')
    parts.push(`${S.cell.source} ${AUDIO_TEXT.mutedBy(view.sourceGroups)}`);
  if (view.routed && view.destinationGroups !== '')
    parts.push(`${S.cell.destination} ${AUDIO_TEXT.mutedBy(view.destinationGroups)}`);
  if (staged) parts.push(staged === 'route' ? TAKE_TEXT.willConnect : TAKE_TEXT.willDisconnect);
  if (view.state !== 'off') parts.push(S.states[view.state].toLocaleLowerCase());
  if (refused !== undefined) parts.push(refused);
  return S.cell.says(view.sourceLabel, view.destinationLabel, parts);
}

/** What the UI itself says about a cell, as a list of class names. */
function flagsOf(ui: UiState, source: string, destination: string): string {
  const { drag } = ui;
  if (!drag) return '';
  const carried = drag.sources.includes(source);
  const { target } = drag;
  const pointed = carried && target !== null && target.destination === destination;
  return `${carried ? ' carried' : ''}${pointed ? (target.obstacle === null ? ' accepts' : ' refuses') : ''}`;
}

/** One crosspoint. Clicks and keys are handled by the grid. */
export const Cell = memo(function Cell({
  source,
  destination,
  position,
  edge,
}: {
  readonly source: string;
  readonly destination: string;
  /** `<row>|<column>` in the grid. */
  readonly position: string;
  /** First column of its group. */
  readonly edge: boolean;
}): ReactNode {
  const view = useDocument(useShallow((state) => cellView(state, source, destination)));
  const flags = useUi((ui) => flagsOf(ui, source, destination));
  const active = useUi((ui) => ui.active === position);
  const place = cellPlace(source, destination);
  const refused = useCommands(({ refusals }) => refusals[place]?.message);
  const busy = useCommands((commands) => place in commands.busy);
  const state = busy && view.state === 'off' ? 'pending' : view.state;
  const staged = useUi((ui) => ui.staged[`${source}|${destination}`]);
  const byGroup = view.sourceGroups !== '' || view.destinationGroups !== '';
  const silenced = view.muted || view.sourceMuted || view.destinationMuted || byGroup;
  return (
    <div
      role="gridcell"
      className={`mx-cell${edge ? ' edge' : ''}${flags}`}
      tabIndex={active ? 0 : -1}
      aria-label={nameOfCell(view, refused, staged)}
      aria-selected={view.state === 'none' ? undefined : view.routed}
      aria-disabled={view.state === 'none' || view.state === 'impossible' ? true : undefined}
      data-testid={place}
      data-cell=""
      data-pos={position}
      data-source={source}
      data-destination={destination}
      data-state={state}
      data-media={view.media}
      data-routed={view.routed}
      data-muted={view.muted}
      data-staged={staged}
      data-heard={view.heard ? '' : undefined}
      data-group-muted={view.routed && byGroup ? '' : undefined}
      data-refused={refused === undefined ? undefined : ''}
      data-drop="cell"
      data-drop-id={destination}
    >
      {state === 'none' ? null : (
        <span className={`mx-knob${silenced ? ' silenced' : ''}`}>
          <StateSign state={state} muted={view.muted} size={14} />
          {view.routed && view.media === 'audio' ? (
            <span className="mx-gain">{formatDb(view.gain)}</span>
          ) : null}
          {view.routed && view.media === 'video' ? <span className="mx-gain">{S.states[state]}</span> : null}
        </span>
      )}
      {view.routed && view.media === 'audio' ? (
        <span className="mx-tune" data-tune="" title={S.cell.tune} />
      ) : null}
    </div>
  );
});
