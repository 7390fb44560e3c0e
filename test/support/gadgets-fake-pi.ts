import { randomUUID } from 'node:crypto';
import { existsSync, readlinkSync, realpathSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const FAKES = join(import.meta.dirname, 'gadgets-fake-pi');

/** The script that runs a command inside of such a Pi. */
export const ENTER = join(FAKES, 'enter.sh');

/**
 * A made-up Raspberry Pi as a directory: its files are its own, its programs this machine's, and what would change a
 * machine (apt-get, systemctl, sudo …) is a script that changes the directory only.
 */
export class FakePi {
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** A bare Pi 4 with Raspberry Pi OS Trixie, as it comes from the imager. */
  static async create(): Promise<FakePi> {
    const pi = new FakePi(await mkdtemp(join(tmpdir(), 'crosspoint-pi-')));
    for (const directory of ['usr', 'dev', 'tmp', 'home/pi', 'run/systemd/system', 'sys/class/udc'])
      await mkdir(join(pi.root, directory), { recursive: true });
    for (const directory of [
      'fake/packages',
      'fake/active',
      'fake/enabled',
      'boot/firmware',
      'etc/alternatives',
    ])
      await mkdir(join(pi.root, directory), { recursive: true });
    await chmod(join(pi.root, 'tmp'), 0o1777);
    for (const name of ['bin', 'sbin', 'lib', 'lib64'])
      if (existsSync(`/${name}`)) await symlink(readlinkSync(`/${name}`), join(pi.root, name));
    await symlink(realpathSync('/usr/bin/awk'), join(pi.root, 'etc/alternatives/awk'));
    await cp(join(FAKES, 'bin'), join(pi.root, 'fake/bin'), { recursive: true });
    await pi.write({
      'dev/null': '',
      'etc/passwd': 'root:x:0:0::/root:/bin/sh\npi:x:1000:1000::/home/pi:/bin/sh\n',
      // In a namespace of one user there is only one group.
      'etc/group': 'root:x:0:\ncrosspoint:x:0:\n',
      'etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\nVERSION_ID="13"\n',
      'proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.5\0',
      'proc/sys/kernel/random/boot_id': `${randomUUID()}\n`,
      'proc/mounts': '/dev/mmcblk0p2 / ext4 rw,noatime 0 0\n',
      'proc/uptime': '1234.56 4000.00\n',
      'sys/class/thermal/thermal_zone0/temp': '48312\n',
      'boot/firmware/config.txt': 'arm_64bit=1\n\n[cm5]\ndtoverlay=dwc2,dr_mode=host\n\n[all]\n',
      'fake/uid': '1000',
      'fake/sudo': 'free',
      'fake/machine': 'aarch64',
      'fake/architecture': 'arm64',
      'fake/clock': '0',
      'fake/free-kb': '8000000',
      'fake/throttled': '0x0',
      'fake/log': '',
      'fake/journal': '',
      'fake/packages/kmod': '34',
    });
    return pi;
  }

  async write(files: Readonly<Record<string, string>>): Promise<void> {
    for (const [name, content] of Object.entries(files)) {
      const path = join(this.root, name);
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, content);
    }
  }

  /** Undefined when there is no such file. */
  async read(name: string): Promise<string | undefined> {
    return readFile(join(this.root, name), 'utf8').catch(() => undefined);
  }

  has(name: string): boolean {
    return existsSync(join(this.root, name));
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.root, name), { recursive: true, force: true });
  }

  /** What was done to it that changes something: one line for each call of apt-get, systemctl, date … */
  async changes(): Promise<string[]> {
    return ((await this.read('fake/log')) ?? '').split('\n').filter(Boolean);
  }

  async dispose(): Promise<void> {
    await rm(this.root, { recursive: true, force: true });
  }
}
