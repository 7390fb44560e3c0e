import { type Disposable } from '../../base/disposable.ts';

/** A rig without hardware, through the same code as a real one. Its channels are part of the config while it runs. */
export interface DemoRig extends Disposable {
  readonly running: boolean;
  start(): Promise<void>;
  stop(): Promise<void>;
}
