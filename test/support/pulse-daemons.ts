import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  parseAddresses,
  PulseClient,
  NO_COOKIE,
  type ServerFlavour,
} from '../../electron/audio/pulse/index.ts';
import { eventually } from './pulse-wait.ts';

export const FLAVOURS: readonly ServerFlavour[] = ['pulseaudio', 'pipewire'];

/** A sound server of our own, with its own home, that stands for the user's. */
export interface TestDaemon {
  readonly flavour: ServerFlavour;
  readonly directory: string;
  readonly address: string;
  /** What a client program (parec, pactl) needs to find it, and what makes `server: 'auto'` find it. */
  readonly env: NodeJS.ProcessEnv;
  readonly pids: readonly number[];
  /** kill -9 of everything that makes up the server. */
  kill(): Promise<void>;
  /** Starts it again after `kill`. Resolves when it answers. */
  start(): Promise<void>;
  connect(): Promise<PulseClient>;
  dispose(): Promise<void>;
}

/** Anything that was started here and ends with the test run, whatever happens. */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

function launch(command: string, args: readonly string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(command, args, { env, stdio: process.env.PULSE_TEST_LOG ? 'inherit' : 'ignore' });
  running.add(child);
  child.on('error', () => undefined);
  child.once('exit', () => running.delete(child));
  return child;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

const PULSE_CONFIG = `exit-idle-time = -1
flat-volumes = no
rlimit-nofile = 8192
realtime-scheduling = yes
high-priority = yes
default-sample-rate = 48000
enable-shm = yes
`;

const pulseScript = (socket: string, modules: string): string => `.fail
load-module module-native-protocol-unix socket=${socket} auth-cookie-enabled=0
load-module module-stream-restore
load-module module-device-restore
load-module module-suspend-on-idle
${modules}
`;

export interface TestDaemonOptions {
  /** More lines for PulseAudio's start script. */
  readonly pulseModules?: string;
}

export async function startTestDaemon(
  flavour: ServerFlavour,
  options: TestDaemonOptions = {},
): Promise<TestDaemon> {
  const directory = await mkdtemp(join(tmpdir(), `xp-${flavour}-`));
  const runtime = join(directory, 'run');
  const home = join(directory, 'home');
  await mkdir(join(runtime, 'pulse'), { recursive: true, mode: 0o700 });
  await mkdir(home, { mode: 0o700 });
  const socket = join(runtime, 'pulse/native');
  const env: NodeJS.ProcessEnv = {
    PATH: process.env.PATH,
    LANG: 'C.UTF-8',
    HOME: home,
    XDG_RUNTIME_DIR: runtime,
    XDG_CONFIG_HOME: join(home, '.config'),
    XDG_STATE_HOME: join(home, '.state'),
  };
  let children: ChildProcess[] = [];
  const address = `unix:${socket}`;
  const connect = (): Promise<PulseClient> =>
    PulseClient.connect({
      address: parseAddresses(address)[0]!,
      cookie: NO_COOKIE,
      properties: { 'application.id': 'test' },
    });

  async function launchPulseAudio(): Promise<void> {
    const config = join(directory, 'daemon.conf');
    const script = join(directory, 'start.pa');
    await writeFile(config, PULSE_CONFIG);
    await writeFile(script, pulseScript(socket, options.pulseModules ?? ''));
    const args = ['-n', '-F', script, '--daemonize=no', '--use-pid-file=no', '--log-target=stderr'];
    children = [launch('pulseaudio', args, { ...env, PULSE_CONFIG: config })];
  }

  async function launchPipeWire(): Promise<void> {
    const bus = join(runtime, 'bus');
    const all = { ...env, DBUS_SESSION_BUS_ADDRESS: `unix:path=${bus}` };
    children = [
      launch('dbus-daemon', ['--session', '--nofork', '--nopidfile', `--address=unix:path=${bus}`], all),
    ];
    children.push(launch('pipewire', [], all));
    await eventually('the PipeWire socket', () => existsSync(join(runtime, 'pipewire-0')) && existsSync(bus));
    children.push(launch('wireplumber', [], all), launch('pipewire-pulse', [], all));
  }

  async function answers(): Promise<boolean> {
    const client = await connect().catch(() => null);
    if (!client) return false;
    try {
      if (flavour === 'pulseaudio') return (await client.serverInfo()).name !== '';
      // The session manager has done its first work when there is a default sink with a monitor.
      return (await client.sinks()).length > 0 && !(await client.serverInfo()).defaultSink?.startsWith('@');
    } finally {
      client.dispose();
    }
  }

  async function start(): Promise<void> {
    await (flavour === 'pulseaudio' ? launchPulseAudio() : launchPipeWire());
    await eventually(`an answer of ${flavour}`, answers, 15_000);
  }

  async function stop(signal: NodeJS.Signals): Promise<void> {
    const all = children;
    children = [];
    await Promise.all(all.map((child) => end(child, signal)));
    await rm(socket, { force: true });
    await rm(join(runtime, 'bus'), { force: true });
    await rm(join(runtime, 'pipewire-0'), { force: true });
  }

  await start();
  return {
    flavour,
    directory,
    address,
    env,
    get pids() {
      return children.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    },
    kill: () => stop('SIGKILL'),
    start,
    connect,
    async dispose() {
      await stop('SIGKILL');
      await rm(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
