import { type State } from '../../electron/contract/index.ts';
import { destinationOfGadget } from '../matrix/model.ts';
import { findDestination, obstacleOf } from '../state/selectors.ts';
import { type Drag, type DropTarget } from '../state/ui-store.ts';
import { S } from '../strings.ts';

/** What an element under the pointer says about itself: `data-drop="cell|destination|gadget"`, `data-drop-id`. */
export interface DropPlace {
  readonly place: DropTarget['place'];
  readonly id: string;
}

const PLACES: ReadonlySet<string> = new Set(['cell', 'destination', 'gadget']);

export function placeOf(element: Element | null): DropPlace | null {
  const found = element?.closest<HTMLElement>('[data-drop]');
  const { drop, dropId } = found?.dataset ?? {};
  if (drop === undefined || dropId === undefined || !PLACES.has(drop)) return null;
  return { place: drop as DropPlace['place'], id: dropId };
}

/** What dropping here would do, or why it cannot be done. */
export function targetOf(
  state: State,
  drag: Pick<Drag, 'sources' | 'media'>,
  place: DropPlace | null,
): DropTarget | null {
  if (!place) return null;
  const destination =
    place.place === 'gadget'
      ? destinationOfGadget(state.config, place.id, drag.media)
      : findDestination(state.config, place.id);
  if (!destination) return { ...place, destination: null, obstacle: S.drag.media };
  if (destination.media === 'video' && drag.sources.length > 1)
    return { ...place, destination: destination.id, obstacle: S.drag.tooMany };
  const obstacles = drag.sources.map((source) => obstacleOf(state, source, destination.id));
  const worst = obstacles.find((obstacle) => obstacle !== null) ?? null;
  const obstacle =
    worst === null ? null : worst === 'locked' ? S.drag.locked(destination.label) : S.drag[worst];
  return { ...place, destination: destination.id, obstacle };
}

export const sameTarget = (a: DropTarget | null, b: DropTarget | null): boolean =>
  a === b || (a !== null && b !== null && a.place === b.place && a.id === b.id && a.obstacle === b.obstacle);
