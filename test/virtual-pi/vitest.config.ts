import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** The virtual Pi's tests alone: `npx vitest run --config test/virtual-pi/vitest.config.ts`. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    name: 'virtual-pi',
    // Engines of tests ask nothing in the network.
    env: { CROSSPOINT_DISCOVERY: 'off' },
    include: ['test/virtual-pi/*.test.ts'],
    // One emulated machine at a time; the first one on a machine is built for minutes.
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 1_800_000,
  },
});
