import { type CommandInput } from '../../electron/contract/index.ts';
import { type App } from '../state/app-context.ts';
import { cellPlace } from '../state/command-store.ts';
import { findDestination, findRoute, findSource } from '../state/selectors.ts';
import { announce, type Drag } from '../state/ui-store.ts';
import { stage, waits } from '../state/take.ts';
import { whenRevision } from '../state/when-revision.ts';
import { S } from '../strings.ts';
import { sayCell } from '../matrix/say.ts';
import { sameTarget, targetOf, type DropPlace } from './drop-target.ts';

const nameOf = (app: App, sources: readonly string[]): string => {
  const { document } = app.server.getState();
  const only = sources.length === 1 && document ? findSource(document.config, sources[0] ?? '') : undefined;
  return only?.label ?? S.drag.several(sources.length);
};

/** Pick sources up. Of several, those of the medium of the first go along. */
export function carry(app: App, sources: readonly string[], by: Drag['by']): void {
  const { document } = app.server.getState();
  const media = document ? findSource(document.config, sources[0] ?? '')?.media : undefined;
  if (!document || !media) return;
  const taken = sources.filter((id) => findSource(document.config, id)?.media === media);
  app.ui.setState({ drag: { sources: taken, media, by, target: null } });
  if (by === 'keyboard') announce(app.ui, S.drag.start(nameOf(app, taken)));
}

export function pointAt(app: App, place: DropPlace | null): void {
  const { drag } = app.ui.getState();
  const { document } = app.server.getState();
  if (!drag || !document) return;
  const target = targetOf(document, drag, place);
  if (sameTarget(drag.target, target)) return;
  app.ui.setState({ drag: { ...drag, target } });
  if (drag.by === 'keyboard' && target?.destination) {
    const where = findDestination(document.config, target.destination)?.label ?? '';
    announce(app.ui, target.obstacle ?? S.drag.over(nameOf(app, drag.sources), where));
  }
}

export function putBack(app: App): void {
  const { drag } = app.ui.getState();
  if (!drag) return;
  app.ui.setState({ drag: null });
  announce(app.ui, S.drag.cancelled);
}

/** Let go: connect what is carried with what is pointed at. */
export async function drop(app: App): Promise<void> {
  const { drag } = app.ui.getState();
  app.ui.setState({ drag: null, selection: [] });
  const destination = drag?.target?.destination;
  if (!drag?.target || typeof destination !== 'string' || drag.target.obstacle !== null) {
    if (drag) announce(app.ui, drag.target?.obstacle ?? S.drag.cancelled);
    return;
  }
  const { document } = app.server.getState();
  if (document && waits(app, document, destination)) {
    for (const source of drag.sources)
      if (!findRoute(document.config, source, destination))
        stage(app, document, source, destination, 'route');
    announce(app.ui, sayCell(app, drag.sources[0] ?? '', destination));
    return;
  }
  const commands = drag.sources
    .filter((source) => document && !findRoute(document.config, source, destination))
    .map((source): CommandInput => ({ type: 'route', source, destination }));
  if (commands.length > 0) {
    const answer = await app.commander.run(cellPlace(drag.sources[0] ?? '', destination), commands);
    if (answer) await whenRevision(app.server, answer.revision);
  }
  announce(app.ui, sayCell(app, drag.sources[0] ?? '', destination));
}
