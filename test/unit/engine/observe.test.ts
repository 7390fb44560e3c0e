import { describe, expect, test } from 'vitest';
import { type AudioStatus, type CrosspointStatus } from '../../../electron/audio/plane.ts';
import { type CellStatus, EMPTY_STATUS } from '../../../electron/contract/index.ts';
import { deriveStatus, type Observed } from '../../../electron/engine/observe.ts';
import { NotedAudio, NotedVideo } from '../../support/engine-planes.ts';
import { modelOf, RIG } from '../../support/engine-model.ts';

const AWAY = 'The gadget is not connected to this box.';
const NOBODY = 'Nobody is publishing to its address.';
const MIC = 'mic:desk';

interface Seen {
  readonly mixed?: CrosspointStatus;
  /** Ids of gadgets with sound. */
  readonly connected?: readonly string[];
  readonly publishing?: boolean;
  readonly sound?: AudioStatus['sound'];
}

/** The cell of one route, with the microphone and the speaker of the box there. */
function cellOf(key: string, { mixed, connected = [], publishing = false, sound }: Seen): CellStatus {
  const [source, destination] = key.split('|');
  const model = modelOf(
    [
      { type: 'ingest.add', name: 'OBS' },
      { type: 'route', source, destination },
    ],
    RIG,
  );
  const observed: Observed = {
    ...EMPTY_STATUS,
    audio: {
      ...new NotedAudio().status,
      ...(sound ? { sound } : {}),
      devices: {
        microphones: [{ name: 'desk', description: 'Desk mic' }],
        speakers: [{ name: 'room', description: 'Room' }],
      },
      crosspoints: mixed ? { [key]: mixed } : {},
      gadgets: Object.fromEntries(model.gadgets.map(({ id }) => [id, { connected: connected.includes(id) }])),
    },
    video: {
      ...new NotedVideo().status,
      sources: {
        'ingest:obs': publishing ? { state: 'online' } : { state: 'offline', reason: NOBODY },
      },
    },
    gadgets: { gadgets: {}, found: [] },
  };
  return deriveStatus(model, observed).cells[key]!;
}

const LIVE: CrosspointStatus = { state: 'live', latencyMs: 13, targetMs: 10 };
const LATE: CrosspointStatus = { state: 'degraded', latencyMs: 90, targetMs: 10, reason: 'late' };

describe('a sound cell', () => {
  test.each([
    ['to a gadget', `${MIC}|desk.mic`, AWAY],
    ['from a gadget', 'desk.return|speaker:room', AWAY],
    ['from a gadget to another', 'office.return|desk.mic', AWAY],
    ['from an ingest', 'ingest:obs.audio|speaker:room', NOBODY],
  ])('%s that is not there is offline with its reason, and not late by anything', (_, key, reason) => {
    const offline = { state: 'offline', reason, targetMs: 10 };
    expect(cellOf(key, { mixed: LIVE })).toEqual(offline);
    expect(cellOf(key, { mixed: LATE })).toEqual(offline);
    expect(cellOf(key, { mixed: LIVE, connected: ['desk', 'office'], publishing: true })).toEqual(LIVE);
    expect(cellOf(key, { mixed: LATE, connected: ['desk', 'office'], publishing: true })).toEqual(LATE);
  });

  test('between two gadgets needs both, and one that is there beside them does not count', () => {
    const state = (...connected: string[]) =>
      cellOf('office.return|desk.mic', { mixed: LIVE, connected }).state;
    expect([state('desk'), state('office'), state('desk', 'office')]).toEqual(['offline', 'offline', 'live']);
    expect(cellOf(`${MIC}|desk.mic`, { mixed: LIVE, connected: ['office'] }).state).toBe('offline');
  });

  test('that is muted and so not built is offline like an open one', () => {
    expect(cellOf(`${MIC}|desk.mic`, { mixed: { state: 'live' } })).toEqual({
      state: 'offline',
      reason: AWAY,
    });
  });

  test('keeps what another program set its level to', () => {
    const heard = { gain: -20, muted: false };
    expect(cellOf(`${MIC}|desk.mic`, { mixed: { ...LIVE, heard, reason: 'Another program' } })).toMatchObject(
      { state: 'offline', reason: AWAY, heard },
    );
  });

  test.each<CrosspointStatus>([
    { state: 'error', reason: 'This would send the sound round in a circle.' },
    { state: 'pending', targetMs: 10 },
    { state: 'offline', reason: 'The microphone is not connected.' },
  ])('says what the mixer has to say first: $state', (mixed) => {
    expect(cellOf(`${MIC}|desk.mic`, { mixed })).toEqual(mixed);
  });

  test('that the mixer says nothing of yet waits, for the source or for the sound server', () => {
    expect(cellOf(`${MIC}|desk.mic`, {})).toEqual({ state: 'pending' });
    expect(cellOf('desk.return|speaker:room', {})).toEqual({ state: 'offline', reason: AWAY });
    expect(cellOf(`${MIC}|desk.mic`, { sound: { state: 'failed', reason: 'no' } })).toEqual({
      state: 'error',
      reason: 'no',
    });
  });

  test('between devices of the box needs no gadget', () => {
    expect(cellOf(`${MIC}|speaker:room`, { mixed: LIVE })).toEqual(LIVE);
  });
});
