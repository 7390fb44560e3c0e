import { describe, expect, it } from 'vitest';
import { findCycle } from '../../../../electron/audio/graph/cycles.ts';
import { desire } from '../../../support/pulse-rig.ts';

const routing = (...routes: string[]) =>
  desire({
    gadgets: ['a', 'b', 'c'],
    mics: { 'mic:room': 'room' },
    speakers: { 'speaker:hall': 'hall' },
    routes: Object.fromEntries(routes.map((route) => [route, 0])),
  });
const playBack = (...gadgets: string[]) => new Map(gadgets.map((id) => [`${id}.mic`, [`${id}.return`]]));

describe('sound that goes round', () => {
  it('does not while clients keep what they hear to themselves', () => {
    expect(findCycle(routing('a.return|b.mic', 'b.return|a.mic'), new Map())).toBeNull();
  });

  it('is found across any number of clients that play back what they hear', () => {
    const all = playBack('a', 'b', 'c');
    expect(findCycle(routing('a.return|a.mic'), all)).toEqual(['a.return', 'a.mic']);
    expect(
      findCycle(routing('mic:room|a.mic', 'a.return|b.mic', 'b.return|c.mic', 'c.return|a.mic'), all),
    ).toHaveLength(6);
    expect(
      findCycle(routing('mic:room|a.mic', 'a.return|b.mic', 'a.return|c.mic', 'b.return|c.mic'), all),
    ).toBeNull();
  });

  it('is cut where one client does not play back', () => {
    expect(findCycle(routing('a.return|b.mic', 'b.return|a.mic'), playBack('a'))).toBeNull();
  });

  it('is found where a microphone is made of a speaker’s monitor', () => {
    const feedback = new Map([['speaker:hall', ['mic:room']]]);
    expect(findCycle(routing('mic:room|speaker:hall'), feedback)).toEqual(['mic:room', 'speaker:hall']);
    expect(findCycle(routing('mic:room|a.mic', 'a.return|speaker:hall'), feedback)).toBeNull();
  });
});
