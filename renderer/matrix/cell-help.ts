import { type CellState, type Destination, type Route, type Source } from '../../electron/contract/index.ts';
import { S } from '../strings.ts';

/** Why a connection makes no sound or picture although it stands; null when nothing is muted. */
export function silencedBy(
  route: Route | undefined,
  source: Source,
  destination: Destination,
): string | null {
  if (!route) return null;
  const why = [
    ...(source.muted ? [S.cell.sourceMuted] : []),
    ...(route.muted ? [S.cell.connectionMuted] : []),
    ...(destination.muted ? [S.cell.destinationMuted] : []),
  ];
  return why.length === 0 ? null : why.join(', ');
}

/** The sentence under the state of a cell: the engine's reason, else what the state means and what to do. */
export function cellHelp(
  state: CellState | 'none',
  reason: string | undefined,
  route: Route | undefined,
  source: Source,
  destination: Destination,
): string {
  const silent = silencedBy(route, source, destination);
  return reason ?? (silent !== null && state === 'live' ? S.cell.silent(silent) : S.stateHelp[state]);
}
