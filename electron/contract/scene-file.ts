import { z } from 'zod';
import { Scene } from './config.ts';
import { CrosspointError } from './errors.ts';

/** How the desktop knows the files; packages register it. */
export const SCENE_FILE_EXTENSION = 'crosspoint-scene';
/** No scene comes near it, in bytes. */
export const SCENE_FILE_LIMIT = 4 * 1024 * 1024;
const VERSION = 1;

/** One scene in a file of its own: JSON, which says what it is. */
const SceneFile = z.object({ crosspoint: z.literal('scene'), version: z.literal(VERSION), scene: Scene });

/** The text of a scene's file. */
export const formatSceneFile = (scene: Scene): string =>
  `${JSON.stringify({ crosspoint: 'scene', version: VERSION, scene }, null, 2)}\n`;

/** A name for the file: what every file system takes. */
export const sceneFileName = (scene: Scene): string =>
  `${scene.name.replace(/[^\p{L}\p{N} ._-]+/gu, '-').replace(/^[. -]+/, '') || 'scene'}.${SCENE_FILE_EXTENSION}`;

/** @throws CrosspointError `too-large`; `bad-request`: it is no scene, a damaged one, or of a newer Crosspoint */
export function parseSceneFile(text: string): Scene {
  if (text.length > SCENE_FILE_LIMIT)
    throw new CrosspointError('too-large', 'The file is too big for a scene.');
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new CrosspointError('bad-request', 'This is not a scene of Crosspoint.', { cause });
  }
  const head = z.object({ crosspoint: z.literal('scene'), version: z.int().min(1) }).safeParse(content);
  if (!head.success) throw new CrosspointError('bad-request', 'This is not a scene of Crosspoint.');
  if (head.data.version > VERSION)
    throw new CrosspointError('bad-request', 'The scene is from a newer Crosspoint.', {
      hint: 'Update this one, then try again.',
    });
  const file = SceneFile.safeParse(content);
  if (file.success) return file.data.scene;
  const [issue] = file.error.issues;
  throw new CrosspointError('bad-request', 'The scene is damaged.', {
    ...(issue ? { path: issue.path.join('.') } : {}),
    cause: file.error,
  });
}
