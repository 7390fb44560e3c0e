import { describe, expect, it } from 'vitest';
import { findCycle } from '../../../../electron/audio/graph/cycles.ts';
import { desire } from '../../../support/pulse-rig.ts';

const routing = (...routes: string[]) =>
  desire({
    gadgets: ['a', 'b', 'c'],
    mics: { 'mic:room': 'room' },
    routes: Object.fromEntries(routes.map((route) => [route, 0])),
  });

const back = (...pairs: (readonly [string, string])[]) => new Map(pairs.map(([to, from]) => [to, [from]]));

describe('sound that goes round', () => {
  it('does not while nothing comes back of what is sent', () => {
    expect(findCycle(routing('a.return|b.mic', 'b.return|a.mic'), new Map())).toBeNull();
  });

  it('is found across any number of ways back', () => {
    const all = back(['a.mic', 'a.return'], ['b.mic', 'b.return'], ['c.mic', 'c.return']);
    expect(findCycle(routing('a.return|a.mic'), all)).toEqual(['a.return', 'a.mic']);
    expect(
      findCycle(routing('mic:room|a.mic', 'a.return|b.mic', 'b.return|c.mic', 'c.return|a.mic'), all),
    ).toHaveLength(6);
    expect(
      findCycle(routing('mic:room|a.mic', 'a.return|b.mic', 'a.return|c.mic', 'b.return|c.mic'), all),
    ).toBeNull();
  });

  it('is cut where one way does not come back', () => {
    const one = back(['a.mic', 'a.return']);
    expect(findCycle(routing('a.return|b.mic', 'b.return|a.mic'), one)).toBeNull();
  });
});
