import { describe, expect, it } from 'vitest';
import { findCycle } from '../../../../electron/audio/graph/cycles.ts';
import { desire } from '../../../support/pulse-rig.ts';

const routing = (...routes: string[]) =>
  desire({
    gadgets: ['a', 'b', 'c'],
    mics: { 'mic:room': 'room' },
    routes: Object.fromEntries(routes.map((route) => [route, 0])),
  });

describe('sound that goes round', () => {
  it('does not while clients keep what they hear to themselves', () => {
    expect(findCycle(routing('a.return|b.mic', 'b.return|a.mic'), new Set())).toBeNull();
  });

  it('is found across any number of clients that play back what they hear', () => {
    const all = new Set(['a', 'b', 'c']);
    expect(findCycle(routing('a.return|a.mic'), all)).toEqual(['a.return', 'a.mic']);
    expect(
      findCycle(routing('mic:room|a.mic', 'a.return|b.mic', 'b.return|c.mic', 'c.return|a.mic'), all),
    ).toHaveLength(6);
    expect(
      findCycle(routing('mic:room|a.mic', 'a.return|b.mic', 'a.return|c.mic', 'b.return|c.mic'), all),
    ).toBeNull();
  });

  it('is cut where one client does not play back', () => {
    expect(findCycle(routing('a.return|b.mic', 'b.return|a.mic'), new Set(['a']))).toBeNull();
  });
});
