import { createInterface } from 'node:readline';
import { createAudioPlane } from '../../../electron/audio/create.ts';
import { type AudioDesired } from '../../../electron/audio/plane.ts';
import { silentLogger } from '../../../electron/base/logger.ts';
import { NO_FEEDS } from '../../support/pulse-rig.ts';

/**
 * The audio plane in a process of its own. Argument: `{"server":…,"runtimeDir":…,"mixerProgram":…,"desired":…,"meters":true}`.
 * Prints `{"live":<milliseconds since apply>}` once every route is live; each line on stdin is answered by
 * `{"cpuSeconds":…,"latencyMs":…}` since the last one, and in the middle of all paths as the mixer tells it.
 */
const { server, runtimeDir, mixerProgram, desired, meters } = JSON.parse(process.argv[2] ?? '{}') as {
  server: string;
  runtimeDir: string;
  mixerProgram: string;
  desired: AudioDesired;
  meters: boolean;
};
const plane = createAudioPlane({ log: silentLogger, server, runtimeDir, mixerProgram, feeds: NO_FEEDS });
const say = (answer: unknown): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
await plane.start();
const began = performance.now();
const listening = plane.onStatus(({ crosspoints }) => {
  const states = Object.values(crosspoints);
  if (states.length !== desired.routes.length || !states.every(({ state }) => state === 'live')) return;
  void listening.dispose();
  if (meters)
    plane.meter(
      [...desired.sources, ...desired.destinations].map(({ id }) => id),
      () => undefined,
    );
  say({ live: performance.now() - began });
});
plane.apply(desired);
let usage = process.cpuUsage();
createInterface({ input: process.stdin })
  .on('line', () => {
    const { user, system } = process.cpuUsage(usage);
    usage = process.cpuUsage();
    const told = Object.values(plane.status.crosspoints)
      .flatMap(({ latencyMs }) => latencyMs ?? [])
      .sort((a, b) => a - b);
    say({ cpuSeconds: (user + system) / 1e6, latencyMs: told[told.length >> 1] ?? null });
  })
  .on('close', () => void Promise.resolve(plane.dispose()).then(() => process.exit(0)));
