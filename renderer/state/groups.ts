import { GAIN_MIN_DB, type Config, type Group } from '../../electron/contract/index.ts';

const known = new WeakMap<readonly Group[], ReadonlyMap<string, readonly Group[]>>();
const NONE: readonly Group[] = [];

/** The groups that a source or destination is a member of; the same array until the groups change. */
export function groupsOf({ groups }: Pick<Config, 'groups'>, id: string): readonly Group[] {
  let map = known.get(groups);
  if (!map) {
    const byMember = new Map<string, Group[]>();
    for (const group of groups)
      for (const member of group.members) {
        const list = byMember.get(member);
        if (list) list.push(group);
        else byMember.set(member, [group]);
      }
    known.set(groups, (map = byMember));
  }
  return map.get(id) ?? NONE;
}

/** Names of the groups that mute it now; empty when none does. */
export const mutingGroups = (config: Pick<Config, 'groups'>, id: string): string =>
  groupsOf(config, id)
    .filter(({ muted }) => muted)
    .map(({ label }) => label)
    .join(', ');

/** What its groups add to its gain, in dB. */
export const groupGain = (config: Pick<Config, 'groups'>, id: string): number =>
  groupsOf(config, id).reduce(
    (sum, { gain }) => (sum <= GAIN_MIN_DB || gain <= GAIN_MIN_DB ? GAIN_MIN_DB : sum + gain),
    0,
  );

/** Names of the groups that mute the ends of a connection. */
export const groupMutes = (
  config: Pick<Config, 'groups'>,
  source: string,
  destination: string,
): { readonly source: string; readonly destination: string } => ({
  source: mutingGroups(config, source),
  destination: mutingGroups(config, destination),
});
