import { type GadgetAction } from '../../contract/index.ts';
import { type Step } from './step.ts';
import { boxKey, greet, reach, sudo } from './steps/contact.ts';
import { blink, forgetKey, restart } from './steps/errands.ts';
import { configuration, link, services, usbMode, usbModeBack } from './steps/settings.ts';
import { dependencies, ownSoftware, previousSoftware, removeSoftware, software } from './steps/software.ts';
import { board, clock, space, writable } from './steps/system.ts';

/** What each action does, in order. */
export const ACTIONS: Readonly<Record<GadgetAction, readonly Step[]>> = {
  provision: [
    reach,
    boxKey,
    board,
    sudo,
    writable,
    space,
    clock,
    dependencies,
    software,
    configuration,
    usbMode,
    services,
    link,
  ],
  'update-software': [
    reach,
    board,
    sudo,
    writable,
    space,
    clock,
    dependencies,
    ownSoftware,
    configuration,
    services,
    link,
  ],
  rollback: [reach, sudo, writable, previousSoftware, services],
  uninstall: [reach, sudo, writable, removeSoftware, usbModeBack, forgetKey],
  reboot: [reach, sudo, restart],
  identify: [reach, sudo, blink],
  check: [greet],
};
