import { once } from 'node:events';
import { constants } from 'node:fs';
import { access, readFile, stat, statfs } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { type Finding } from './finding.ts';
import { ask } from './programs.ts';

const MB = 1024 * 1024;
const ENOUGH_MB = 200;

/** Room and rights where the state is kept. */
export async function checkDisk(stateDir: string): Promise<Finding> {
  const common = { id: 'disk', title: 'state' };
  // Not yet made: what counts is where it would be.
  let directory = stateDir;
  while ((await access(directory).catch(() => 'missing')) !== undefined && directory !== dirname(directory))
    directory = dirname(directory);
  if (!(await stat(directory)).isDirectory())
    return {
      ...common,
      state: 'failed',
      detail: `${directory} is a file: no state can be kept below it.`,
      hint: 'Give --state-dir another folder.',
    };
  try {
    await access(directory, constants.W_OK);
  } catch {
    return {
      ...common,
      state: 'failed',
      detail: `This user may not write to ${directory}.`,
      hint: 'Give --state-dir another folder, or change the rights of this one.',
    };
  }
  const { bavail, bsize } = await statfs(directory);
  const freeMb = Math.floor((bavail * bsize) / MB);
  return freeMb < ENOUGH_MB
    ? {
        ...common,
        state: 'warning',
        detail: `Only ${freeMb} MB are free on the disk of ${stateDir}.`,
        hint: 'Make room: changes cannot be saved on a full disk.',
      }
    : { ...common, state: 'ok', detail: `${stateDir}, ${freeMb} MB free.` };
}

/** Is a port free? @param ownUrl where our own engine has it, if it runs */
export async function checkPort(
  name: string,
  port: number,
  ownUrl: string | undefined,
  host = '127.0.0.1',
): Promise<Finding> {
  const common = { id: `port:${name}`, title: `${name} port` };
  if (ownUrl !== undefined) return { ...common, state: 'ok', detail: `Crosspoint listens on ${ownUrl}.` };
  const probe = createServer();
  try {
    probe.listen(port, host);
    await once(probe, 'listening');
    return { ...common, state: 'ok', detail: `${port} is free.` };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return {
      ...common,
      state: 'failed',
      detail:
        code === 'EADDRINUSE'
          ? `Another program listens on port ${port}.`
          : `Port ${port} cannot be listened on (${code ?? 'unknown'}).`,
      hint: `Give Crosspoint another one with --${name.toLowerCase()}. What has it: ss -ltnp 'sport = :${port}'`,
    };
  } finally {
    probe.close();
  }
}

/** Firewalls keep gadgets and publishers out without a word. */
export async function checkFirewall(ufwConfig = '/etc/ufw/ufw.conf'): Promise<Finding> {
  const common = { id: 'firewall', title: 'firewall' };
  const ufw = await readFile(ufwConfig, 'utf8').catch(() => '');
  if (/^ENABLED=yes/m.test(ufw))
    return {
      ...common,
      state: 'warning',
      detail: 'ufw is on: gadgets and publishers in the network may not get through.',
      hint: 'sudo ufw allow from 192.168.0.0/16 to any port 1935 proto tcp (RTMP), and the port of --audio-listen likewise.',
    };
  if ((await ask('systemctl', 'is-active', 'firewalld'))?.trim() === 'active')
    return {
      ...common,
      state: 'warning',
      detail: 'firewalld is on: gadgets and publishers in the network may not get through.',
      hint: 'sudo firewall-cmd --permanent --add-port=1935/tcp, and the port of --audio-listen likewise; then --reload.',
    };
  return { ...common, state: 'ok', detail: 'Neither ufw nor firewalld is on.' };
}

/** Nobody can have run this program before that. */
const EARLIEST = Date.UTC(2026, 0, 1);

export async function checkClock(now = Date.now()): Promise<Finding> {
  const common = { id: 'clock', title: 'clock' };
  const hint = 'Switch time synchronisation on: sudo timedatectl set-ntp true';
  if (now < EARLIEST)
    return { ...common, state: 'failed', detail: `The clock says ${new Date(now).toISOString()}.`, hint };
  const synchronised = await ask('timedatectl', 'show', '--property=NTPSynchronized', '--value');
  return synchronised?.trim() === 'no'
    ? { ...common, state: 'warning', detail: 'The clock is not synchronised.', hint }
    : { ...common, state: 'ok', detail: new Date(now).toISOString() };
}

/** The tray needs somebody who shows it. */
export async function checkTray(env: NodeJS.ProcessEnv): Promise<Finding> {
  const common = { id: 'tray', title: 'tray' };
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY)
    return { ...common, state: 'info', detail: 'There is no display: no window and no tray.' };
  const owner = await ask('busctl', '--user', 'status', 'org.kde.StatusNotifierWatcher');
  return owner === undefined
    ? {
        ...common,
        state: 'info',
        detail: 'This desktop shows no tray icons: closing the window quits Crosspoint.',
        hint: 'On GNOME, install the extension AppIndicator (gnome-shell-extension-appindicator).',
      }
    : { ...common, state: 'ok', detail: 'The desktop shows tray icons.' };
}
