import { describe, expect, it } from 'vitest';
import { neededFeeds } from '../../../../electron/audio/feeds/feed-hub.ts';
import { desire } from '../../../support/pulse-rig.ts';

const of = (more: Partial<Parameters<typeof desire>[0]>, metered: string[] = []) => [
  ...neededFeeds(
    desire({ gadgets: ['desk'], speakers: { 'speaker:phones': 'phones' }, ingests: ['obs'], ...more }),
    new Set(metered),
  ),
];

describe('the sound of an ingest is decoded', () => {
  it('not while nobody wants it', () => expect(of({})).toEqual([]));
  it('while it is routed', () =>
    expect(of({ routes: { 'ingest:obs.audio|desk.mic': 0 } })).toEqual(['ingest:obs']));
  it('while somebody looks at its meter', () => expect(of({}, ['ingest:obs.audio'])).toEqual(['ingest:obs']));
  it('while it is soloed, if there are headphones', () => {
    expect(of({ solo: { on: 'speaker:phones', ids: ['ingest:obs.audio'] } })).toEqual(['ingest:obs']);
    expect(of({ solo: { on: 'speaker:gone', ids: ['ingest:obs.audio'] } })).toEqual([]);
  });
});
