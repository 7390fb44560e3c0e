import { formatDb } from '../../electron/contract/index.ts';
import { type App } from '../state/app-context.ts';
import { cellPlace } from '../state/command-store.ts';
import { cellState, findDestination, findRoute, findSource } from '../state/selectors.ts';
import { S } from '../strings.ts';
import { TAKE_TEXT } from '../text/desk.ts';

/** "Mic 1 to Office PC, routed, −6.0 dB, live". */
export function sayCell(app: App, sourceId: string, destinationId: string): string {
  const { document } = app.server.getState();
  const source = document && findSource(document.config, sourceId);
  const destination = document && findDestination(document.config, destinationId);
  if (!source || !destination) return '';
  const refusal = app.commander.store.getState().refusals[cellPlace(sourceId, destinationId)];
  const route = findRoute(document.config, sourceId, destinationId);
  const state = cellState(document, source, destination);
  const parts: string[] = refusal ? [refusal.message] : [route ? S.cell.routed : S.cell.notRouted];
  if (route && source.media === 'audio')
    parts.push(formatDb(route.gain, Number.isInteger(route.gain) ? 0 : 1));
  if (route?.muted === true) parts.push(S.cell.muted);
  const staged = app.ui.getState().staged[`${sourceId}|${destinationId}`];
  if (staged) parts.push(staged === 'route' ? TAKE_TEXT.willConnect : TAKE_TEXT.willDisconnect);
  if (route && state !== 'live') parts.push(S.states[state].toLocaleLowerCase());
  return S.cell.says(source.label, destination.label, parts);
}
