import { castDraft, type Draft, produce } from 'immer';
import { dbOfTravel, GAIN_MIN_DB, isAudio, type Route, travelOfDb } from '../contract/index.ts';
import { type Model } from './store/model.ts';

interface Level {
  readonly gain: number;
  readonly muted: boolean;
}

interface Glide {
  /** Finds what glides in a model. */
  readonly find: (model: Draft<Model>) => Draft<Level> | undefined;
  readonly fromDb: number;
  readonly toDb: number;
  /** What it is in the end; null: the route goes. */
  readonly end: Level | null;
  readonly remove: (model: Draft<Model>) => void;
  /** What this fade set last; when it is something else, a person took over. */
  last: number;
}

const audible = ({ gain, muted }: Level): number => (muted ? GAIN_MIN_DB : gain);

/**
 * The way of the gains from one model to another, as a hand on faders would go. What a person changes meanwhile is his:
 * the fade lets go of it.
 */
export class Fade {
  readonly #glides: Glide[] = [];
  /** The model that the fade begins with: all of `to`, but sounding as `from`. */
  readonly start: Model;

  constructor(from: Model, to: Model) {
    this.start = produce(to, (draft) => this.#begin(from, to, draft));
  }

  get empty(): boolean {
    return this.#glides.length === 0;
  }

  /** @param progress 0…1; at 1 everything is as it shall be */
  step(model: Model, progress: number): Model {
    return produce(model, (draft) => {
      for (const glide of [...this.#glides]) {
        const now = glide.find(draft);
        if (!now || now.muted || now.gain !== glide.last) {
          this.#glides.splice(this.#glides.indexOf(glide), 1);
          continue;
        }
        if (progress >= 1) {
          if (glide.end) Object.assign(now, glide.end);
          else glide.remove(draft);
          continue;
        }
        const travel =
          travelOfDb(glide.fromDb) + (travelOfDb(glide.toDb) - travelOfDb(glide.fromDb)) * progress;
        // Never −0: differences of the document do not tell it from 0, so it would stay.
        glide.last = now.gain = Math.round(dbOfTravel(travel) * 10) / 10 + 0;
      }
    });
  }

  #begin(from: Model, to: Model, draft: Draft<Model>): void {
    const audio = new Set<string>(to.destinations.filter(isAudio).map(({ id }) => id));
    const keyOf = ({ source, destination }: Route): string => `${source}|${destination}`;
    const old = new Map(from.routes.filter((r) => audio.has(r.destination)).map((r) => [keyOf(r), r]));
    const wanted = to.routes.filter((route) => audio.has(route.destination));
    const silent = { gain: GAIN_MIN_DB, muted: false };
    for (const route of wanted) {
      const former = old.get(keyOf(route)) ?? silent;
      old.delete(keyOf(route));
      this.#glide(draft, former, route, findRoute(route));
    }
    for (const route of old.values()) {
      draft.routes.push(castDraft({ ...route }));
      this.#glide(draft, route, null, findRoute(route), (model) => {
        model.routes = model.routes.filter((other) => keyOf(other) !== keyOf(route));
      });
    }
    const levels = (model: Model) =>
      [...model.sources, ...model.destinations, ...model.groups].flatMap((strip) =>
        'gain' in strip ? [strip] : [],
      );
    const before = new Map<string, Level>(levels(from).map((strip) => [strip.id, strip]));
    for (const strip of levels(to)) {
      const former = before.get(strip.id);
      if (former && former !== strip) this.#glide(draft, former, strip, findStrip(strip.id));
    }
  }

  #glide(
    draft: Draft<Model>,
    from: Level,
    to: Level | null,
    find: Glide['find'],
    remove: Glide['remove'] = () => undefined,
  ): void {
    const fromDb = audible(from);
    const toDb = to ? audible(to) : GAIN_MIN_DB;
    const now = find(draft);
    if (!now) return;
    if (fromDb === toDb) {
      if (to === null) remove(draft);
      return;
    }
    const end = to && { gain: to.gain, muted: to.muted };
    now.gain = fromDb;
    now.muted = false;
    this.#glides.push({ find, fromDb, toDb, end, remove, last: fromDb });
  }
}

const findRoute =
  ({ source, destination }: Route): Glide['find'] =>
  (model) =>
    model.routes.find((route) => route.source === source && route.destination === destination);

const findStrip =
  (id: string): Glide['find'] =>
  (model) => {
    const strip = [...model.sources, ...model.destinations, ...model.groups].find((other) => other.id === id);
    return strip && 'gain' in strip ? strip : undefined;
  };
