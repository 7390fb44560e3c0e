import { type Config, type Destination, type Source } from '../../electron/contract/index.ts';
import { MOVE_TEXT } from '../text/desk.ts';
import { type App } from './app-context.ts';
import { channelPlace } from './command-store.ts';
import { ordered } from './ordered.ts';
import { findChannel } from './selectors.ts';
import { announce } from './ui-store.ts';

/** What moves together: a source alone, the destinations of one gadget as a whole. */
type Unit = readonly (Source | Destination)[];

/** The units among which a channel has its place, in their order. */
export function unitsAround(config: Config, id: string): readonly Unit[] {
  const channel = findChannel(config, id);
  if (!channel) return [];
  if ('locked' in channel && 'gadget' in channel) return gadgetUnits(config);
  const side: readonly (Source | Destination)[] = 'locked' in channel ? config.destinations : config.sources;
  return ordered(side.filter(({ kind }) => kind === channel.kind)).map((one) => [one]);
}

function gadgetUnits(config: Config): readonly Unit[] {
  const units = config.gadgets.map((gadget) =>
    config.destinations.filter((one) => 'gadget' in one && one.gadget === gadget.id),
  );
  return [...units].sort((a, b) => (a[0]?.order ?? 0) - (b[0]?.order ?? 0));
}

/** Move a channel one place forward or back among its like. */
export async function moveChannel(app: App, id: string, step: 1 | -1): Promise<void> {
  const { document } = app.server.getState();
  if (!document) return;
  const units = [...unitsAround(document.config, id)];
  const at = units.findIndex((unit) => unit.some((one) => one.id === id));
  const moved = units[at];
  const to = at + step;
  if (!moved || to < 0 || to >= units.length) return;
  units.splice(at, 1);
  units.splice(to, 0, moved);
  const commands = units.flatMap((unit, index) =>
    unit
      .filter(({ order }) => order !== index)
      .map((one) => ({ type: 'channel.update', id: one.id, order: index }) as const),
  );
  if (await app.commander.run(channelPlace(id), commands))
    announce(app.ui, MOVE_TEXT.moved(findChannel(document.config, id)?.label ?? id, to + 1, units.length));
}
