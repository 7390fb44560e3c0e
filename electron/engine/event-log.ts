import { type LogEntry, type State } from '../contract/index.ts';

/** So many entries are remembered. */
const LIMIT = 500;

type News = Omit<LogEntry, 'number' | 'at'>;

/** What happened, newest last; lives as long as the engine. */
export class EventLog {
  readonly #onEntries: (entries: readonly LogEntry[]) => void;
  #entries: readonly LogEntry[] = [];
  #number = 0;

  constructor(onEntries: (entries: readonly LogEntry[]) => void) {
    this.#onEntries = onEntries;
  }

  get entries(): readonly LogEntry[] {
    return this.#entries;
  }

  add(...news: readonly News[]): void {
    if (news.length === 0) return;
    const at = Date.now();
    const fresh = news.map((entry) => ({ number: ++this.#number, at, ...entry }));
    this.#entries = [...this.#entries, ...fresh].slice(-LIMIT);
    this.#onEntries(fresh);
  }
}

/** What a person would want to know about the way from one document to the next: what came, went, failed, is used. */
export function newsBetween(before: State, after: State): readonly News[] {
  if (before.status === after.status) return [];
  return [...devices(before, after), ...tallies(before, after), ...problems(before, after)];
}

const labelOf = ({ config }: State, id: string): string =>
  [...config.sources, ...config.destinations, ...config.gadgets].find((entity) => entity.id === id)?.label ??
  id;

function devices(before: State, after: State): News[] {
  const { devices: now } = after.status;
  if (before.status.devices === now) return [];
  return Object.entries(now).flatMap(([subject, { state, reason }]): News[] => {
    const former = before.status.devices[subject];
    // What is seen for the first time is no news: it was just added.
    if (former === undefined || former.state === state) return [];
    const name = `${labelOf(after, subject)} (${subject})`;
    if (state === 'online')
      return [{ kind: 'state', severity: 'info', subject, message: `${name} is there.` }];
    return [
      {
        kind: 'state',
        severity: state === 'error' ? 'error' : 'warning',
        subject,
        message: `${name}: ${reason ?? 'is gone.'}`,
      },
    ];
  });
}

function tallies(before: State, after: State): News[] {
  const { tally: now } = after.status;
  if (before.status.tally === now) return [];
  return Object.entries(now).flatMap(([subject, used]): News[] =>
    used === (before.status.tally[subject] ?? false)
      ? []
      : [
          {
            kind: 'state',
            severity: 'info',
            subject,
            message: `${labelOf(after, subject)} (${subject}) is ${used ? 'on air' : 'not used any more'}.`,
          },
        ],
  );
}

function problems(before: State, after: State): News[] {
  if (before.status.problems === after.status.problems) return [];
  const old = new Map(before.status.problems.map((problem) => [problem.id, problem]));
  const now = new Set(after.status.problems.map(({ id }) => id));
  return [
    // Those of devices are told as the device's own news.
    ...after.status.problems
      .filter(({ id }) => !old.has(id) && !id.startsWith('device:'))
      .map(({ severity, message, subject }): News => ({
        kind: 'state',
        severity,
        message,
        ...(subject === undefined ? {} : { subject }),
      })),
    ...[...old.values()]
      .filter(({ id }) => !now.has(id) && !id.startsWith('device:'))
      .map(({ message, subject }): News => ({
        kind: 'state',
        severity: 'info',
        message: `Solved: ${message}`,
        ...(subject === undefined ? {} : { subject }),
      })),
  ];
}
