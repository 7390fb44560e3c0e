import { defineConfig } from 'vitest/config';

/** Engines of tests ask nothing in the network. */
const quiet = { CROSSPOINT_DISCOVERY: 'off' };

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          env: quiet,
          include: ['test/unit/**/*.test.{ts,tsx}'],
          testTimeout: 10_000,
        },
      },
      {
        test: {
          name: 'integration',
          env: quiet,
          include: ['test/integration/**/*.test.ts'],
          exclude: ['test/integration/{audio,gadgets,packages}/**'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // Real daemons and real time on two cores: one file at a time.
          fileParallelism: false,
        },
      },
      {
        test: {
          // Tones in real time: much waiting, little work.
          name: 'sound',
          env: quiet,
          include: ['test/integration/audio/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          // Made-up Pis over SSH: much waiting, little work.
          name: 'gadgets',
          env: quiet,
          include: ['test/integration/gadgets/**/*.test.ts'],
          testTimeout: 90_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          // Packs and checks: dpkg-deb, lintian and the like, one after the other.
          name: 'packages',
          env: quiet,
          include: ['test/integration/packages/**/*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'drill',
          env: quiet,
          include: ['test/drill/**/*.test.ts'],
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'soak',
          env: quiet,
          include: ['test/soak/**/*.test.ts'],
          hookTimeout: 60_000,
        },
      },
    ],
  },
});
