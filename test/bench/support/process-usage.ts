import { readdir, readFile } from 'node:fs/promises';

/** USER_HZ: the same on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

async function statOf(pid: number): Promise<{ parent: number; cpuSeconds: number } | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return {
      parent: Number(fields[1]),
      cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    };
  } catch {
    return undefined;
  }
}

async function family(pid: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(async (one) => ({ pid: one, stat: await statOf(one) })));
  return [pid, ...stats.filter(({ stat }) => stat?.parent === pid).map((one) => one.pid)];
}

/** User and system time of a process and its children so far. */
export async function cpuSeconds(pid: number): Promise<number> {
  const stats = await Promise.all((await family(pid)).map(statOf));
  return stats.reduce((sum, stat) => sum + (stat?.cpuSeconds ?? 0), 0);
}

/** Resident memory of a process and its children, in bytes. */
export async function rssBytes(pid: number): Promise<number> {
  const sizes = await Promise.all(
    (await family(pid)).map(async (one) => {
      const status = await readFile(`/proc/${one}/status`, 'utf8').catch(() => '');
      return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
