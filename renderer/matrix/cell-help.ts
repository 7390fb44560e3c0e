import { type CellState, type Destination, type Route, type Source } from '../../electron/contract/index.ts';
import { S } from '../strings.ts';
import { AUDIO_TEXT } from '../text/audio.ts';

/** Names of the groups that mute either end; empty: none. */
export interface GroupMutes {
  readonly source: string;
  readonly destination: string;
}

/** Why a connection makes no sound or picture although it stands; null when nothing is muted. */
export function silencedBy(
  route: Route | undefined,
  source: Pick<Source, 'muted'>,
  destination: Pick<Destination, 'muted'>,
  groups: GroupMutes,
): string | null {
  if (!route) return null;
  const why = [
    ...(source.muted ? [S.cell.sourceMuted] : []),
    ...(route.muted ? [S.cell.connectionMuted] : []),
    ...(destination.muted ? [S.cell.destinationMuted] : []),
    ...(groups.source === '' ? [] : [`${S.cell.source} ${AUDIO_TEXT.mutedBy(groups.source)}`]),
    ...(groups.destination === '' ? [] : [`${S.cell.destination} ${AUDIO_TEXT.mutedBy(groups.destination)}`]),
  ];
  return why.length === 0 ? null : why.join(', ');
}

/** The sentence under the state of a cell: the engine's reason, else what the state means and what to do. */
export function cellHelp(
  state: CellState | 'none',
  reason: string | undefined,
  silent: string | null,
): string {
  if (silent !== null && state === 'live') return reason ?? S.cell.silent(silent);
  const help = reason ?? S.stateHelp[state];
  return silent !== null && state === 'offline' ? `${help} ${S.cell.silentThen(silent)}` : help;
}
