import { type BuiltPath } from '../graph/built.ts';
import { type Level } from '../graph/levels.ts';
import { type WantedCrosspoint } from '../graph/wanted.ts';
import { type Pace } from './level-ramps.ts';

/** What can build paths: loopbacks of the sound server, or our own mixer. Rejects as the sound server's client does. */
export interface PathMaker {
  /** Built silent; it is opened when it is seen to be connected where it belongs. */
  build(crosspoint: WantedCrosspoint, argument: string): Promise<void>;
  /** Silent before it is cut off. Resolves when it is gone. */
  retire(path: BuiltPath): Promise<void>;
  /** From where it is now to the level. Resolves when it is there, and never rejects. */
  glide(path: BuiltPath, level: Level, pace?: Pace): Promise<void>;
  /** What a fader was last set to; undefined: not by us, as far as we know. */
  assigned(fader: number): Level | undefined;
  /** Is it moving to a level of ours? */
  isMoving(fader: number): boolean;
  /** Is it on its way to this level? */
  isBound(fader: number, level: Level): boolean;
}
