import { type BoxFacts, type GadgetDesired, type GadgetLinks } from '../plane.ts';
import { type BoxKey } from '../box-key.ts';
import { type PackageShelf } from '../package-shelf.ts';
import { type SshSession } from '../ssh/index.ts';
import { type Pi } from './pi.ts';

/** What the steps of one action work with. */
export interface StepContext {
  readonly pi: Pi;
  readonly gadget: GadgetDesired;
  readonly box: BoxFacts;
  readonly boxKey: BoxKey;
  readonly shelf: PackageShelf;
  /** What the other planes see of the gadget now. */
  readonly links: () => GadgetLinks;
  /** Log in with the box's key alone, to see that it does. */
  readonly loginByBoxKey: () => Promise<SshSession>;
  /** The box's key is in: from now on the gadget is looked after without a password. */
  readonly onManaged: () => Promise<void>;
}

export type Progress = (detail: string, part?: number) => void;

/** Whether something is as it shall be, and a sentence about it. */
export interface Finding {
  readonly done: boolean;
  readonly detail: string;
}

/**
 * One step of an action. It looks first; what is so already is left alone, so that each step may be taken again at any
 * time, also after it broke off half-way.
 */
export interface Step {
  readonly id: string;
  readonly title: string;
  /** @throws CrosspointError when it cannot become so, with a hint */
  check(context: StepContext): Promise<Finding>;
  /** Make it so. @returns a sentence about what was done */
  run?(context: StepContext, report: Progress): Promise<string>;
}
