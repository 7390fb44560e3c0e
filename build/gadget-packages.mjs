// The Debian packages that the box installs on its gadgets.
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './setup.mjs';

/**
 * @param {readonly string[]} architectures Debian's names
 * @param {string} out the folder for them
 * @throws Error
 */
export function buildGadgetPackages(architectures, out) {
  mkdirSync(out, { recursive: true });
  for (const architecture of architectures) {
    const { status } = spawnSync(join(ROOT, 'native/gadget/deb.sh'), [architecture, out], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    if (status !== 0) throw new Error(`The gadget's package for ${architecture} could not be built.`);
  }
}
