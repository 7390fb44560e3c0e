import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eventually } from './pulse-wait.ts';
import { freePort } from './free-port.ts';

const SCRIPTS = fileURLToPath(new URL('../virtual-pi/', import.meta.url));

/** How the guest reaches what listens on this machine's loopback. */
export const HOST_FROM_GUEST = '10.0.2.2';

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Collect what a process says until it ends. */
export async function finished(
  child: ChildProcess,
  what: string,
  deadlineMs: number,
  input?: Uint8Array | string,
): Promise<Finished> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin?.on('error', () => undefined).end(input);
  const timer = setTimeout(() => child.kill('SIGKILL'), deadlineMs);
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  if (signal === 'SIGKILL') throw new Error(`${what}: not within ${deadlineMs} ms\n${stdout}\n${stderr}`);
  return { code, stdout, stderr };
}

async function script(name: string, args: readonly string[], deadlineMs: number): Promise<string> {
  const child = spawn(join(SCRIPTS, name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const { code, stdout, stderr } = await finished(child, name, deadlineMs);
  if (code !== 0) throw new Error(`${name} ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

/** Ends the guest when this process ends, however that may be. */
function haltWithUs(run: string): void {
  const watch = `while kill -0 ${process.pid} 2> /dev/null; do sleep 1; done; "$0/halt.sh" "$1"; rm -rf "$1"`;
  spawn('sh', ['-c', watch, SCRIPTS, run], { detached: true, stdio: 'ignore' }).unref();
}

/** The virtual Pi: a real kernel in QEMU that is the gadget and, on the other end of its USB, the client computer. */
export class VirtualPi {
  readonly sshPort: number;
  /** The private key that root's authorized_keys knows. */
  readonly key: string;
  readonly #image: string;
  readonly #run: string;

  private constructor(image: string, run: string, sshPort: number) {
    this.#image = image;
    this.#run = run;
    this.sshPort = sshPort;
    this.key = join(image, 'id_ed25519');
  }

  /** A bare guest, just booted. The first one on a machine takes minutes: its image is built then. */
  static async start(): Promise<VirtualPi> {
    const image = await script('image.sh', [], 1_200_000);
    await script('snapshot.sh', ['make', image], 400_000);
    const run = await mkdtemp(join(tmpdir(), 'crosspoint-vpi-'));
    const port = await freePort();
    haltWithUs(run);
    await script('snapshot.sh', ['restore', image, run, String(port)], 120_000);
    const guest = new VirtualPi(image, run, port);
    await guest.answers(120_000);
    await guest.ok(`date -s @${(Date.now() / 1000).toFixed(3)}`);
    return guest;
  }

  async dispose(): Promise<void> {
    await script('halt.sh', [this.#run], 20_000);
    await rm(this.#run, { recursive: true, force: true });
  }

  get #sshArguments(): string[] {
    const options = {
      IdentityFile: this.key,
      IdentitiesOnly: 'yes',
      StrictHostKeyChecking: 'no',
      UserKnownHostsFile: '/dev/null',
      LogLevel: 'ERROR',
      ConnectTimeout: '10',
      ControlMaster: 'auto',
      ControlPath: join(this.#run, 'ssh'),
      ControlPersist: '60',
      ServerAliveInterval: '15',
    };
    return [
      ...Object.entries(options).flatMap(([key, value]) => ['-o', `${key}=${value}`]),
      '-p',
      String(this.sshPort),
      'root@127.0.0.1',
    ];
  }

  /** Start a shell command in the guest. */
  spawn(command: string): ChildProcess {
    return spawn('ssh', [...this.#sshArguments, command], { stdio: ['pipe', 'pipe', 'pipe'] });
  }

  run(
    command: string,
    options: { deadlineMs?: number; input?: Uint8Array | string } = {},
  ): Promise<Finished> {
    return finished(this.spawn(command), command, options.deadlineMs ?? 60_000, options.input);
  }

  /** Standard output of a command that has to succeed. */
  async ok(
    command: string,
    options: { deadlineMs?: number; input?: Uint8Array | string } = {},
  ): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, options);
    if (code !== 0) throw new Error(`in the guest: ${command}: exit ${code}\n${stdout}\n${stderr}`);
    return stdout.trimEnd();
  }

  /** Write a file of the guest. */
  async put(path: string, content: Uint8Array | string, mode = '644'): Promise<void> {
    await this.ok(`cat > '${path}.new' && chmod ${mode} '${path}.new' && mv '${path}.new' '${path}'`, {
      input: content,
      deadlineMs: 120_000,
    });
  }

  /** Waits until SSH works (again). */
  async answers(deadlineMs: number): Promise<void> {
    await eventually(
      'SSH to the virtual Pi',
      async () =>
        (await this.run('true', { deadlineMs: Math.min(deadlineMs, 30_000) }).catch(() => ({ code: 1 })))
          .code === 0,
      deadlineMs,
      200,
    );
  }

  /** A command of QEMU's monitor: `set_link nic off`, `system_reset` … */
  async monitor(command: string): Promise<void> {
    await writeFile(join(this.#run, 'monitor.in'), `${command}\n`);
  }

  async setNetwork(up: boolean): Promise<void> {
    await this.monitor(`set_link nic ${up ? 'on' : 'off'}`);
  }

  /** Its power goes: what it had not written yet is lost. */
  async cutPower(): Promise<void> {
    await script('halt.sh', [this.#run], 20_000);
    await this.#hangUp();
  }

  /** Its power comes back. Resolves when SSH answers. */
  async powerOn(): Promise<void> {
    await script('boot.sh', [this.#image, this.#run, String(this.sshPort)], 400_000);
    await this.answers(60_000);
  }

  /** While its power is off: replay the journal on a copy of its disk, as the next start does, then check all of it. */
  async checkDisk(): Promise<Finished> {
    const copy = join(this.#run, 'check.ext4');
    const shell = `cp --sparse=always "$0" "$1" && { e2fsck -p "$1" > /dev/null || [ $? = 1 ]; } && e2fsck -fn "$1"`;
    const child = spawn('sh', ['-c', shell, join(this.#run, 'disk.ext4'), copy], {
      // Debian keeps e2fsck where only root's PATH leads.
      env: { ...process.env, PATH: `${process.env.PATH ?? ''}:/usr/sbin:/sbin` },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const result = await finished(child, 'e2fsck', 120_000);
    await rm(copy, { force: true });
    return result;
  }

  /** The connection that commands share is as good as dead. */
  async #hangUp(): Promise<void> {
    await spawnQuietly('ssh', ['-O', 'exit', ...this.#sshArguments]);
  }

  /** Restart it as a person would, and wait until it is back. */
  async reboot(): Promise<void> {
    const before = await this.ok('cat /proc/sys/kernel/random/boot_id');
    await this.run('systemctl reboot', { deadlineMs: 20_000 }).catch(() => undefined);
    await this.#hangUp();
    await eventually(
      'the virtual Pi to be back',
      async () => {
        const { code, stdout } = await this.run('cat /proc/sys/kernel/random/boot_id', {
          deadlineMs: 30_000,
        }).catch(() => ({
          code: 1,
          stdout: '',
        }));
        return code === 0 && stdout.trim() !== before;
      },
      240_000,
      1000,
    );
  }
}

async function spawnQuietly(command: string, args: readonly string[]): Promise<void> {
  await once(spawn(command, args, { stdio: 'ignore' }), 'close');
}
