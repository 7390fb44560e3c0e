import { defineConfig } from '@playwright/test';
import { findBrowser } from './build/system-packages.mjs';

// Engines of tests ask nothing in the network.
process.env.CROSSPOINT_DISCOVERY = 'off';

const executablePath = findBrowser();

export default defineConfig({
  testDir: 'test/e2e',
  // Real engines, daemons and browsers on two cores: one at a time.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  timeout: 60_000,
  // A camera may have to be started first, on a machine that is busy with the others.
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: 'out/reports/e2e.json' }]],
  use: {
    browserName: 'chromium',
    // Pictures and copies of the page with every step would take as long again as the tests.
    trace: { mode: 'retain-on-failure', screenshots: false, snapshots: false },
    screenshot: 'only-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      // Nothing of the browser's own goes out to the network.
      args: [
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
});
