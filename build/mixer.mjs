// Our own mixer (native/mixer), compiled where a compiler and PulseAudio's headers are.
import { spawnSync } from 'node:child_process';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { ROOT } from './setup.mjs';
import { findProgram } from './system-packages.mjs';

/** Debian's names. @type {Partial<Record<NodeJS.Architecture, string>>} */
const ARCHITECTURES = { x64: 'amd64', arm64: 'arm64' };
const HERE = ARCHITECTURES[process.arch] ?? process.arch;

export const MIXER_INPUTS = [
  'build/mixer.mjs',
  'native/mixer/Makefile',
  'native/mixer/src',
  'native/gadget/src/common',
];

export const canBuildMixer = () =>
  ['gcc', 'make'].every((name) => findProgram(name) !== undefined) &&
  existsSync('/usr/include/pulse/pulseaudio.h');

/**
 * The program in a folder that has it for several architectures.
 * @param {string} folder @param {string} [architecture] Debian's name
 */
export const mixerFile = (folder, architecture = HERE) => join(folder, architecture, 'crosspoint-mixer');

/**
 * @param {string} folder @param {string} [architecture] Debian's name
 * @returns {Promise<void>}
 * @throws Error
 */
export function makeMixer(folder, architecture = HERE) {
  const target = architecture === HERE ? 'native' : architecture;
  const file = mixerFile(folder, architecture);
  const fresh = join(dirname(file), '.new');
  const { status } = spawnSync(
    'make',
    ['-s', '-C', join(ROOT, 'native/mixer'), `ARCH=${target}`, `DESTDIR=${fresh}`, 'install'],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  if (status !== 0) throw new Error(`the mixer for ${architecture} could not be built`);
  // The old one may be running.
  renameSync(join(fresh, basename(file)), file);
  rmSync(fresh, { recursive: true });
  return Promise.resolve();
}
