import { clampGain, type CommandInput } from '../../electron/contract/index.ts';
import { nudge } from '../controls/fader-scale.ts';
import { type App } from '../state/app-context.ts';
import { cellPlace, channelPlace } from '../state/command-store.ts';
import { cellState, findChannel, findDestination, findRoute, findSource } from '../state/selectors.ts';
import { announce } from '../state/ui-store.ts';
import { whenRevision } from '../state/when-revision.ts';
import { stageToggle, waits } from '../state/take.ts';
import { S } from '../strings.ts';
import { sayCell } from './say.ts';

/** What keys, clicks and menus of the matrix do. Each says afterwards how it came out. */

async function onCell(app: App, source: string, destination: string, command: CommandInput): Promise<void> {
  const answer = await app.commander.run(cellPlace(source, destination), command);
  if (answer) await whenRevision(app.server, answer.revision);
  announce(app.ui, sayCell(app, source, destination));
}

export async function toggleRoute(app: App, source: string, destination: string): Promise<void> {
  const { document } = app.server.getState();
  const from = document && findSource(document.config, source);
  const to = document && findDestination(document.config, destination);
  if (!from || !to) return;
  const state = cellState(document, from, to);
  if (state === 'none' || state === 'impossible') {
    announce(app.ui, document.status.cells[`${source}|${destination}`]?.reason ?? S.stateHelp[state]);
    return;
  }
  if (waits(app, document, destination)) {
    stageToggle(app, document, source, destination);
    announce(app.ui, sayCell(app, source, destination));
    return;
  }
  const routed = findRoute(document.config, source, destination) !== undefined;
  await onCell(app, source, destination, { type: routed ? 'unroute' : 'route', source, destination });
}

export async function toggleCellMute(app: App, source: string, destination: string): Promise<void> {
  const { document } = app.server.getState();
  const route = document && findRoute(document.config, source, destination);
  if (!route) return;
  await onCell(app, source, destination, { type: route.muted ? 'unmute' : 'mute', source, destination });
}

/** One step of gain up or down. Only sound has a gain. */
export async function nudgeGain(
  app: App,
  source: string,
  destination: string,
  direction: 1 | -1,
  fine: boolean,
): Promise<void> {
  const { document } = app.server.getState();
  const route = document && findRoute(document.config, source, destination);
  if (!route || findSource(document.config, source)?.media !== 'audio') return;
  const gain = clampGain(nudge(route.gain, direction, fine));
  await onCell(app, source, destination, { type: 'setGain', source, destination, gain });
}

export async function toggleMute(app: App, id: string): Promise<void> {
  const { document } = app.server.getState();
  const channel = document && findChannel(document.config, id);
  if (!channel) return;
  await app.commander.run(channelPlace(id), { type: channel.muted ? 'unmute' : 'mute', id });
}

/** Listen to a source, or stop it. */
export async function toggleSolo(app: App, id: string): Promise<void> {
  const on = app.server.getState().document?.status.solo.includes(id) ?? false;
  await app.commander.run(
    channelPlace(id),
    on ? { type: 'unsolo', id } : { type: 'solo', id, exclusive: true },
  );
}

export async function toggleLock(app: App, id: string): Promise<void> {
  const { document } = app.server.getState();
  const destination = document && findDestination(document.config, id);
  if (!destination) return;
  await app.commander.run(channelPlace(id), { type: destination.locked ? 'unlock' : 'lock', id });
}
