/** An engine's audio plane as a process of its own, to be killed: `pulse-engine.ts {"server":…,"runtimeDir":…,"desired":…}`. */
import { createAudioPlane } from '../../electron/audio/create.ts';
import { type AudioDesired } from '../../electron/audio/plane.ts';
import { MIXER_PROGRAM, NO_FEEDS } from './pulse-rig.ts';
import { silentLogger } from '../../electron/base/logger.ts';

const {
  server,
  runtimeDir,
  desired,
  mixerProgram = MIXER_PROGRAM,
} = JSON.parse(process.argv[2] ?? '{}') as {
  server: string;
  runtimeDir: string;
  desired: AudioDesired;
  mixerProgram?: string;
};
const plane = createAudioPlane({
  log: silentLogger,
  server,
  runtimeDir,
  mixerProgram,
  feeds: NO_FEEDS,
});
plane.onStatus((status) => process.stdout.write(`${JSON.stringify(status)}\n`));
await plane.start();
plane.apply(desired);
process.once('SIGTERM', () => void Promise.resolve(plane.dispose()).then(() => process.exit(0)));
