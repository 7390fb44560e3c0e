import { describe, expect, test } from 'vitest';
import { Scene } from '../../../../electron/contract/index.ts';
import { hasGone, sceneChanges } from '../../../../renderer/scenes/scene-changes.ts';
import { rigState } from '../../../support/renderer-state.ts';

const { config } = rigState();
const scene = (routes: unknown[], channels: Record<string, unknown> = {}): Scene =>
  Scene.parse({ name: 'Talk', routes, channels });

describe('recalling a scene', () => {
  test('changes nothing when all is as it has it', () => {
    expect(sceneChanges(config, scene([...config.routes]))).toEqual([]);
  });

  test('tells every connection, gain and mute that changes', () => {
    const changes = sceneChanges(
      config,
      scene(
        [
          { source: 'cam:two', destination: 'desk.webcam' },
          { source: 'mic:one', destination: 'office.mic', gain: 0, muted: true },
        ],
        { 'mic:two': { muted: true, gain: -3 }, 'desk.webcam': { muted: false } },
      ),
    );
    expect(changes).toEqual([
      'connects Cam 2 to Desk',
      'Mic 1 to Office PC: −6.0 dB → 0.0 dB',
      'mutes Mic 1 to Office PC',
      'disconnects Cam 1 from Desk',
      'mutes Mic 2',
      'Mic 2: 0.0 dB → −3.0 dB',
    ]);
  });

  test('of a part tells only what changes there; locked and safe ones change nothing', () => {
    const whole = scene([{ source: 'cam:two', destination: 'desk.webcam' }], { 'mic:two': { muted: true } });
    expect(sceneChanges(config, whole, { media: 'video' })).toEqual([
      'connects Cam 2 to Desk',
      'disconnects Cam 1 from Desk',
    ]);
    expect(sceneChanges(config, whole, { destinations: ['office.mic'] })).toEqual([
      'disconnects Mic 1 from Office PC',
    ]);
    const guarded = rigState({
      sources: (source) => ({ ...source, safe: source.id === 'mic:two' }),
      destinations: (destination) => ({
        ...destination,
        locked: destination.id === 'desk.webcam',
        safe: destination.id === 'office.mic',
      }),
    });
    expect(sceneChanges(guarded.config, whole)).toEqual([]);
  });

  test('leaves out what no longer exists, and says so', () => {
    const old = scene([...config.routes, { source: 'cam:gone', destination: 'desk.webcam' }]);
    expect(sceneChanges(config, old)).toEqual([]);
    expect(hasGone(config, old)).toBe(true);
    expect(hasGone(config, scene([...config.routes]))).toBe(false);
  });
});
