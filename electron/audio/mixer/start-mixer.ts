import { spawn } from 'node:child_process';
import { mkdir, open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CrosspointError } from '../../contract/index.ts';
import { socketDirectory } from '../daemon/socket-directory.ts';
import { type Environment } from '../pulse/index.ts';

const START_TIMEOUT_MS = 5000;
const SOCKET = 'socket';

/** What it takes to start a mixer, and where it is found again. */
export interface MixerHome {
  /** The program; it may not be there. */
  readonly program: string;
  /** The engine's folder. */
  readonly runtimeDir: string;
  /** The sound server's address, as in PULSE_SERVER. */
  readonly server: string;
  readonly cookie: Uint8Array;
  readonly env: Environment;
}

/** Debian's names of the architectures that the program is built for. */
const ARCHITECTURES: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64', arm64: 'arm64' };

/** @param folder has a folder for each architecture */
export const mixerProgramIn = (folder: string): string =>
  join(folder, ARCHITECTURES[process.arch] ?? process.arch, 'crosspoint-mixer');

const directoryOf = ({ runtimeDir }: MixerHome): string => socketDirectory(runtimeDir, 'mixer', SOCKET);
export const mixerSocket = (home: MixerHome): string => join(directoryOf(home), SOCKET);

/**
 * Starts a mixer; resolves when it can be connected to. It is no child process: it outlives a crash of the engine, so
 * that the sound goes on and the next engine takes it over; with no engine it ends by itself.
 * @throws CrosspointError `unavailable`, `timeout`
 */
export async function startMixer(home: MixerHome): Promise<void> {
  const directory = directoryOf(home);
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const cookie = join(directory, 'cookie');
  await writeFile(cookie, home.cookie, { mode: 0o600 });
  const log = join(directory, 'mixer.log');
  const errors = await open(log, 'w', 0o600);
  try {
    const child = spawn(
      home.program,
      ['--socket', mixerSocket(home), '--server', home.server, '--cookie', cookie],
      { detached: true, stdio: ['ignore', 'pipe', errors.fd], cwd: '/', env: { ...home.env } },
    );
    child.unref();
    await new Promise<void>((resolve, reject) => {
      const fail = (error: CrosspointError): void => {
        clearTimeout(timer);
        reject(error);
      };
      const timer = setTimeout(() => {
        // Late, it would take the place of the next one's socket.
        child.kill('SIGKILL');
        fail(new CrosspointError('timeout', 'it was started but does not answer'));
      }, START_TIMEOUT_MS);
      child.once('error', (error: NodeJS.ErrnoException) =>
        fail(
          new CrosspointError(
            'unavailable',
            error.code === 'ENOENT' ? 'it is not part of this installation' : error.message,
            { cause: error },
          ),
        ),
      );
      child.once('exit', (code, signal) => {
        void lastWords(log).then((words) =>
          fail(new CrosspointError('unavailable', words || `it ended at once, ${signal ?? `code ${code}`}`)),
        );
      });
      // It says so when it listens, and nothing else.
      child.stdout?.once('data', () => {
        clearTimeout(timer);
        resolve();
      });
    });
    child.stdout?.destroy();
    child.removeAllListeners('exit');
  } finally {
    await errors.close();
  }
}

/** What a mixer said last, without the priority that journals read. */
async function lastWords(log: string): Promise<string> {
  const text = await readFile(log, 'utf8').catch(() => '');
  return (text.trim().split('\n').at(-1) ?? '').replace(/^<\d>/, '').slice(-300);
}
