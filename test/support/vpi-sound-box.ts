import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './pulse-wait.ts';
import { freePort } from './free-port.ts';
import { finished, HOST_FROM_GUEST } from './vpi-guest.ts';
import { recordSource } from './vpi-recorder.ts';

const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Stands for the box's sound: a PulseAudio that listens to gadgets over TCP, with one gadget's two buses. */
export class SoundBox {
  readonly cookie = randomBytes(256);
  readonly sink = 'crosspoint.desk.return';
  readonly source = 'crosspoint.desk.mic.monitor';
  #directory = '';
  #port = 0;
  #daemon: ChildProcess | undefined;

  static async start(): Promise<SoundBox> {
    const box = new SoundBox();
    box.#directory = await mkdtemp(join(tmpdir(), 'crosspoint-vpi-sound-'));
    box.#port = await freePort();
    await writeFile(join(box.#directory, 'cookie'), box.cookie, { mode: 0o600 });
    await box.launch();
    return box;
  }

  /** (Again) on the same port. */
  async launch(): Promise<void> {
    const cookie = join(this.#directory, 'cookie');
    const lines = [
      `load-module module-native-protocol-unix socket=${join(this.#directory, 'native')} auth-cookie=${cookie}`,
      `load-module module-native-protocol-tcp listen=127.0.0.1 port=${this.#port} auth-cookie=${cookie}`,
      `load-module module-null-sink sink_name=${this.sink} rate=48000`,
      'load-module module-null-sink sink_name=crosspoint.desk.mic rate=48000',
      '',
    ];
    const start = join(this.#directory, 'start.pa');
    await writeFile(start, lines.join('\n'));
    const child = spawn(
      'pulseaudio',
      [
        '-n',
        '-F',
        start,
        '--daemonize=no',
        '--use-pid-file=no',
        '--exit-idle-time=-1',
        '--high-priority=yes',
        '--realtime=yes',
      ],
      { env: this.env, stdio: 'ignore' },
    );
    running.add(child);
    child.once('exit', () => running.delete(child));
    this.#daemon = child;
    await eventually('the sound server', async () => (await this.#pactl('info')).code === 0, 20_000, 100);
  }

  /** kill -9 of the server. */
  async kill(): Promise<void> {
    const child = this.#daemon;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
  }

  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#directory, { recursive: true, force: true });
  }

  get env(): NodeJS.ProcessEnv {
    return {
      ...process.env,
      HOME: this.#directory,
      XDG_RUNTIME_DIR: this.#directory,
      PULSE_SERVER: `unix:${join(this.#directory, 'native')}`,
      PULSE_COOKIE: join(this.#directory, 'cookie'),
      LC_ALL: 'C',
    };
  }

  get address(): string {
    return `tcp:${HOST_FROM_GUEST}:${this.#port}`;
  }

  /** Also stops the daemon for a while, as a stall of the box. */
  get pid(): number {
    return this.#daemon?.pid ?? 0;
  }

  async #pactl(...args: string[]): Promise<{ code: number | null; stdout: string }> {
    return finished(
      spawn('pactl', args, { env: this.env, stdio: ['ignore', 'pipe', 'pipe'] }),
      'pactl',
      10_000,
    );
  }

  async pactl(...args: string[]): Promise<string> {
    const { code, stdout } = await this.#pactl(...args);
    if (code !== 0) throw new Error(`pactl ${args.join(' ')}: exit ${code}`);
    return stdout;
  }

  /** How many streams of the gadget's program there are. */
  async streams(): Promise<number> {
    const text = (await this.pactl('list', 'sink-inputs')) + (await this.pactl('list', 'source-outputs'));
    return text.split('application.id = "dev.crosspoint.gadget"').length - 1;
  }

  /** Connect the buses as one open crosspoint does: what the client plays comes back as its microphone. */
  async loopBack(): Promise<void> {
    await this.pactl(
      'load-module',
      'module-loopback',
      `source=${this.sink}.monitor`,
      'sink=crosspoint.desk.mic',
      ...['latency_msec=10', 'max_latency_msec=40', 'source_dont_move=true', 'sink_dont_move=true'],
    );
  }

  /** Record a bus until `stop` is called. */
  record(source: string): { stop: () => Promise<Buffer> } {
    return recordSource(source, this.env);
  }

  /** Play raw sound into a bus. */
  play(sink: string, sound: Buffer): { stop: () => Promise<void> } {
    const child = spawn(
      'pacat',
      ['-p', '-d', sink, '--format=s16le', '--rate=48000', '--channels=2', '--latency-msec=100', '--raw'],
      { env: this.env, stdio: ['pipe', 'ignore', 'ignore'] },
    );
    running.add(child);
    child.stdin.on('error', () => undefined);
    child.stdin.end(sound);
    return {
      stop: async () => {
        if (child.exitCode === null) {
          const exit = once(child, 'close');
          child.kill('SIGTERM');
          await exit;
        }
        running.delete(child);
      },
    };
  }
}
