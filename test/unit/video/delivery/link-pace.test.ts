import { describe, expect, it } from 'vitest';
import { LinkPace } from '../../../../electron/video/delivery/link-pace.ts';

const run = (pace: LinkPace, congested: boolean, seconds: number): number => {
  for (let i = 0; i < seconds; i++) pace.check(congested);
  return pace.reduction;
};

describe('a link', () => {
  it('gets smaller pictures after two bad seconds, in two steps, and full ones after calm', () => {
    const pace = new LinkPace();
    expect(run(pace, true, 1)).toBe(0);
    expect(run(pace, true, 1)).toBe(1);
    expect(run(pace, true, 2)).toBe(2);
    expect(run(pace, true, 10)).toBe(2);
    expect(run(pace, false, 9)).toBe(2);
    expect(run(pace, false, 1)).toBe(1);
    expect(run(pace, false, 10)).toBe(0);
  });

  it('is not given up to chance: single bad seconds change nothing', () => {
    const pace = new LinkPace();
    for (let i = 0; i < 50; i++) pace.check(i % 2 === 0);
    expect(pace.reduction).toBe(0);
  });

  it('waits longer with each try that fails, so that a slow link does not swing', () => {
    const pace = new LinkPace();
    let changes = 0;
    let last = 0;
    for (let second = 0; second < 600; second++) {
      const now = pace.check(pace.reduction === 0);
      if (now !== last) changes++;
      last = now;
    }
    expect(changes).toBeLessThan(20);
  });
});
