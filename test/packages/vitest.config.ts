import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Packages in clean systems, alone: `npx vitest run --config test/packages/vitest.config.ts`. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    name: 'packages',
    include: ['test/packages/*.test.ts'],
    fileParallelism: false,
    testTimeout: 300_000,
    // A system is made, and packages are fetched for it.
    hookTimeout: 1_200_000,
  },
});
