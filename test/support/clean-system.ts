import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { output, ROOT } from './packages.ts';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ARCHIVES = join(
  process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
  'crosspoint/packages/archives',
);
/** Nobody's command line of our own: only what the system of the test has. */
const ENVIRONMENT = [
  'env',
  '-i',
  'PATH=/usr/sbin:/usr/bin:/sbin:/bin',
  'LANG=C.UTF-8',
  'DEBIAN_FRONTEND=noninteractive',
];
const LIMIT_MS = 240_000;

/** What runs, by its name in the kernel and its command line. */
export interface Program {
  readonly name: string;
  readonly pid: number;
  readonly parent: number;
  readonly uid: number;
  readonly command: string;
}

/**
 * A clean Debian with its own systemd, network and processes, in a container of systemd-nspawn. Packages are fetched
 * before it is started; from then on its network is a loopback interface of its own.
 */
export class CleanSystem {
  readonly root: string;
  #nspawn: ChildProcess | undefined;
  #leader = 0;

  private constructor(root: string) {
    this.root = root;
  }

  static async make(): Promise<CleanSystem> {
    const root = join(mkdtempSync(join(tmpdir(), 'crosspoint-system-')), 'root');
    await output(join(ROOT, 'test/packages/root.sh'), [root]);
    mkdirSync(join(root, 'packages'));
    return new CleanSystem(root);
  }

  /** Puts a file of this machine into `/packages`. @returns its path there */
  put(file: string): string {
    const path = join('/packages', basename(file));
    cpSync(file, join(this.root, path));
    return path;
  }

  /** Runs a program in it, before it is started, with the network of this machine. */
  async prepare(...command: readonly string[]): Promise<string> {
    return output('systemd-nspawn', [
      ...['--quiet', '--register=no', '--keep-unit', '--console=pipe', '--directory', this.root],
      ...['--resolv-conf=bind-host', `--bind=${ARCHIVES}:/var/cache/apt/archives`],
      ...ENVIRONMENT,
      ...command,
    ]);
  }

  /** Starts it, and waits until systemd says that everything runs. */
  async boot(): Promise<void> {
    const nspawn = spawn(
      'systemd-nspawn',
      [
        ...['--quiet', '--register=no', '--keep-unit', '--console=pipe', '--private-network', '--boot'],
        ...['--directory', this.root],
      ],
      {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
      },
    );
    this.#nspawn = nspawn;
    let said = '';
    for (const stream of [nspawn.stdout, nspawn.stderr])
      stream.on('data', (data: Buffer) => (said += String(data)));
    await this.until('its systemd runs', async () => {
      if (nspawn.exitCode !== null) throw new Error(`systemd-nspawn ended: ${said}`);
      this.#leader = leaderOf(nspawn.pid ?? 0);
      if (this.#leader === 0) return false;
      const { stdout } = await this.run('systemctl is-system-running');
      // A container lacks some hardware, which may fail a unit that is not ours.
      return /^(running|degraded)$/.test(stdout.trim());
    });
  }

  /** A shell's command line in the running system. */
  run(command: string, user?: { readonly name: string; readonly uid: number }): Promise<Answer> {
    const as = user
      ? ['setpriv', `--reuid=${user.uid}`, `--regid=${user.uid}`, '--init-groups', '--reset-env']
      : [];
    const runtime = user ? [`XDG_RUNTIME_DIR=/run/user/${user.uid}`] : [];
    const inside = ['--target', String(this.#leader), '--all', '--', ...ENVIRONMENT];
    return new Promise((resolve) => {
      execFile(
        'nsenter',
        [...inside, ...as, 'env', ...runtime, 'sh', '-c', `cd; ${command}`],
        { timeout: LIMIT_MS, maxBuffer: 32 * 1024 * 1024, encoding: 'utf8' },
        (error, stdout, stderr) => {
          const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
          resolve({ code, stdout, stderr });
        },
      );
    });
  }

  /** @throws with what it said, when it fails */
  async ok(command: string, user?: { readonly name: string; readonly uid: number }): Promise<string> {
    const { code, stdout, stderr } = await this.run(command, user);
    if (code !== 0) throw new Error(`${command} ended with ${code}: ${stdout}${stderr}`);
    return stdout.trim();
  }

  /** What runs in it. A small Debian has neither ps nor pgrep. */
  async programs(): Promise<Program[]> {
    const list = `for d in /proc/[0-9]*; do
      sed -n 's/^\\(Name\\|Pid\\|PPid\\|Uid\\):[[:space:]]*\\([^[:space:]]*\\).*/\\2/p' "$d/status" | tr '\\n' '|' &&
        tr '\\0\\n' '  ' < "$d/cmdline" && echo
    done 2>/dev/null; true`;
    return (await this.ok(list)).split('\n').flatMap((line) => {
      const [name = '', pid, parent, uid, ...command] = line.split('|');
      return uid === undefined || name === 'sh'
        ? []
        : [{ name, pid: Number(pid), parent: Number(parent), uid: Number(uid), command: command.join('|') }];
    });
  }

  async until(what: string, condition: () => Promise<boolean>, limitMs = 60_000): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!(await condition())) {
      if (performance.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  }

  /** Every file that a package or a program could leave behind, outside of homes, logs and the package system's own. */
  async files(): Promise<ReadonlySet<string>> {
    const apart = ['/proc', '/sys', '/dev', '/run', '/tmp', '/var/tmp', '/home', '/packages', '/var/log']
      .concat(['/var/cache', '/var/lib/dpkg', '/var/lib/apt', '/var/lib/systemd'])
      .map((path) => `-path ${path}`)
      .join(' -o ');
    return new Set((await this.ok(`find / \\( ${apart} \\) -prune -o -print`)).split('\n'));
  }

  async dispose(): Promise<void> {
    const nspawn = this.#nspawn;
    if (nspawn?.exitCode === null && nspawn.signalCode === null) {
      const gone = once(nspawn, 'close');
      // systemd-nspawn takes its container with it.
      nspawn.kill('SIGTERM');
      const kill = setTimeout(() => nspawn.kill('SIGKILL'), 20_000);
      await gone;
      clearTimeout(kill);
    }
    rmSync(join(this.root, '..'), { recursive: true, force: true });
  }
}

/** The first process of the container: the child of nspawn that is number 1 in a room of its own. */
function leaderOf(nspawn: number): number {
  try {
    const children = readdirSync(`/proc/${nspawn}/task`).flatMap((task) =>
      readFileSync(`/proc/${nspawn}/task/${task}/children`, 'utf8').trim().split(/\s+/),
    );
    const found = children
      .filter((pid) => pid !== '')
      .find((pid) => /^NSpid:\s+\d+\s+1$/m.test(readFileSync(`/proc/${pid}/status`, 'utf8')));
    return Number(found ?? 0);
  } catch {
    return 0;
  }
}
