import { describe, expect, test } from 'vitest';
import {
  CrosspointError,
  formatSceneFile,
  parseSceneFile,
  type Scene,
  sceneFileName,
} from '../../../electron/contract/index.ts';

const scene: Scene = {
  name: 'Evening / stage',
  routes: [
    { source: 'mic:desk', destination: 'office.mic', gain: -6, muted: false } as Scene['routes'][number],
  ],
  channels: { 'mic:desk': { muted: true, gain: 3 } },
};

test('a scene that is written and read again is the same', () => {
  expect(parseSceneFile(formatSceneFile(scene))).toEqual(scene);
});

test.each([
  ['Evening / stage', 'Evening - stage.crosspoint-scene'],
  ['../../etc', 'etc.crosspoint-scene'],
  ['Bühne 2', 'Bühne 2.crosspoint-scene'],
  ['???', 'scene.crosspoint-scene'],
])('the file of %j is named %j: what every file system takes', (name, expected) => {
  expect(sceneFileName({ ...scene, name })).toBe(expected);
});

describe('what is no scene is refused, and why', () => {
  const reasonOf = (text: string): unknown => {
    try {
      return parseSceneFile(text);
    } catch (error) {
      if (error instanceof CrosspointError) return [error.code, error.message, error.path];
      throw error;
    }
  };
  test.each([
    ['', 'bad-request', 'This is not a scene of Crosspoint.', undefined],
    ['[]', 'bad-request', 'This is not a scene of Crosspoint.', undefined],
    ['{"name":"x"}', 'bad-request', 'This is not a scene of Crosspoint.', undefined],
    ['{"crosspoint":"scene","version":9}', 'bad-request', 'The scene is from a newer Crosspoint.', undefined],
    [
      '{"crosspoint":"scene","version":1,"scene":{"name":"x","routes":[{"source":"?"}],"channels":{}}}',
      'bad-request',
      'The scene is damaged.',
      'scene.routes.0.source',
    ],
  ])('%j', (text, ...reason) => {
    expect(reasonOf(text)).toEqual(reason);
  });
  test('too much of it', () => {
    expect(reasonOf(' '.repeat(5_000_000))).toEqual([
      'too-large',
      'The file is too big for a scene.',
      undefined,
    ]);
  });
});
