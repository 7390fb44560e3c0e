import { describe, expect, it } from 'vitest';
import { mixerFor, OWN_FROM } from '../../../../electron/audio/graph/mixers.ts';

describe('which mixer is used', () => {
  it.each(['loopbacks', 'own'] as const)('is %s when that is asked for', (setting) => {
    for (const routes of [0, 1, 1000]) expect(mixerFor(setting, routes, 'loopbacks')).toBe(setting);
  });

  it('by itself is loopbacks for a few routes, and our own for many', () => {
    expect(mixerFor('auto', 0, 'loopbacks')).toBe('loopbacks');
    expect(mixerFor('auto', OWN_FROM - 1, 'loopbacks')).toBe('loopbacks');
    expect(mixerFor('auto', OWN_FROM, 'loopbacks')).toBe('own');
  });

  it('does not go back and forth with one route', () => {
    expect(mixerFor('auto', OWN_FROM - 1, 'own')).toBe('own');
    expect(mixerFor('auto', 2, 'own')).toBe('loopbacks');
  });
});
