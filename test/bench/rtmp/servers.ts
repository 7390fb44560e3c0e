import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ENGINE_FLAGS } from '../../../build/engine-flags.mjs';
import { delay } from '../../../electron/base/time.ts';
import { bundled } from '../support/bundled.ts';
import { desire, ingest } from '../video/desired.ts';
import { freePort } from '../../support/free-port.ts';

export interface BenchServer {
  readonly pid: number;
  readonly port: number;
  stop(): Promise<void>;
}

type Start = (directory: string, port: number) => Promise<ChildProcess>;

const NGINX_MODULE = '/usr/lib/nginx/modules/ngx_rtmp_module.so';
const NMS_VERSION = '4.4.3';

/** The video plane as it is shipped, with one ingest. */
const crosspoint: Start = (_, port) => {
  const file = fileURLToPath(new URL('../video/plane-process.ts', import.meta.url));
  const child = spawn(process.execPath, [...ENGINE_FLAGS, bundled(file), 'ingests', `${port}`], {
    ...{ cwd: path.dirname(file), stdio: ['pipe', 'ignore', 'inherit'] },
  });
  child.stdin.write(`${JSON.stringify({ desired: desire([ingest('bench')], {}) })}\n`);
  return Promise.resolve(child);
};

const nginx: Start = async (directory, port) => {
  const file = path.join(directory, 'nginx.conf');
  await writeFile(
    file,
    `load_module ${NGINX_MODULE};
daemon off; worker_processes 1; worker_rlimit_nofile 8192; user root;
pid ${directory}/nginx.pid; error_log ${directory}/nginx.log;
events { worker_connections 4096; }
rtmp { server { listen 127.0.0.1:${port}; chunk_size 65536; application live { live on; wait_key on; } } }
`,
  );
  return spawn('nginx', ['-p', directory, '-c', file], { stdio: ['pipe', 'ignore', 'ignore'] });
};

const nodeMediaServer: Start = async (directory, port) => {
  const home = path.join(directory, 'nms');
  const script = path.join(home, 'server.cjs');
  if (!existsSync(path.join(home, 'node_modules'))) {
    await mkdir(home, { recursive: true });
    await writeFile(path.join(home, 'package.json'), '{"private":true}');
    const npm = spawn('npm', ['install', '--no-audit', '--no-fund', `node-media-server@${NMS_VERSION}`], {
      ...{ cwd: home, stdio: 'ignore' },
    });
    const [code] = (await once(npm, 'exit')) as [number];
    if (code !== 0) throw new Error('node-media-server cannot be installed');
  }
  await writeFile(
    script,
    `const NodeMediaServer = require('node-media-server');
new NodeMediaServer({ bind: '127.0.0.1', notify: {}, auth: { play: false, publish: false }, rtmp: { port: ${port} }, logLevel: 'error' }).run();
`,
  );
  return spawn(process.execPath, [script], { cwd: home, stdio: ['pipe', 'ignore', 'ignore'] });
};

export const SERVERS: Readonly<Record<string, Start>> = { crosspoint, nginx, nms: nodeMediaServer };

export const isAvailable = (name: string): boolean =>
  name in SERVERS && (name !== 'nginx' || existsSync(NGINX_MODULE));

const canConnect = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    }).on('error', () => resolve(false));
  });

export async function startServer(name: string, directory: string): Promise<BenchServer> {
  const port = await freePort();
  const start = SERVERS[name];
  if (!start) throw new Error(`There is no server ${name}.`);
  const child = await start(directory, port);
  const exited = once(child, 'exit');
  for (let tries = 0; !(await canConnect(port)); tries++) {
    if (tries > 100 || child.exitCode !== null) throw new Error(`${name} does not start.`);
    await delay(100);
  }
  return {
    pid: child.pid ?? 0,
    port,
    async stop() {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
      await exited;
      clearTimeout(timer);
    },
  };
}
