import { expect, test } from 'vitest';
import { Group } from '../../../../electron/contract/index.ts';
import { silencedBy } from '../../../../renderer/matrix/cell-help.ts';
import { groupGain, groupMutes, mutingGroups } from '../../../../renderer/state/groups.ts';

const groups = [
  { id: 'group:speech', label: 'Speech', gain: -6, muted: true, members: ['mic:one'] },
  { id: 'group:all', label: 'All', gain: -4, members: ['mic:one', 'desk.mic'] },
].map((group) => Group.parse(group));
const config = { groups };

test('groups add up, and say which of them mutes', () => {
  expect(groupGain(config, 'mic:one')).toBe(-10);
  expect(mutingGroups(config, 'mic:one')).toBe('Speech');
  expect(mutingGroups(config, 'desk.mic')).toBe('');
  expect(groupGain({ groups: groups.map((group) => ({ ...group, gain: -100 })) }, 'mic:one')).toBe(-100);
});

test('a mute of the source, the connection, the destination and a group are told apart', () => {
  const route = { source: 'mic:one', destination: 'desk.mic', gain: 0, muted: true } as Parameters<
    typeof silencedBy
  >[0];
  const mutes = groupMutes(config, 'mic:one', 'desk.mic');
  expect(silencedBy(route, { muted: true }, { muted: true }, mutes)).toBe(
    'source muted, connection muted, destination muted, source muted by Speech',
  );
  expect(silencedBy(undefined, { muted: true }, { muted: true }, mutes)).toBeNull();
});
