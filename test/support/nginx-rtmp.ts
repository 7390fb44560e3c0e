import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from './pulse-wait.ts';
import { freePort } from './free-port.ts';

const MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';

export interface NginxRtmp {
  /** `rtmp://127.0.0.1:PORT` */
  readonly url: string;
  dispose(): Promise<void>;
}

/** A private nginx with the rtmp block of a configuration, whose `listen` gets a free port of 127.0.0.1. */
export async function startNginxRtmp(configuration: string): Promise<NginxRtmp> {
  const directory = await mkdtemp(join(tmpdir(), 'crosspoint-nginx-'));
  const port = await freePort();
  const rtmp = configuration.replace(/^(\s*listen) .*;$/m, `$1 127.0.0.1:${port};`);
  const log = join(directory, 'error.log');
  await writeFile(
    join(directory, 'nginx.conf'),
    `load_module ${MODULE};\ndaemon off;\nworker_processes 1;\npid ${directory}/nginx.pid;\nerror_log ${log} info;\nevents { worker_connections 256; }\n${rtmp}`,
  );
  const child = spawn('nginx', ['-e', log, '-p', directory, '-c', join(directory, 'nginx.conf')], {
    stdio: 'ignore',
  });
  let ended = false;
  const exited = new Promise<void>((resolve) => {
    for (const event of ['close', 'error'])
      child.once(event, () => {
        ended = true;
        resolve();
      });
  });
  const readLog = (): Promise<string> => readFile(log, 'utf8').catch(() => '');
  await eventually('nginx listens', async () => {
    if (ended) throw new Error(`nginx ended: ${await readLog()}`);
    return (await readLog()).includes('start worker process ');
  });
  return {
    url: `rtmp://127.0.0.1:${port}`,
    async dispose() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(timer);
      await rm(directory, { recursive: true, force: true });
    },
  };
}
