import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { within } from '../../electron/base/time.ts';

export interface Reading {
  readonly rssBytes: number;
  readonly heldBytes: number;
  readonly connections: number;
}

/** A relay in its own process, whose memory can be read. */
export interface MeasuredServer {
  readonly pid: number;
  readonly port: number;
  read(): Promise<Reading>;
  stop(): Promise<void>;
}

export async function startMeasuredServer(port = 0): Promise<MeasuredServer> {
  const script = fileURLToPath(new URL('rtmp-server-process.ts', import.meta.url));
  const child = spawn(process.execPath, ['--expose-gc', '--import', 'tsx', script, `${port}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  const next = async <T>(): Promise<T> => {
    const [line] = (await within(20_000, 'a line of the server', once(lines, 'line'))) as [string];
    return JSON.parse(line) as T;
  };
  const ready = await next<{ port: number }>();
  return {
    pid: child.pid!,
    port: ready.port,
    read() {
      const reading = next<Reading>();
      child.stdin.write('\n');
      return reading;
    },
    async stop() {
      const exited = once(child, 'exit');
      child.stdin.end();
      await exited;
    },
  };
}
