import { type CommandInput, type State } from '../../electron/contract/index.ts';
import { TAKE_TEXT } from '../text/desk.ts';
import { type App } from './app-context.ts';
import { findDestination, findRoute } from './selectors.ts';
import { announce, type Staged } from './ui-store.ts';

export const TAKE_PLACE = 'take';

/**
 * Take mode: routes of destinations that are on air wait in this window until they are taken. They are kept here and
 * not in the engine: a change that nobody took yet is one person's intention. It must neither be taken by another
 * person's key nor wait, forgotten, for somebody who reloads the page a day later. Mutes and panic never wait.
 */
export const waits = (app: App, state: State, destination: string): boolean =>
  app.ui.getState().preferences.takeMode && state.status.tally[destination] === true;

const keyOf = (source: string, destination: string): string => `${source}|${destination}`;

/** What a click on a cell would stage; the second click takes it back. */
export function stageToggle(app: App, state: State, source: string, destination: string): void {
  const routed = findRoute(state.config, source, destination) !== undefined;
  stage(app, state, source, destination, routed ? 'unroute' : 'route');
}

export function stage(app: App, state: State, source: string, destination: string, what: Staged): void {
  const key = keyOf(source, destination);
  const exclusive = findDestination(state.config, destination)?.media === 'video';
  app.ui.setState(({ staged }) => {
    const kept = Object.entries(staged).filter(
      ([other]) => other !== key && !(exclusive && other.endsWith(`|${destination}`)),
    );
    return { staged: Object.fromEntries(staged[key] === what ? kept : [...kept, [key, what]]) };
  });
}

export const discard = (app: App): void => app.ui.setState({ staged: {} });

/** All that waits, at once: all of it or, when something is refused, nothing. */
export async function take(app: App): Promise<void> {
  const entries = Object.entries(app.ui.getState().staged);
  if (entries.length === 0) return;
  const commands = entries.map(([key, type]): CommandInput => {
    const at = key.indexOf('|');
    return { type, source: key.slice(0, at), destination: key.slice(at + 1) };
  });
  if (!(await app.commander.run(TAKE_PLACE, commands))) return;
  discard(app);
  announce(app.ui, TAKE_TEXT.taken(entries.length));
}
