import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { ENTER, type FakePi } from './gadgets-fake-pi.ts';
import { eventually } from './pulse-wait.ts';
import { freePort } from './free-port.ts';

/** A real OpenSSH server of our own on 127.0.0.1; whoever logs in is in a made-up Pi. Keys only: it has no passwords. */
export class PrivateSshd {
  readonly port: number;
  readonly user = userInfo().username;
  readonly #child: ChildProcess;
  readonly #directory: string;

  private constructor(port: number, child: ChildProcess, directory: string) {
    this.port = port;
    this.#child = child;
    this.#directory = directory;
  }

  static async start(pi: FakePi): Promise<PrivateSshd> {
    const directory = await mkdtemp(join(tmpdir(), 'crosspoint-sshd-'));
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(directory, 'host')]);
    // Where a server that is not the system's finds what it needs for its unprivileged half.
    if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
    const port = await freePort();
    const file = join(directory, 'sshd_config');
    await writeFile(
      file,
      [
        `ListenAddress 127.0.0.1:${port}`,
        `HostKey ${directory}/host`,
        `AuthorizedKeysFile ${pi.root}/home/pi/.ssh/authorized_keys`,
        `ForceCommand exec ${ENTER} ${pi.root} "$SSH_ORIGINAL_COMMAND"`,
        'PidFile none',
        'StrictModes no',
        'UsePAM no',
        'PasswordAuthentication no',
        'KbdInteractiveAuthentication no',
        'PermitRootLogin prohibit-password',
        '',
      ].join('\n'),
    );
    const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', file], { stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (data: Buffer) => (said += data.toString()));
    await eventually(
      'sshd',
      () => {
        if (child.exitCode !== null) throw new Error(`sshd ended: ${said}`);
        return answers(port);
      },
      10_000,
    );
    return new PrivateSshd(port, child, directory);
  }

  async dispose(): Promise<void> {
    const closed = once(this.#child, 'close');
    this.#child.kill();
    await closed;
    await rm(this.#directory, { recursive: true, force: true });
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
