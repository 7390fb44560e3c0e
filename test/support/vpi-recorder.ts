import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** Ends with this process, however that ends. */
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Record one of a sound server's sources (16 bits, 48 kHz, stereo) until `stop` is called. */
export function recordSource(source: string, env: NodeJS.ProcessEnv): { stop: () => Promise<Buffer> } {
  const child = spawn(
    'parec',
    ['-d', source, '--format=s16le', '--rate=48000', '--channels=2', '--latency-msec=50', '--raw'],
    { env, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  running.add(child);
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  return {
    stop: async () => {
      const exit = once(child, 'close');
      child.kill('SIGTERM');
      await exit;
      running.delete(child);
      return Buffer.concat(parts);
    },
  };
}
