import { cellKey, formatDb, type ServiceStatus, type State } from '../contract/index.ts';

const MIXERS: Readonly<Record<NonNullable<ServiceStatus['mixer']>, string>> = {
  loopbacks: 'mixed by its loopbacks',
  own: 'mixed by Crosspoint itself',
};

/** The state as a few lines for a terminal. */
export function statusText({ config, status }: State): string {
  const label = (id: string): string => {
    const channel = [...config.sources, ...config.destinations].find((candidate) => candidate.id === id);
    return channel && channel.label !== id ? `${channel.label} (${id})` : id;
  };
  const mark = (muted: boolean): string => (muted ? ', muted' : '');
  const section = (title: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : [title, ...lines.map((line) => `  ${line}`)];
  const state = (id: string): string => status.devices[id]?.state ?? 'unknown';
  return [
    ...section(
      'Services',
      Object.entries(status.services).map(([name, { state: s, version, address, mixer, reason }]) =>
        [name, s, version, address, mixer && MIXERS[mixer], reason]
          .filter((part) => part !== undefined)
          .join('  '),
      ),
    ),
    ...section(
      'Sources',
      config.sources.map(({ id, muted }) => `${label(id)}: ${state(id)}${mark(muted)}`),
    ),
    ...section(
      'Destinations',
      config.destinations.map(
        ({ id, muted, locked }) =>
          `${label(id)}: ${state(id)}${mark(muted)}${locked ? ', locked' : ''}${status.tally[id] === true ? ', on air' : ''}`,
      ),
    ),
    ...section(
      'Routes',
      config.routes.map(({ source, destination, gain, muted }) => {
        const cell = status.cells[cellKey(source, destination)];
        const audio = config.sources.find(({ id }) => id === source)?.media === 'audio';
        const reason = cell?.reason === undefined ? '' : `: ${cell.reason}`;
        return `${label(source)} → ${label(destination)}${audio ? `  ${formatDb(gain)}` : ''}${mark(muted)}  ${cell?.state ?? 'pending'}${reason}`;
      }),
    ),
    ...section(
      'Problems',
      status.problems.map(
        ({ severity, message, hint }) => `${severity}: ${message}${hint === undefined ? '' : ` ${hint}`}`,
      ),
    ),
  ].join('\n');
}
